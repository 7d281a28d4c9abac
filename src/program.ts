import { Command, type Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { Deps, OutputStream } from './cli/deps.js';
import type { Exit } from './cli/exit.js';
import { colourOption, HELP_WIDTH, withExamples } from './cli/options.js';
import { type ColourChoice, colourLevel } from './terminal/colour.js';

type Register = (parent: Command, deps: Deps, finish: (code: Exit) => void) => void;

/** Every command, in help order. Each is loaded on first use: start-up pays for one, not for all. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  decode: async () => (await import('./commands/decode/command.js')).registerDecode,
  verify: async () => (await import('./commands/verify/command.js')).registerVerify,
  listen: async () => (await import('./commands/listen/command.js')).registerListen,
  replay: async () => (await import('./commands/replay/command.js')).registerReplay,
  journal: async () => (await import('./commands/journal/command.js')).registerJournal,
  trigger: async () => (await import('./commands/trigger/command.js')).registerTrigger,
  audit: async () => (await import('./commands/audit/command.js')).registerAudit,
  emulator: async () => (await import('./commands/emulator/command.js')).registerEmulator,
  authority: async () => (await import('./commands/authority/command.js')).registerAuthority,
  test: async () => (await import('./commands/test-notification/test-command.js')).registerTest,
  status: async () => (await import('./commands/test-notification/status-command.js')).registerStatus,
  history: async () => (await import('./commands/history/command.js')).registerHistory,
  check: async () => (await import('./commands/check/command.js')).registerCheck,
  endpoint: async () => (await import('./commands/endpoint/command.js')).registerEndpoint,
  explain: async () => (await import('./commands/explain/command.js')).registerExplain,
  init: async () => (await import('./commands/init/command.js')).registerInit,
  config: async () => (await import('./commands/config/command.js')).registerConfig,
  demo: async () => (await import('./commands/demo/command.js')).registerDemo,
  completion: async () => {
    const { completionRuns, registerCompletion } = await import('./commands/completion/command.js');
    return (parent, deps, finish) => registerCompletion(parent, deps, finish, completionRuns(buildProgram));
  },
};

/** The command tree for one command line: all of it for help and for mistakes. `finish` takes the exit code of the command that ran. */
export async function buildProgram(
  argv: readonly string[],
  deps: Deps,
  finish: (code: Exit) => void,
): Promise<Command> {
  const named = commandOf(argv);
  const program = buildRoot(deps);
  // Not beside a command: `endpoint set` has a --version of its own, and commander would take it for this one.
  if (named === undefined) program.version(packageJson.version, '--version', 'print the version');
  if (argv[0] === '--version') return program;
  for (const load of named === undefined ? Object.values(COMMANDS) : [named]) (await load())(program, deps, finish);
  return program;
}

/** Of the command that is named, also behind `--color`; undefined where none is. */
function commandOf([first = '', ...rest]: readonly string[]): (() => Promise<Register>) | undefined {
  if (first === '--color') return commandOf(rest.slice(1));
  if (first.startsWith('--color=')) return commandOf(rest);
  return Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
}

function buildRoot(deps: Deps): Command {
  const program = new Command('storewire')
    .description(packageJson.description)
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .addOption(colourOption())
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: HELP_WIDTH, optionDescription: describeOption })
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      outputError: () => undefined,
    })
    .hook('preAction', (_program, command) => paintStreams(command.optsWithGlobals().color as ColourChoice, deps));
  withExamples(program, [
    ['storewire decode payload.json', 'what a notification says'],
    ['storewire verify payload.json', 'whether Apple signed it'],
    ['pbpaste | storewire verify', 'the same, from the clipboard'],
  ]);
  return program;
}

/** Without `(default: false)`: a switch that is not given is off. */
function describeOption({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const known =
    defaultValue === undefined || defaultValue === false ? undefined : (defaultValueDescription ?? defaultValue);
  const notes = [
    ...(argChoices === undefined ? [] : [argChoices.join(', ')]),
    ...(known === undefined || Array.isArray(known) ? [] : [`default: ${known}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}

function paintStreams(choice: ColourChoice, deps: Deps): void {
  const paint = (stream: OutputStream): void => {
    stream.paint.level = colourLevel(choice, deps.env, stream.isTty);
  };
  paint(deps.stdout);
  paint(deps.stderr);
}
