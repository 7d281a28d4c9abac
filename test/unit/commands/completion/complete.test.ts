import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../../../../src/cli/deps.js';
import { completionToText } from '../../../../src/commands/completion/answer.js';
import { complete } from '../../../../src/commands/completion/complete.js';
import { EVENTS } from '../../../../src/notification/catalogue/events.js';
import { FORGEABLE_REASONS } from '../../../../src/notification/reasons.js';
import { buildProgram } from '../../../../src/program.js';
import { SCENARIOS } from '../../../../src/simulator/scenarios/scenarios.js';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'storewire-complete-'));
  mkdirSync(join(home, 'good/storewire'), { recursive: true });
  mkdirSync(join(home, 'bad/storewire'), { recursive: true });
  const profiles = { 'my-app': {}, 'shop@2': {}, 'two words': {}, '$(id)': {}, "it's": {}, 'line\nbreak': {} };
  writeFileSync(join(home, 'good/storewire/config.json'), JSON.stringify({ profiles }));
  writeFileSync(join(home, 'bad/storewire/config.json'), '{"profiles":');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The values offered where the last word stands, `FILES` in front where files are. */
async function offered(words: readonly string[], config = 'good'): Promise<readonly string[]> {
  const deps = { env: { XDG_CONFIG_HOME: join(home, config) }, platform: 'linux' } as unknown as Deps;
  const [files = '', ...lines] = completionToText(await complete(words, deps, buildProgram), words.at(-1) ?? '')
    .trimEnd()
    .split('\n');
  return [...(files === 'files' ? ['FILES'] : []), ...lines.map((line) => line.split('\t')[0] ?? '')];
}

const TYPES = new Set(EVENTS.map(({ type }) => type));
const PAIRS = EVENTS.filter(({ subtype }) => subtype !== null).map(({ type, subtype }) => `${type}.${subtype}`);
const EVERY_EVENT = [...TYPES, ...PAIRS].toSorted();

describe('what may come next', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['a command', ['dec'], ['decode']],
    ['no command of that name', ['xyzzy'], []],
    ['behind what is no command', ['xyzzy', ''], []],
    ['a subcommand', ['journal', 'p'], ['prune']],
    ['a flag of the command', ['verify', '--ki'], ['--kind']],
    ['a flag of the program', ['verify', '--col'], ['--color']],
    ['a flag, its letters in another case', ['verify', '--KI'], ['--kind']],
    ['a value of a flag', ['verify', '--kind', 'tr'], ['transaction']],
    ['a value behind =', ['verify', '--kind=tr'], ['--kind=transaction']],
    ['a value of a flag of the program', ['verify', '--color', ''], ['auto', 'always', 'never']],
    ['a value of a short flag: a URL', ['listen', '-f', ''], []],
    ['a switch only once', ['decode', '--json', '--js'], []],
    ['a flag with a value again', ['verify', '--root', 'a.pem', '--roo'], ['--root']],
    ['a switch that takes nothing', ['listen', '--apple-only', '--answer', ''], ['ack', 'forwarded']],
    ['behind --, no flags', ['decode', '--', '--js'], ['FILES']],
    ['an input', ['verify', ''], ['FILES']],
    ['another input', ['decode', 'a.json', 'b'], ['FILES']],
    ['- itself', ['decode', '-'], ['FILES']],
    ['a file of a flag', ['listen', '--tls-cert', ''], ['FILES']],
    ['one type and no other', ['trigger', 'TEST', 'T'], []],
    ['a type', ['trigger', 'revoke'], ['REVOKE']],
    ['a type with a subtype', ['trigger', 'subscribed.r'], ['SUBSCRIBED.RESUBSCRIBE']],
    ['one of a list', ['listen', '--expect', 'TES'], ['TEST']],
    ['the next of a list, in front of it what is there', ['journal', 'list', '--events', 'TEST,TES'], []],
    ['the second of a list', ['replay', '--events', 'REVOKE,TES'], ['REVOKE,TEST']],
    ['a list behind =', ['listen', '--events=REVOKE,TES'], ['--events=REVOKE,TEST']],
    ['a subtype', ['history', '--subtype', 'volu'], ['VOLUNTARY']],
    ['an environment', ['history', '--environment', ''], ['sandbox', 'production']],
    ['an environment, or both', ['test', '--environment', ''], ['sandbox', 'production', 'both']],
    ['a profile that needs no quotes', ['config', '--profile', ''], ['my-app', 'shop@2']],
    ['an entry', ['journal', 'show', ''], ['last']],
    ['a free word', ['status', ''], []],
    ['a group', ['check', '--only', 't'], ['tls', 'test']],
    ['the next group', ['check', '--skip', 'tls,t'], ['tls,test']],
    ['a kind of report', ['check', '--report', 'j'], ['json', 'junit']],
    [
      'a kind of report, of another command',
      ['audit', '--report', ''],
      ['json', 'junit', 'github', 'markdown', 'html'],
    ],
    ['one of several files', ['audit', '--genuine', ''], ['FILES']],
    ['the next of several files', ['audit', '--genuine', 'a.jws', ''], ['FILES']],
    ['a flag behind several files', ['audit', '--genuine', 'a.jws', 'b.jws', '--eff'], ['--effect']],
    ['its value', ['audit', '--genuine', 'a.jws', '--environment', 's'], ['sandbox']],
    ['a subcommand that changes something', ['endpoint', 're'], ['restore']],
    ['a version', ['endpoint', 'set', '--version', ''], ['V2', 'V1']],
    [
      'a term to explain',
      ['explain', 'chain.'],
      ['chain.root', 'chain.links', 'chain.ca', 'chain.markers', 'chain.dates'],
    ],
    ['another term', ['explain', 'REFUND', 'TLS_'], ['TLS_ISSUE']],
    ['a shell', ['completion', ''], ['bash', 'zsh', 'fish', 'powershell']],
    ['a program that makes a tunnel', ['listen', '--tunnel', 'n'], ['ngrok']],
  ])('%s', async (_what, words, expected) => {
    expect(await offered(words)).toEqual(expected);
  });

  it('is every command where there is nothing yet', async () => {
    const commands = await offered(['']);
    expect(commands).toEqual(expect.arrayContaining(['decode', 'verify', 'listen', 'trigger', 'config']));
    expect(commands.filter((name) => name.startsWith('-'))).toEqual([]);
  });

  it('is every flag where a command takes nothing else', async () => {
    expect(await offered(['demo', ''])).toEqual([
      '--json',
      '--verbose',
      '--help',
      '--quiet',
      '--no-input',
      '--color',
      '--no-color',
      '--debug',
    ]);
  });

  it('is every type, scenario and reason there is', async () => {
    expect((await offered(['trigger', ''])).toSorted()).toEqual(EVERY_EVENT);
    expect(await offered(['trigger', '--scenario', ''])).toEqual(['FILES', ...SCENARIOS.map(({ name }) => name)]);
    expect(await offered(['trigger', '--forge', ''])).toEqual(FORGEABLE_REASONS);
  });

  it.each(['bad', 'absent'])('is no profile where the user file is %s', async (config) => {
    expect(await offered(['config', '--profile', ''], config)).toEqual([]);
  });
});
