import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src/cli/flags.js';
import { durationOption, hostOption, parseDuration } from '../../../src/cli/options.js';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['0s', 0],
    [' 30 s ', 30_000],
    ['0.0004s', 0],
    ['3650d', 315_360_000_000],
  ])('%j is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ['30', 'the duration "30" has no unit', 'Write 30s for seconds.'],
    ['2.5', 'the duration "2.5" has no unit', 'Write 2.5s for seconds.'],
    ['', 'the duration "" is not a duration', 'Durations are written'],
    ['-5s', 'the duration "-5s" is not a duration', 'Durations are written'],
    ['5 minutes', 'the duration "5 minutes" is not a duration', 'Durations are written'],
    ['30S', 'the duration "30S" is not a duration', 'Durations are written'],
    ['1h30m', 'the duration "1h30m" is not a duration', 'Durations are written'],
    ['3651d', 'the duration "3651d" is longer than ten years', 'Durations are written'],
    [`${'9'.repeat(400)}d`, `the duration "${'9'.repeat(40)}…" is longer than ten years`, 'Durations are written'],
  ])('%j is refused', (text, message, hint) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'ERR_USAGE_DURATION',
        message,
        hint: expect.stringContaining(hint),
      }),
    );
  });

  it('names the field it is told', () => {
    expect(() => parseDuration('1', '--delay')).toThrow('--delay "1" has no unit');
  });
});

describe('durationOption', () => {
  const parse = (value: string): Command => {
    const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    return command.option('--timeout <duration>', '', durationOption, 1).parse(['--timeout', value], { from: 'user' });
  };

  it('gives commander milliseconds', () => expect(parse('2m').opts()).toEqual({ timeout: 120_000 }));

  it('lets commander name the flag, and suggests the unit', () => {
    expect(() => parse('30')).toThrow(/'--timeout <duration>' argument '30' is invalid\. Write 30s for seconds\./);
    expect(() => durationOption('30')).toThrow(InvalidArgumentError);
  });
});

describe('hostOption', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost', 'my-mac.local'])('takes %s', (text) =>
    expect(hostOption(text)).toBe(text),
  );

  // Node takes it for a name.
  it('takes IPv6 in brackets', () => expect(hostOption('[::1]')).toBe('::1'));

  // Node would listen on every address of the machine.
  it.each(['', ' ', 'localhost:80', 'http://localhost', 'a b', 'a/b', 'a@b'])('refuses %j', (text) =>
    expect(() => hostOption(text)).toThrow('It must be an address of this machine, without a port'),
  );

  // Node could listen there, but the URLs that are shown and given to programs cannot name it.
  it('refuses a zone as such', () =>
    expect(() => hostOption('fe80::1%eth0')).toThrow('It must be an address of this machine, without a zone'));
});
