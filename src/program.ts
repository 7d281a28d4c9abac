import { Command, type Help, type Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { Deps } from './cli/deps.js';
import { EXIT, type Exit } from './cli/exit.js';
import { applyGlobalFlags, type GlobalFlags, type MutableDeps } from './cli/global-flags.js';
import { addGlobalFlags, skipGlobalFlags } from './cli/global-options.js';
import { HELP_WIDTH } from './cli/options.js';

/** Takes the function that ends the report of `--debug`. */
type OnDebug = (stop: () => void) => void;

type Register = (parent: Command, deps: Deps, finish: (code: Exit) => void) => void;

/** Every command, each loaded on first use: start-up pays for one, not for all. The root help names them in `commands/help/root.ts`. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  decode: async () => (await import('./commands/decode/command.js')).registerDecode,
  verify: async () => (await import('./commands/verify/command.js')).registerVerify,
  listen: async () => (await import('./commands/listen/command.js')).registerListen,
  inspect: async () => (await import('./commands/inspect/command.js')).registerInspect,
  replay: async () => (await import('./commands/replay/command.js')).registerReplay,
  journal: async () => (await import('./commands/journal/command.js')).registerJournal,
  trigger: async () => (await import('./commands/trigger/command.js')).registerTrigger,
  audit: async () => (await import('./commands/audit/command.js')).registerAudit,
  emulator: async () => (await import('./commands/emulator/command.js')).registerEmulator,
  authority: async () => (await import('./commands/authority/command.js')).registerAuthority,
  test: async () => (await import('./commands/test-notification/test-command.js')).registerTest,
  status: async () => (await import('./commands/test-notification/status-command.js')).registerStatus,
  timeline: async () => (await import('./commands/timeline/command.js')).registerTimeline,
  lookup: async () => (await import('./commands/lookup/command.js')).registerLookup,
  history: async () => (await import('./commands/history/command.js')).registerHistory,
  check: async () => (await import('./commands/check/command.js')).registerCheck,
  endpoint: async () => (await import('./commands/endpoint/command.js')).registerEndpoint,
  explain: async () => (await import('./commands/explain/command.js')).registerExplain,
  init: async () => (await import('./commands/init/command.js')).registerInit,
  config: async () => (await import('./commands/config/command.js')).registerConfig,
  demo: async () => (await import('./commands/demo/command.js')).registerDemo,
  completion: async () => {
    const { completionRuns, registerCompletion } = await import('./commands/completion/command.js');
    return (parent, deps, finish) => registerCompletion(parent, deps, finish, completionRuns(buildWholeProgram));
  },
  help: async () => {
    const { helpRun, registerHelp } = await import('./commands/help/command.js');
    return (parent, deps, finish) => registerHelp(parent, deps, finish, helpRun(buildWholeProgram));
  },
  commands: async () => {
    const { commandsRun, registerCommands } = await import('./commands/command-list/command.js');
    return (parent, deps, finish) => registerCommands(parent, deps, finish, commandsRun(buildWholeProgram));
  },
  version: async () => (parent, deps, finish) => {
    parent
      .command('version')
      .description('Print the version')
      .action(() => {
        deps.stdout.write(`${packageJson.version}\n`);
        finish(EXIT.ok);
      });
  },
};

/** The name of the command that a command line names, global flags before it skipped; undefined where it names none. */
export function commandNameIn(argv: readonly string[]): string | undefined {
  const [first = ''] = skipGlobalFlags(argv);
  return Object.hasOwn(COMMANDS, first) ? first : undefined;
}

/**
 * The command tree for one command line. Of the commands only the named one is loaded; where none is named, the others are names without
 * content, for the root help and for suggestions. `finish` takes the exit code of the command that ran.
 */
export async function buildProgram(
  argv: readonly string[],
  given: Deps,
  finish: (code: Exit) => void,
  onDebug: OnDebug = () => undefined,
): Promise<Command> {
  const deps: MutableDeps = { ...given };
  const program = buildRoot(deps, onDebug);
  const name = commandNameIn(argv);
  if (name !== undefined) {
    await load(name, program, deps, finish);
    return program;
  }
  const { ROOT_HELP } = await import('./commands/help/root.js');
  for (const each of Object.keys(COMMANDS)) program.command(each);
  program.helpInformation = () => ROOT_HELP;
  // Only without a command: commander would take the --version of `endpoint set` for this one.
  return program.version(packageJson.version, '-V, --version', 'Print the version');
}

/** {@link buildProgram} with the content of every command where none is named: for completion, help and lists. */
async function buildWholeProgram(argv: readonly string[], given: Deps, finish: () => void): Promise<Command> {
  if (commandNameIn(argv) !== undefined) return buildProgram(argv, given, finish);
  const deps: MutableDeps = { ...given };
  const program = buildRoot(deps, () => undefined);
  for (const name of Object.keys(COMMANDS)) await load(name, program, deps, finish);
  return program;
}

async function load(name: string, program: Command, deps: Deps, finish: (code: Exit) => void): Promise<void> {
  const register = await COMMANDS[name]!();
  register(program, deps, finish);
  for (const command of program.commands) addVerbose(command);
}

const EFFECTIVE_SETTINGS = 'Show the effective settings too (stderr)';

/** `-v` for every command that prints something and has no `-v` of its own. */
function addVerbose(command: Command): void {
  for (const each of command.commands) addVerbose(each);
  const isGroup = command.commands.length > 0 && command.registeredArguments.length === 0;
  if (isGroup || command.options.some(({ long }) => long === '--verbose')) return;
  command.option('-v, --verbose', EFFECTIVE_SETTINGS, false);
}

function buildRoot(deps: MutableDeps, onDebug: OnDebug): Command {
  const program = addGlobalFlags(new Command('storewire'))
    .description(packageJson.description)
    .usage('<command> [options]')
    .helpOption('-h, --help', 'Show help')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({
      helpWidth: HELP_WIDTH,
      showGlobalOptions: true,
      optionDescription: describeOption,
      visibleGlobalOptions,
    })
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      outputError: () => undefined,
    })
    .hook('preAction', async (root, command) => {
      const flags: GlobalFlags = root.opts();
      await applyGlobalFlags(flags, deps);
      if (flags.verbose) await applyVerbose(command, deps);
      if (flags.debug) onDebug(await startDebug(flags, deps));
    });
  return program;
}

/** Threads have no part in the report, so that all work stays in this one. */
async function startDebug({ debugBody = false }: GlobalFlags, deps: MutableDeps): Promise<() => void> {
  const { reportHttp } = await import('./cli/http-debug.js');
  deps.startWorker = null;
  return reportHttp({ hasBodies: debugBody }, deps);
}

/** Commander parses -v as a flag of the program: passes it on to the command. */
async function applyVerbose(command: Command, deps: Deps): Promise<void> {
  const option = command.options.find(({ long }) => long === '--verbose');
  command.setOptionValue('verbose', true);
  if (option?.description !== EFFECTIVE_SETTINGS) return;
  const { describeEffectiveSettings } = await import('./session/effective-settings.js');
  deps.stderr.write(describeEffectiveSettings(command.opts(), deps));
}

function visibleGlobalOptions(this: Help, command: Command): Option[] {
  return command.parent === null ? [] : this.visibleOptions(rootOf(command)).filter(({ long }) => long !== '--help');
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
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
