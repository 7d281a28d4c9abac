import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { completes, completionSourceOf, listOf, words } from '../../../src/cli/completion.js';

const DEPS = { env: {}, platform: 'linux' } as const;

describe('completes', () => {
  it('declares the source of a flag and of an argument', () => {
    const events = words('A');
    const command = completes(new Command('x').argument('[id]').option('--events <types>'), {
      id: events,
      '--events': events,
    });
    expect(completionSourceOf(command.options[0]!)).toBe(events);
    expect(completionSourceOf(command.registeredArguments[0]!)).toBe(events);
    expect(completionSourceOf(new Command().option('--events <types>').options[0]!)).toBeUndefined();
  });

  it('refuses a name that the command does not have', () => {
    expect(() => completes(new Command('x'), { '--evnets': words('A') })).toThrow('x has no --evnets to complete');
  });
});

describe('listOf', () => {
  it.each([
    ['', ['A', 'B']],
    ['A,', ['A,B']],
    ['A,B,', []],
  ])('%j', async (typed, expected) => {
    const { candidates } = await listOf(words('A', 'B'))(typed, DEPS);
    expect(candidates.map(({ value }) => value)).toEqual(expected);
  });
});
