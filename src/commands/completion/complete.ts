import type { Argument, Command, Option } from 'commander';
import type { LoadProgram } from '../../cli/command-tree.js';
import { type Candidate, type Completion, NO_VALUES } from '../../cli/completion.js';
import type { Deps } from '../../cli/deps.js';
import { valuesOf } from './answer.js';

/**
 * Candidates for the last of `words`, which do not include the program; it is empty where no word was begun. Only
 * the command that is named is loaded, so that Tab answers at once.
 */
export async function complete(words: readonly string[], deps: Deps, loadProgram: LoadProgram): Promise<Completion> {
  const program = await loadProgram(words.slice(0, -1), deps, () => undefined);
  const position = findPosition(program, words);
  const begun = words.at(-1) ?? '';
  if (position.expects === 'flag') return { candidates: flagsAt(position), files: false };
  if (position.expects === 'word') return wordAt(position, begun, deps);
  const { option, before } = position;
  const { candidates, files } = await valuesOf(option, begun.slice(before.length), deps);
  return { candidates: candidates.map(({ value, about }) => ({ value: before + value, about })), files };
}

async function wordAt(position: Position & { expects: 'word' }, begun: string, deps: Deps): Promise<Completion> {
  const { command, argument, first } = position;
  const commands = first ? commandsOf(command) : [];
  const { candidates, files } = argument === null ? NO_VALUES : await valuesOf(argument, begun, deps);
  const all = [...commands, ...candidates];
  // Without words to offer, the flags are offered; behind an unknown command nothing is.
  if (all.length === 0 && argument === null && command.commands.length === 0)
    return { candidates: flagsAt(position), files: false };
  return { candidates: all, files };
}

function commandsOf(command: Command): readonly Candidate[] {
  const shown = command.createHelp().visibleCommands(command);
  return shown.map((each) => ({ value: each.name(), about: each.description() }));
}

/** A switch that is there already is not offered again; what takes a value may often be given twice. */
function flagsAt({
  command,
  given,
}: {
  readonly command: Command;
  readonly given: readonly string[];
}): readonly Candidate[] {
  const help = command.createHelp();
  const own = [...help.visibleOptions(command), ...optionsOf(command)];
  const flags = own.filter(({ hidden, long, required, optional }) => {
    return !hidden && (required || optional || long === undefined || !given.includes(long));
  });
  return flags.flatMap(({ long, description }) => (long === undefined ? [] : [{ value: long, about: description }]));
}

/** The syntax at the end of a command line. */
type Position =
  | { readonly expects: 'flag'; readonly command: Command; readonly given: readonly string[] }
  /** `begun` is what of the value is there: the word, or what is behind `--flag=`, which is `before` then. */
  | { readonly expects: 'value'; readonly command: Command; readonly option: Option; readonly before: string }
  | {
      readonly expects: 'word';
      readonly command: Command;
      readonly argument: Argument | null;
      /** True where a subcommand is possible too. */
      readonly first: boolean;
      readonly given: readonly string[];
    };

interface Walk {
  command: Command;
  /** Words that are neither flags nor their values, since the command began. */
  words: number;
  flags: string[];
  /** The flag whose value comes next. */
  open: Option | null;
  /** True behind `--`: no more flags. */
  ended: boolean;
}

/** Position of the last word, which may be empty or incomplete. Parses the words before it as commander does. */
function findPosition(program: Command, words: readonly string[]): Position {
  const current = words.at(-1) ?? '';
  const walk: Walk = { command: program, words: 0, flags: [], open: null, ended: false };
  for (const word of words.slice(0, -1)) step(walk, word);
  const { command, open, ended, flags: given } = walk;
  if (open !== null && !(open.variadic && current.startsWith('-')))
    return { expects: 'value', command, option: open, before: '' };
  if (!ended && current.startsWith('-') && current !== '-') return flagPosition(walk, current);
  const argument = command.registeredArguments[walk.words] ?? lastVariadic(command);
  return { expects: 'word', command, argument, first: walk.words === 0, given };
}

function flagPosition({ command, flags: given }: Walk, current: string): Position {
  const equals = current.indexOf('=');
  const option = equals === -1 ? undefined : findOption(command, current.slice(0, equals));
  if (option === undefined) return { expects: 'flag', command, given };
  return { expects: 'value', command, option, before: current.slice(0, equals + 1) };
}

function step(walk: Walk, word: string): void {
  if (walk.open !== null && !(walk.open.variadic && word.startsWith('-'))) {
    // A flag that takes several has them up to the next flag.
    if (!walk.open.variadic) walk.open = null;
  } else if (!walk.ended && word === '--') {
    walk.ended = true;
    walk.open = null;
  } else if (!walk.ended && word.startsWith('-') && word !== '-') {
    const [flag = ''] = word.split('=');
    const option = findOption(walk.command, flag);
    walk.flags.push(flag);
    walk.open = option?.required === true && flag === word ? option : null;
  } else {
    const next = walk.words === 0 ? walk.command.commands.find((command) => command.name() === word) : undefined;
    if (next === undefined) walk.words += 1;
    else walk.command = next;
  }
}

/** Flags of the commands above count below, too. */
function optionsOf(command: Command): readonly Option[] {
  const above = command.parent === null ? [] : optionsOf(command.parent).filter(({ long }) => long !== '--version');
  return [...command.options, ...above];
}

function findOption(command: Command, flag: string): Option | undefined {
  return optionsOf(command).find(({ long, short }) => long === flag || short === flag);
}

function lastVariadic({ registeredArguments }: Command): Argument | null {
  const last = registeredArguments.at(-1);
  return last?.variadic === true ? last : null;
}
