import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { flagName } from '../../docs/generate/pages/command-page.js';
import { type CommandTree, readCommandTree } from '../../docs/generate/pages/command-tree.js';
import { generateDocs } from '../../docs/generate/pages/pages.js';
import type { CommandInfo } from '../../src/cli/command-tree.js';
import { ROOT } from '../support/bin.js';

const MAN_PAGE = path.join(ROOT, 'docs/man/storewire.1');

let generated: ReadonlyMap<string, string>;
let tree: CommandTree;

beforeAll(async () => {
  generated = await generateDocs();
  tree = await readCommandTree();
});

describe('the generated pages', () => {
  it('are up to date: npm run docs writes them', () => {
    const stale = [...generated].filter(([file, text]) => readFileSync(path.join(ROOT, file), 'utf8') !== text);
    expect(stale.map(([file]) => file)).toEqual([]);
  });

  it('are one for each command, and none for a command that is gone', () => {
    const names = tree.commands.map(({ name }) => `${name}.md`);
    expect(readdirSync(path.join(ROOT, 'docs/commands')).sort()).toEqual(['README.md', ...names].sort());
  });
});

describe('the man page', () => {
  it('has every command, subcommand and flag', () => {
    const text = readFileSync(MAN_PAGE, 'utf8').replaceAll('\\-', '-');
    const missing = tree.commands
      .flatMap((each) => namesIn(each, `storewire ${each.name}`))
      .filter((name) => !text.includes(name));
    expect(missing).toEqual([]);
    expect(text).toMatch(/^\.SH NAME\nstorewire - \S/m);
  });

  it('has nothing but the macros of man, in an order that they allow', () => {
    const lines = readFileSync(MAN_PAGE, 'utf8').trimEnd().split('\n');
    const requests = new Set(lines.filter((line) => line.startsWith('.')).map((line) => line.split(/\s/)[0]));
    expect([...requests].sort()).toEqual(['.B', '.I', '.PP', '.SH', '.SS', '.TH', '.TP', '.\\"', '.fi', '.nf']);
    expect(lines.filter((line) => /[^\x20-\x7E]/.test(line) || line.startsWith("'"))).toEqual([]);
    const tags = lines.flatMap((line, index) => (line === '.TP' ? [lines.slice(index + 1, index + 3)] : []));
    expect(tags.filter(([tag = '', text = '']) => !/^\.[BI] \S/.test(tag) || /^(\.|$)/.test(text))).toEqual([]);
  });

  // Where groff is missing, the structure alone is checked, above.
  it.skipIf(spawnSync('groff', ['--version']).error !== undefined)('renders without a warning', () => {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', MAN_PAGE], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const text = stdout.replaceAll(/\u001b\[[\d;]*m/g, '').replaceAll(/.\u0008/g, '');
    for (const part of ['--forward-to', 'STOREWIRE_BUNDLE_ID', 'EXIT STATUS', 'storewire journal prune'])
      expect(text).toContain(part);
  });

  it.skipIf(process.platform === 'win32')('is what the package installs', () => {
    const { man, files } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    expect(path.join(ROOT, man)).toBe(MAN_PAGE);
    expect(files).toContain('docs/man');
  });
});

describe('npm run docs', () => {
  it('writes what the sources make, and so changes nothing', () => {
    const script = path.join(ROOT, 'docs/generate/docs.js');
    expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('nothing changed\n');
  });
});

function namesIn(command: CommandInfo, name: string): readonly string[] {
  return [
    name,
    ...command.flags.map(flagName),
    ...command.commands.flatMap((each) => namesIn(each, `${name} ${each.name}`)),
  ];
}
