import { CommanderError } from 'commander';
import type { Deps } from './cli/deps.js';
import { writeError } from './cli/error-output.js';
import { EXIT, EXIT_OF_ERROR, type Exit } from './cli/exit.js';
import { ToolError } from './errors.js';
import { buildProgram, commandNameIn } from './program.js';

/**
 * Runs one command line (`argv` without node and script) and resolves with its exit code, after everything written has been handed on.
 * The one place where an error becomes words and a code; what nobody foresaw is thrown on to the shim.
 */
export async function main(argv: readonly string[], deps: Deps): Promise<Exit> {
  let code: Exit = EXIT.ok;
  try {
    const program = await buildProgram(argv, deps, (exit) => {
      code = exit;
    });
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    code = tell(error, argv, deps);
  }
  await deps.stdout.drained();
  if (deps.stdout.closed.reason instanceof Error) code = tell(unwritten(deps.stdout.closed.reason), argv, deps);
  await deps.stderr.drained();
  return code;
}

/** A full disk, most often. What was not written is no answer, whatever it was. */
function unwritten(cause: NodeJS.ErrnoException): ToolError {
  return new ToolError(
    'usage',
    'ERR_OUTPUT_WRITE',
    `standard output cannot be written: ${cause.code ?? cause.message}`,
    {
      hint: 'Free some space, or send the output elsewhere.',
      cause,
    },
  );
}

function tell(error: unknown, argv: readonly string[], deps: Deps): Exit {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  // Without a command: the help is on stderr already, and says all there is to say.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
  const known = error instanceof CommanderError ? usageError(error, argv) : error;
  if (!(known instanceof ToolError)) throw error;
  if (known.kind !== 'interrupted') writeError(known, { json: wantsJson(argv) }, deps.stderr);
  return EXIT_OF_ERROR[known.kind];
}

/** Asked of argv itself: when parsing failed, no options were parsed. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

/** commander.unknownOption -> ERR_USAGE_UNKNOWN_OPTION; its text ends in the nearest match where there is one. */
function usageError(error: CommanderError, argv: readonly string[]): ToolError {
  const code = `ERR_USAGE_${error.code
    .replace(/^commander\./, '')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const command = commandNameIn(argv);
  const help = command === undefined ? 'storewire help' : `storewire help ${command}`;
  const hint = suggestion === undefined ? `See ${help}` : `${suggestion.replace(/^\((.*)\)$/, '$1')} See ${help}`;
  return new ToolError('usage', code, message, { hint, cause: error });
}
