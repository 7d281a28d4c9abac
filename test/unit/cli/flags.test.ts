import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addFlags, readPlainly } from '../../../src/cli/flags.js';
import { VERIFY_FLAGS } from '../../../src/commands/verify/flags.js';

/** The operands and values that commander finds; null where it reports an error or prints help. */
function readWithCommander(words: readonly string[]): object | null {
  const command = addFlags(new Command('verify').argument('[input...]'), VERIFY_FLAGS);
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  try {
    command.parse(words, { from: 'user' });
  } catch {
    return null;
  }
  return { operands: command.args, values: command.opts() };
}

/** Parts of command lines, good and bad. */
const PIECES: readonly (readonly string[])[] = [
  ['payload.json'],
  ['-'],
  [''],
  ['eyJ.a.b'],
  ['--json'],
  ['-v'],
  ['--verbose'],
  ['--jobs', '4'],
  ['--jobs=2'],
  ['--bundle-id', 'com.example.app'],
  ['--root', 'a.pem'],
  ['--root=b.pem'],
  ['--kind', 'transaction'],
  ['--environment', 'SANDBOX'],
  ['--at', '2022-03-04'],
  ['--ocsp-timeout', '3s'],
  ['--jobs', '0'],
  ['--jobs='],
  ['--jobs'],
  ['--kind', 'receipt'],
  ['--at', 'noon'],
  ['--json=yes'],
  ['--bundle-id', '--json'],
  ['--profile', '-x'],
  ['-vv'],
  ['-q'],
  ['--'],
  ['--jsn'],
  ['--no-json'],
  ['--help'],
];

describe('a command line read without commander', () => {
  it('is read as commander reads it, or left to commander', () => {
    let read = 0;
    for (const first of PIECES) {
      for (const second of PIECES) {
        for (const third of [[], ['--root', 'c.pem'], ['last.json']]) {
          const words = [...first, ...second, ...third];
          const plain = readPlainly(words, VERIFY_FLAGS);
          if (plain === null) continue;
          read += 1;
          expect(plain, words.join(' ')).toEqual(readWithCommander(words));
        }
      }
    }
    expect(read).toBeGreaterThan(700);
  });

  it.each([
    ['nothing', []],
    ['an operand and a switch', ['payload.json', '--json']],
    ['a value in either form', ['--bundle-id', 'a', '--bundle-id=b']],
    ['a repeated flag', ['--root', 'a.pem', '--root', 'b.pem']],
  ])('covers %s', (_, words) => expect(readPlainly(words, VERIFY_FLAGS)).toEqual(readWithCommander(words)));

  it.each([
    ['an unknown flag', ['--jsn']],
    ['help', ['--help']],
    ['flags in one word', ['-vv']],
    ['a value of a switch', ['--json=yes']],
    ['a missing value', ['--kind']],
    ['a value that commander refuses', ['--at', 'noon']],
    ['the end of flags', ['--', 'a']],
  ])('leaves %s to commander', (_, words) => expect(readPlainly(words, VERIFY_FLAGS)).toBeNull());
});
