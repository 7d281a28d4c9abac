/**
 * Category of an error; the command line maps each kind to one exit code.
 * `usage`: flags, arguments, unreadable input, settings. `auth`: credentials missing or rejected. `remote`: a remote service
 * failed or was unreachable. `pending`: no verdict before the deadline. `interrupted`: stopped before a result.
 */
export type ErrorKind = 'usage' | 'auth' | 'remote' | 'pending' | 'interrupted';

/**
 * The only error this tool throws on purpose, for a run without a result. A negative verdict is a value and is never thrown.
 * `code` is stable (`ERR_<AREA>_<DEFECT>`); `message` names the failure and its object; `hint` is the next thing to type.
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

/** Error for a run stopped by a signal or Ctrl-C: exit 130, nothing printed. `message` appears in stacks and to library callers only. */
export function interrupted(message = 'interrupted'): ToolError {
  return new ToolError('interrupted', 'ERR_INTERRUPTED', message);
}
