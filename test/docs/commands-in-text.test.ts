import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../support/bin.js';
import { readAction } from '../support/composite-action.js';
import { PAGES } from '../support/documented-world.js';
import { runCli } from '../support/run-cli.js';

interface Described {
  readonly name: string;
  readonly flags: readonly { readonly long: string | null; readonly short: string | null }[];
  readonly commands?: readonly Described[];
}

let root: Described;
beforeAll(async () => {
  const { commands, globalFlags } = JSON.parse((await runCli(['commands', '--json'])).stdout);
  root = { name: 'storewire', flags: [...globalFlags, { long: '--help', short: '-h' }], commands };
});

const MORE_PAGES = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'samples/README.md'];
const textOf = (page: string): string => readFileSync(path.join(ROOT, page), 'utf8');

/** Command lines in the text of a page: the blocks are run by test/e2e/readme.test.ts. */
const inlineCommandsOf = (text: string): readonly string[] =>
  [...text.matchAll(/`(?:npx )?storewire ([a-z][^`\n]*)`/g)].map(([, words = '']) => words);

/** The first word that is no command and no flag of the command; null where all are. */
function unknownWord(line: string): string | null {
  const words = line.split(' ');
  let command = root.commands?.find(({ name }) => name === words[0]);
  if (command === undefined) return words[0] ?? '';
  command = command.commands?.find(({ name }) => name === words[1]) ?? command;
  const flags = new Set([...root.flags, ...command.flags].flatMap(({ long, short }) => [long, short]));
  return words.find((word) => word.startsWith('-') && word !== '-' && !flags.has(word.split('=')[0] ?? '')) ?? null;
}

describe('command lines in the text of the documentation', () => {
  it('name commands and flags that exist', () => {
    // The example of CONTRIBUTING.md adds a command.
    const lines = [...PAGES, ...MORE_PAGES].flatMap((page) => inlineCommandsOf(textOf(page)));
    const found = lines.filter((line) => line !== 'roots').map((line) => [line, unknownWord(line)]);
    expect(found.length).toBeGreaterThan(25);
    expect(found.filter(([, unknown]) => unknown !== null)).toEqual([]);
  });

  it.each([
    ['check URL', null],
    ['endpoint set --sandbox URL', null],
    ['chekc URL', 'chekc'],
    ['verify --onlin', '--onlin'],
  ])('%s: %s', (line, unknown) => expect(unknownWord(line)).toBe(unknown));
});

describe('the action in the documentation', () => {
  it.each(['README.md', 'docs/guide.md'])('is used with inputs that it has: %s', (page) => {
    const steps = [...textOf(page).matchAll(/```yaml\n(- uses: storewire[\s\S]*?)```/g)].flatMap(([, block = '']) =>
      parse(block),
    );
    expect(steps).toHaveLength(1);
    expect(Object.keys(readAction(ROOT).inputs)).toEqual(expect.arrayContaining(Object.keys(steps[0].with)));
    expect(steps[0].uses).toBe(`storewire/storewire@v${JSON.parse(textOf('package.json')).version.split('.')[0]}`);
  });
});
