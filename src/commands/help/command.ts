import type { Command } from 'commander';
import type { LoadProgram } from '../../cli/command-tree.js';
import { completes } from '../../cli/completion.js';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import { ToolError } from '../../errors.js';
import { editDistance } from '../../notification/catalogue/edit-distance.js';
import { ROOT_HELP, ROOT_HELP_GROUPS } from './root.js';
import { TOPICS } from './topics.js';

export interface HelpOptions {
  /** A topic, or a command and its subcommands; empty for the root help. */
  readonly words: readonly string[];
}

export type HelpRun = (options: HelpOptions, deps: Deps) => Promise<Exit>;

export function registerHelp(parent: Command, deps: Deps, finish: (code: Exit) => void, run: HelpRun): void {
  const command = parent
    .command('help')
    .description('Show the help of a command, or a topic')
    .argument('[command...]', `Command, or one of ${Object.keys(TOPICS).join(', ')}`)
    .action(async (words: readonly string[]) => finish(await run({ words }, deps)));
  completes(command, { command: () => ({ candidates: helpWords(), files: false }) });
  withExamples(command, [
    ['storewire help verify', 'flags and examples of a command'],
    ['storewire help exit-codes', 'the meaning of each exit code'],
  ]);
}

/** Prints the help of the named command. Throws usage `ERR_USAGE_UNKNOWN_TOPIC` for an unknown name. */
export function helpRun(loadProgram: LoadProgram): HelpRun {
  return async ({ words }, deps) => {
    const [first, ...rest] = words;
    const topic = rest.length === 0 && first !== undefined && Object.hasOwn(TOPICS, first) ? TOPICS[first] : undefined;
    if (first === undefined) deps.stdout.write(ROOT_HELP);
    else if (topic !== undefined) deps.stdout.write(topic.text);
    else findCommand(await loadProgram(words, deps, () => undefined), words).outputHelp();
    return EXIT.ok;
  };
}

function findCommand(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const [index, word] of words.entries()) {
    const found = command.commands.find((each) => each.name() === word);
    if (found === undefined) throw unknownTopic(words.slice(0, index), word, command);
    command = found;
  }
  return command;
}

/** Farther words are different words. */
const MOST_EDITS = 2;

function unknownTopic(before: readonly string[], word: string, command: Command): ToolError {
  const names =
    before.length === 0 ? helpWords().map(({ value }) => value) : command.commands.map((each) => each.name());
  const distance = (name: string): number => editDistance(word.toLowerCase(), name, MOST_EDITS);
  const [nearest] = names.filter((name) => distance(name) <= MOST_EDITS).toSorted((a, b) => distance(a) - distance(b));
  const path = [...before, word].join(' ');
  const suggestion = nearest === undefined ? '' : `Did you mean ${[...before, nearest].join(' ')}? `;
  return new ToolError('usage', 'ERR_USAGE_UNKNOWN_TOPIC', `no command or help topic "${path}"`, {
    hint: `${suggestion}See ${['storewire help', ...before].join(' ')}`,
  });
}

/** Topics first: the commands are on the root help. */
function helpWords(): readonly { readonly value: string; readonly about: string }[] {
  const rows = ROOT_HELP_GROUPS.flatMap((group) => group.rows);
  return [
    ...Object.entries(TOPICS).map(([value, { title }]) => ({ value, about: title })),
    ...rows.flatMap(({ names, about }) => names.map((value) => ({ value, about }))),
  ];
}
