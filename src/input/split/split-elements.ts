import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, TOKEN_START } from './bytes.js';
import { dropBytes, emitOversize, emitUnit, type SplitState, type SplitStep, skipBlank, skipUnit } from './state.js';

/** A larger element is counted, not kept. */
const MAX_ELEMENT_BYTES = 16 * 1024 * 1024;

/**
 * Splits a JSON value that is too large for memory: an array into its elements; an object into its members, and arrays among them into
 * their elements. The value itself may be of any length. `asText`: the step for malformed JSON.
 */
export function splitElements(afterwards: SplitStep, asText: SplitStep): SplitStep {
  function inContainer(state: SplitState): SplitStep | null {
    if (!skipBlank(state)) return null;
    const byte = state.view[state.start]!;
    if (byte === COMMA || byte === COLON) return passByte(state, byte === COLON);
    if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE)
      return close(state, byte === CLOSE_BRACKET ? 'array' : 'object');
    if (byte === OPEN_BRACKET && state.containers.length === 1 && state.hasKey) return open(state, 'array');
    state.scanner.begin(state.start);
    return state.containers.at(-1) === 'object' && !state.hasKey ? inKey : inElement;
  }

  function passByte(state: SplitState, hasKey: boolean): SplitStep {
    state.start += 1;
    state.hasKey = hasKey;
    return inContainer;
  }

  function open(state: SplitState, container: 'array' | 'object'): SplitStep {
    state.containers.push(container);
    return passByte(state, false);
  }

  function close(state: SplitState, container: 'array' | 'object'): SplitStep {
    if (state.containers.pop() !== container) return asText;
    passByte(state, false);
    return state.containers.length === 0 ? afterwards : inContainer;
  }

  function inKey(state: SplitState): SplitStep | null {
    const scan = state.scanner.run(state.view);
    if (scan === 'more' && !state.final && state.view.length - state.start <= MAX_ELEMENT_BYTES) return null;
    if (scan !== 'end') return asText;
    state.isPayloadKey = isPayloadKey(state.view, state.start, state.scanner.at);
    skipUnit(state, state.scanner.at, 0, false);
    return inContainer;
  }

  function inElement(state: SplitState): SplitStep | null {
    const { scanner, view, final } = state;
    const scan = scanner.run(view);
    if (scan === 'more' && !final) return view.length - state.start > MAX_ELEMENT_BYTES ? inHugeElement : null;
    if (scan !== 'end') return asText;
    if (isWorthAUnit(state)) emitUnit(state, scanner.damaged ? 'text' : 'json', scanner.at, scanner.lines);
    else skipUnit(state, scanner.at, scanner.lines, false);
    state.hasKey = false;
    return inContainer;
  }

  function inHugeElement(state: SplitState): SplitStep | null {
    const { scanner, view, final } = state;
    const scan = scanner.run(view);
    if (scan === 'more' && !final) {
      dropBytes(state, Math.min(scanner.at, view.length), 0);
      return null;
    }
    emitOversize(state, Math.min(scanner.at, view.length), scanner.lines);
    state.hasKey = false;
    return scan === 'end' ? inContainer : asText;
  }

  return (state) => {
    state.containers = [];
    return open(state, state.view[state.start] === OPEN_BRACKET ? 'array' : 'object');
  };
}

const PAYLOAD_KEY = '"signedpayload"';

/** Any value of this key is a claim. */
function isPayloadKey(view: Buffer, start: number, end: number): boolean {
  return end - start === PAYLOAD_KEY.length && view.toString('latin1', start, end).toLowerCase() === PAYLOAD_KEY;
}

/** Numbers and literals are never claims; a string is one in an array, and as a member only where it is a token or named as one. */
function isWorthAUnit({ view, start, containers, isPayloadKey }: SplitState): boolean {
  const byte = view[start];
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return true;
  if (byte !== QUOTE) return false;
  return containers.at(-1) === 'array' || isPayloadKey || view.subarray(start + 1, start + 4).equals(TOKEN_START);
}
