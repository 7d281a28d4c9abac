import type { ToolError } from '../errors.js';
import { describeError, errorToJson } from '../terminal/error.js';
import type { OutputStream } from './deps.js';

/** Writes an error to stderr, as text or as one JSON line; `--quiet` does not silence it. */
export function writeError(
  error: Pick<ToolError, 'code' | 'message' | 'hint'>,
  { json }: { readonly json: boolean },
  stderr: OutputStream,
): void {
  const stream = stderr.forErrors ?? stderr;
  stream.write(json ? errorToJson(error) : describeError(error, stream));
}
