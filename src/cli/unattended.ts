import { ToolError } from '../errors.js';
import type { Deps, OutputStream } from './deps.js';

/** Input and prompts for `--no-input`: a pipe is read as before, and a question is a usage error. */
export function unattended({ stdin }: Pick<Deps, 'stdin'>): Pick<Deps, 'stdin' | 'prompts'> {
  const refuse = (): never => {
    throw new ToolError('usage', 'ERR_USAGE_NO_INPUT', 'no input given, and prompts are off', {
      hint: 'Pass a file, a payload or -, or pipe it in; or leave out --no-input, --quiet and CI.',
    });
  };
  return {
    stdin: stdin.isTty ? { isTty: false, isPiped: false, chunks: refuse, setRaw: () => undefined } : stdin,
    prompts: async () => refuse(),
  };
}

/** A stream for `--quiet`: drops notes, warnings and progress. Errors go to `forErrors`. */
export function silenced(stderr: OutputStream): OutputStream {
  const { isTty, columns, paint, closed } = stderr;
  return { isTty, columns, paint, closed, write: () => undefined, drained: () => stderr.drained(), forErrors: stderr };
}
