/**
 * What went wrong, as far as the caller's next step goes; the command line maps each kind to one exit code.
 * `usage`: flags, arguments, unreadable input, settings. `auth`: credentials missing or refused. `remote`: the other side
 * failed or could not be asked. `pending`: no verdict before the deadline. `interrupted`: stopped before an answer.
 */
export type ErrorKind = 'usage' | 'auth' | 'remote' | 'pending' | 'interrupted';

/**
 * The one error this tool throws on purpose: there is no answer, and here is why. A "no" is never thrown.
 * `code` is stable (`ERR_<AREA>_<DEFECT>`); `message` says what failed, on what; `hint` is the next thing to type.
 */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.hint = options.hint;
  }
}

/** The run was stopped by a signal or by Ctrl-C: exit 130, and nothing is printed. `message` is for stacks and callers of the library. */
export function interrupted(message = 'interrupted'): ToolError {
  return new ToolError('interrupted', 'ERR_INTERRUPTED', message);
}
