import { ToolError } from '../errors.js';
import { findInputs, type Input, type InputDeps } from '../input/sources.js';
import { escapeText } from '../terminal/escape.js';
import type { Unreadable } from './job.js';

/** The error of an input in which nothing claims to be a payload, `ERR_INPUT_NO_PAYLOAD`: what it is instead, where that is recognised. */
export function noPayload(
  inputs: readonly string[],
  { recognised, unread, firstUnread, foreign, foreignAlg }: Unreadable,
  deps: InputDeps,
): ToolError {
  if (recognised !== null) {
    const { source, title, explanation, hint, facts } = recognised;
    const details = facts.map(({ label, value }) => `${label} ${escapeText(value)}`).join(', ');
    const message = `${source} is ${title}, not a signed payload: ${lowerFirst(explanation)}`;
    return new ToolError('usage', 'ERR_INPUT_NO_PAYLOAD', details === '' ? message : `${message} It says: ${details}`, {
      hint,
    });
  }
  const [first, ...rest] = findInputs(inputs, deps);
  const where = rest.length > 0 ? 'the inputs' : first === undefined ? 'the input' : nameOf(first);
  const others = foreign > 0 ? `; ${foreign} JWTs in it are not Apple's (alg ${foreignAlg})` : '';
  const seen = unread > 0 ? `; ${escapeText(firstUnread ?? '')} has signs of a token that could not be read` : '';
  return new ToolError('usage', 'ERR_INPUT_NO_PAYLOAD', `no payload found in ${where}${others}${seen}`, {
    hint: 'Pass the value of signedPayload, the JSON body that contains it, or a file of either.',
  });
}

/** The first word may be a name, which keeps its capital. */
function lowerFirst(text: string): string {
  return /^(?:A|An|Header|It|Its|Letter|Payloads?|The|They) /.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}

function nameOf(input: Input): string {
  switch (input.type) {
    case 'literal':
      return 'the argument';
    case 'stdin':
      return 'standard input';
    case 'paste':
      return 'the paste';
    case 'file':
    case 'folder':
      return input.name;
  }
}
