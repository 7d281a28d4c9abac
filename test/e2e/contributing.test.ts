import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const COPIED = [
  'src',
  'test/support',
  'test/cli/help.test.ts',
  'samples',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'biome.json',
  '.gitignore',
];
const BLOCK = /^```ts (file|insert)=(\S+)(?: after=(.+))?\n([\s\S]*?)^```$/gm;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-contributing-'));
  for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...argv: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
}

/** Writes the files of CONTRIBUTING.md and inserts its lines, and returns the paths it wrote. */
function carryOutSteps(): readonly string[] {
  const text = readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const written: string[] = [];
  for (const [, kind, file = '', after = '', body = ''] of text.matchAll(BLOCK)) {
    const target = path.join(folder, file);
    if (kind === 'file') {
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, body);
      written.push(file);
    } else {
      const lines = readFileSync(target, 'utf8').split('\n');
      const at = lines.findIndex((line) => line.trimStart().startsWith(after));
      expect(at, `a line of ${file} that begins with ${after}`).toBeGreaterThan(-1);
      lines.splice(at + 1, 0, body.trimEnd());
      writeFileSync(target, lines.join('\n'));
    }
  }
  return written;
}

it('the subcommand of CONTRIBUTING.md passes its test, the test of the help, the types and the linter', () => {
  const written = carryOutSteps();
  expect(written).toHaveLength(4);
  run('node_modules/vitest/vitest.mjs', 'run', 'test/cli/roots.test.ts', 'test/cli/help.test.ts');
  run('node_modules/typescript/bin/tsc', '--noEmit');
  run('node_modules/@biomejs/biome/bin/biome', 'check', ...written);
}, 1_800_000);
