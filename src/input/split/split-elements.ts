import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, TOKEN_START } from './bytes.js';
import { dropBytes, emitOversize, emitUnit, type SplitState, type Step, skipBlank, skipUnit } from './state.js';

/** An element beyond this is counted, not kept. */
const MAX_ELEMENT_BYTES = 16 * 1024 * 1024;

/**
 * How a JSON value too large to hold is cut: an array into its elements; an object into its members, and the arrays among them into theirs.
 * What it holds is not held together any more, so that it may be as long as a disk.
 */
export function cutElements(afterwards: Step, asText: Step): Step {
  function inContainer(cutting: SplitState): Step | null {
    if (!skipBlank(cutting)) return null;
    const byte = cutting.view[cutting.start]!;
    if (byte === COMMA || byte === COLON) return passByte(cutting, byte === COLON);
    if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE)
      return close(cutting, byte === CLOSE_BRACKET ? 'array' : 'object');
    if (byte === OPEN_BRACKET && cutting.around.length === 1 && cutting.hasKey) return open(cutting, 'array');
    cutting.scanner.begin(cutting.start);
    return cutting.around.at(-1) === 'object' && !cutting.hasKey ? inKey : inElement;
  }

  function passByte(cutting: SplitState, hasKey: boolean): Step {
    cutting.start += 1;
    cutting.hasKey = hasKey;
    return inContainer;
  }

  function open(cutting: SplitState, container: 'array' | 'object'): Step {
    cutting.around.push(container);
    return passByte(cutting, false);
  }

  function close(cutting: SplitState, container: 'array' | 'object'): Step {
    if (cutting.around.pop() !== container) return asText;
    passByte(cutting, false);
    return cutting.around.length === 0 ? afterwards : inContainer;
  }

  function inKey(cutting: SplitState): Step | null {
    const scan = cutting.scanner.run(cutting.view);
    if (scan === 'more' && !cutting.final && cutting.view.length - cutting.start <= MAX_ELEMENT_BYTES) return null;
    if (scan !== 'end') return asText;
    cutting.isPayloadKey = isPayloadKey(cutting.view, cutting.start, cutting.scanner.at);
    skipUnit(cutting, cutting.scanner.at, 0, false);
    return inContainer;
  }

  function inElement(cutting: SplitState): Step | null {
    const { scanner, view, final } = cutting;
    const scan = scanner.run(view);
    if (scan === 'more' && !final) return view.length - cutting.start > MAX_ELEMENT_BYTES ? inHugeElement : null;
    if (scan !== 'end') return asText;
    if (isWorthAUnit(cutting)) emitUnit(cutting, scanner.damaged ? 'text' : 'json', scanner.at, scanner.lines);
    else skipUnit(cutting, scanner.at, scanner.lines, false);
    cutting.hasKey = false;
    return inContainer;
  }

  function inHugeElement(cutting: SplitState): Step | null {
    const { scanner, view, final } = cutting;
    const scan = scanner.run(view);
    if (scan === 'more' && !final) {
      dropBytes(cutting, Math.min(scanner.at, view.length), 0);
      return null;
    }
    emitOversize(cutting, Math.min(scanner.at, view.length), scanner.lines);
    cutting.hasKey = false;
    return scan === 'end' ? inContainer : asText;
  }

  return (cutting) => {
    cutting.around = [];
    return open(cutting, cutting.view[cutting.start] === OPEN_BRACKET ? 'array' : 'object');
  };
}

const PAYLOAD_KEY = '"signedpayload"';

/** What it names is claimed to be a payload, whatever it looks like. */
function isPayloadKey(view: Buffer, start: number, end: number): boolean {
  return end - start === PAYLOAD_KEY.length && view.toString('latin1', start, end).toLowerCase() === PAYLOAD_KEY;
}

/** Numbers and literals hold no payload; a string does in an array, and as a member only where it is a token or called one. */
function isWorthAUnit({ view, start, around, isPayloadKey }: SplitState): boolean {
  const byte = view[start];
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return true;
  if (byte !== QUOTE) return false;
  return around.at(-1) === 'array' || isPayloadKey || view.subarray(start + 1, start + 4).equals(TOKEN_START);
}
