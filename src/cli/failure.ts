import { type Command, CommanderError } from 'commander';
import { ToolError } from '../errors.js';
import type { Deps } from './deps.js';
import { writeError } from './error-output.js';
import { EXIT, EXIT_OF_ERROR, type Exit } from './exit.js';

/** A command line that ended in an error. */
interface FailedRun {
  readonly argv: readonly string[];
  /** The name of the command; undefined where none was named. */
  readonly command?: string | undefined;
  /** The command tree; absent where it could not be built. */
  readonly program?: Command;
}

/** Writes an error to stderr and returns its exit code. An error that nothing here throws on purpose is thrown on, for the shim. */
export function reportFailure(error: unknown, run: FailedRun, { stderr }: Pick<Deps, 'stderr'>): Exit {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  // No command was named: the help is on stderr already.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
  const known = error instanceof CommanderError ? usageError(error, run) : error;
  if (!(known instanceof ToolError)) throw error;
  if (known.kind !== 'interrupted') writeError(known, { json: wantsJson(run.argv) }, stderr);
  return EXIT_OF_ERROR[known.kind];
}

/** The error of a stdout that failed, most often on a full disk: whatever was not written is no answer. */
export function outputError(cause: NodeJS.ErrnoException): ToolError {
  const message = `standard output cannot be written: ${cause.code ?? cause.message}`;
  return new ToolError('usage', 'ERR_OUTPUT_WRITE', message, {
    hint: 'Free disk space, or redirect the output elsewhere.',
    cause,
  });
}

/** Reads argv itself, because no flags are known where parsing failed. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

/** commander.unknownOption becomes ERR_USAGE_UNKNOWN_OPTION. Its message ends in the nearest match where there is one. */
function usageError(error: CommanderError, run: FailedRun): ToolError {
  const code = `ERR_USAGE_${error.code
    .replace(/^commander\./, '')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const help = `See ${['storewire help', ...commandPath(run)].join(' ')}`;
  const hint = suggestion === undefined ? help : `${suggestion.replace(/^\((.*)\)$/, '$1')} ${help}`;
  return new ToolError('usage', code, message, { hint, cause: error });
}

/** Names of the command and its subcommand, as typed: `journal`, `show`. */
function commandPath({ argv, command, program }: FailedRun): readonly string[] {
  if (command === undefined) return [];
  const words = argv.slice(argv.indexOf(command) + 1);
  const subcommands = program?.commands.find((each) => each.name() === command)?.commands ?? [];
  const subcommand = subcommands.find((each) => each.name() === words[0]);
  return subcommand === undefined ? [command] : [command, subcommand.name()];
}
