import type { Command } from 'commander';
import type { Deps } from '../deps.js';
import { buildProgram } from '../program.js';
import { type Answer, type Candidate, NOTHING } from './answer.js';
import { findPosition, optionsOf, type Position } from './position.js';
import { valuesOf, wordsOf } from './values.js';

/**
 * What may stand where the last word is being typed (`words` without the program itself; the last is empty where none is begun). Only
 * the command that is named is loaded, so that Tab answers at once.
 */
export async function complete(words: readonly string[], deps: Deps): Promise<Answer> {
  const program = await buildProgram(words.slice(0, -1), deps, () => undefined);
  const position = findPosition(program, words);
  const begun = words.at(-1) ?? '';
  if (position.expects === 'flag') return { candidates: flagsAt(position), files: false };
  if (position.expects === 'word') return wordAt(position, begun, deps);
  const { option, command, before } = position;
  const { candidates, files } = await valuesOf(option, command, begun.slice(before.length), deps);
  return { candidates: candidates.map(({ value, about }) => ({ value: before + value, about })), files };
}

async function wordAt(position: Position & { expects: 'word' }, begun: string, deps: Deps): Promise<Answer> {
  const { command, argument, first } = position;
  const commands = first ? commandsOf(command) : [];
  const { candidates, files } = argument === null ? NOTHING : await wordsOf(command, argument, begun, deps);
  const all = [...commands, ...candidates];
  // Where nothing else may come, the flags are what is looked for; behind a command that is none, nothing is.
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
