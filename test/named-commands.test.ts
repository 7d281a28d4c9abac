import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT_HELP_GROUPS } from '../src/commands/help/root.js';
import { sourceTexts } from './support/source-text.js';

const SOURCES = sourceTexts(path.join(import.meta.dirname, '../src'));
const COMMANDS = new Set([
  ...ROOT_HELP_GROUPS.flatMap(({ rows }) => rows.flatMap(({ names }) => names)),
  ...['help', 'commands', 'version'],
]);

/** `storewire WORD` with something behind it that only a command line has: a flag, a value, a placeholder. */
const COMMAND_LINE = /storewire ([a-z]+)(?= (?:--?[a-z]|\$\{|[A-Z]{3,}|<|\[))/g;

describe('hints and examples', () => {
  it('name commands that exist', () => {
    const named = SOURCES.flatMap(({ path: at, text }) =>
      [...text.matchAll(COMMAND_LINE)].map(([, word = '']) => ({ at, word })),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(({ word }) => !COMMANDS.has(word))).toEqual([]);
  });
});
