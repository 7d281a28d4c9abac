import { Command } from 'commander';
import type { Deps, InputStream } from '../../src/cli/deps.js';
import { EXIT, EXIT_OF_ERROR, type Exit } from '../../src/cli/exit.js';
import { ToolError } from '../../src/errors.js';
import { describeError, errorToJson } from '../../src/terminal/error.js';
import { type CliRun, captureOutput } from './run-cli.js';

export type Register = (parent: Command, deps: Deps, finish: (code: Exit) => void) => void;

/** One command in a program of its own, errors told as `main` tells them. What commander refuses is thrown. */
export async function runCommand(
  register: Register,
  argv: readonly string[],
  deps: Partial<Deps>,
  terminal: { readonly columns?: number; readonly isTty?: boolean } = {},
): Promise<CliRun> {
  const stdout = captureOutput(terminal);
  const stderr = captureOutput(terminal);
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  let code: Exit = EXIT.ok;
  register(program, { stdin: NO_INPUT, stdout: stdout.stream, stderr: stderr.stream, ...deps } as Deps, (exit) => {
    code = exit;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    stderr.stream.write(argv.includes('--json') ? errorToJson(error) : describeError(error, stderr.stream));
    code = EXIT_OF_ERROR[error.kind];
  }
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

const NO_INPUT: InputStream = { isTty: false, chunks: async function* () {}, setRaw: () => undefined };
