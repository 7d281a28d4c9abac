import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './support/bin.js';

const TEXT = readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8');
const ROWS = (TEXT.match(/^\| .+$/gm) ?? []).filter((row) => !/^\| (guard \||-)/.test(row));

it('SECURITY.md has guards', () => expect(ROWS.length).toBeGreaterThan(30));

it.each(ROWS)('a test holds what SECURITY.md says: %s', (row) => {
  const [, file = '', title = ''] = /\| `(test\/[\w./-]+\.test\.ts)`: "(.+)" \|$/.exec(row) ?? [];
  expect(existsSync(path.join(ROOT, file)) && file).not.toBe('');
  const name = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const call = new RegExp(`(?:\\b(?:it|test|describe|onPosix)\\b[^\\n]*|\\]\\))\\(\\s*['"\`]${name}['"\`]`);
  expect(readFileSync(path.join(ROOT, file), 'utf8')).toMatch(call);
});
