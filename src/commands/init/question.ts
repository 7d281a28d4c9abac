import { ToolError } from '../../errors.js';
import type { Json } from '../../jws/json.js';
import type { Sourced } from '../../settings/setting.js';
import { escapeText } from '../../terminal/escape.js';
import type { Prompts } from '../../terminal/prompts.js';

/** One text to be known: by its flag, else from whoever sits at the terminal, else from what the settings say already. */
interface Question<T> {
  readonly flag: string;
  /** What the flag was given. */
  readonly given: string | undefined;
  /** What it is, as the start of a sentence about a wrong answer: `the bundle id`. */
  readonly title: string;
  readonly message: string;
  /** What holds so far, as it would be typed; null where nothing does. */
  readonly known: string | null;
  /** Throws a ToolError that names the source it is given. */
  readonly parse: (raw: Sourced<Json>) => T;
}

/** Without prompts (off a terminal) what is known counts; where nothing is, throws `ERR_INIT_MISSING` that names the flag. */
export async function answer<T>(question: Question<T>, prompts: Prompts | null): Promise<T> {
  const { flag, given, title, message, known, parse } = question;
  if (given !== undefined) return parse(from(flag, given));
  if (prompts === null) {
    if (known === null) throw missing([flag]);
    return parse(from(flag, known));
  }
  const validate = (text: string): string | null => defectOf(() => parse(from(title, text)));
  const text = await prompts.input({ message, validate, ...(known === null ? {} : { default: escapeText(known) }) });
  return parse(from(title, text));
}

/** The error of a run that has nobody to ask: which flags would have answered. */
export function missing(flags: readonly string[], hint?: string): ToolError {
  const [last = '', ...others] = flags.toReversed();
  const list = others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`;
  const message = `${list} ${others.length === 0 ? 'is' : 'are'} missing, and there is no terminal to ask on`;
  return new ToolError('usage', 'ERR_INIT_MISSING', message, { hint: hint ?? 'See storewire init --help' });
}

/** What is wrong with an answer, as a prompt shows it; null where nothing is. */
function defectOf(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (error) {
    return describeDefect(error);
  }
}

export function describeDefect(error: unknown): string {
  if (!(error instanceof ToolError) || error.kind === 'interrupted') throw error;
  return escapeText(error.hint === undefined ? error.message : `${error.message}. ${error.hint}`);
}

function from(name: string, value: string): Sourced<Json> {
  return { value, source: { kind: 'flag', name } };
}
