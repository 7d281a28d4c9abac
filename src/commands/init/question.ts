import { ToolError } from '../../errors.js';
import type { Json } from '../../jws/json.js';
import type { Sourced } from '../../settings/setting.js';
import { escapeText } from '../../terminal/escape.js';
import type { Prompts } from '../../terminal/prompts.js';

/** One value: from its flag, else from a prompt, else from existing settings. */
interface Question<T> {
  readonly flag: string;
  /** Value of the flag. */
  readonly given: string | undefined;
  /** Subject of error messages: `the bundle id`. */
  readonly title: string;
  readonly message: string;
  /** Existing value, as typed; null if none. */
  readonly known: string | null;
  /** Throws a ToolError that names the source it is given. */
  readonly parse: (raw: Sourced<Json>) => T;
}

/** Resolves a value. Without prompts the existing value is used; throws `ERR_INIT_MISSING` with the flag if there is none. */
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

/** Error for missing values without a terminal; names the flags. */
export function missing(flags: readonly string[], hint?: string): ToolError {
  const [last = '', ...others] = flags.toReversed();
  const list = others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`;
  const message = `missing: ${list} (no terminal for prompts)`;
  return new ToolError('usage', 'ERR_INIT_MISSING', message, { hint: hint ?? 'See storewire init --help' });
}

/** Defect of an input for the prompt; null if valid. */
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
