import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit.js';
import { ROOT_HELP, ROOT_HELP_GROUPS } from '../../src/commands/help/root.js';
import { TOPICS } from '../../src/commands/help/topics.js';
import { FALLBACK_SETS, PROJECT_KEYS, SETTING_INPUTS } from '../../src/settings/names.js';
import { runCli } from '../support/run-cli.js';

interface Info {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly { readonly name: string; readonly description: string; readonly required: boolean }[];
  readonly flags: readonly {
    readonly long: string;
    readonly description: string;
    readonly value: string | null;
    readonly default: unknown;
  }[];
  readonly examples: readonly { readonly command: string }[];
  readonly commands: readonly Info[];
}

interface Tree extends Info {
  readonly version: string;
  readonly globalFlags: Info['flags'];
}

async function readTree(): Promise<Tree> {
  const { code, stdout, stderr } = await runCli(['commands', '--json']);
  expect({ code, stderr, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, stderr: '', lines: 1 });
  return JSON.parse(stdout);
}

/** Every command with its path: `journal list`. */
function everyCommand(commands: readonly Info[], above: readonly string[] = []): readonly [readonly string[], Info][] {
  return commands.flatMap((info) => {
    const path = [...above, info.name];
    return [[path, info] as [readonly string[], Info], ...everyCommand(info.commands, path)];
  });
}

/** A capital first, no full stop last. */
const SENTENCE = /^[A-Z].*[^.]$/;

const tooWide = (text: string) => text.split('\n').filter((line) => line.length > 80);

describe('the root help', () => {
  it.each([[['--help']], [['-h']], [['help']], [['-q', '--help']], [['--color', 'never', '--help']]])(
    'is printed by %j',
    async (argv) => expect(await runCli(argv)).toEqual({ code: 0, stdout: ROOT_HELP, stderr: '' }),
  );

  it('comes on stderr, exit 2, without a command', async () => {
    expect(await runCli([])).toEqual({ code: 2, stdout: '', stderr: ROOT_HELP });
  });

  it('fits a terminal of 24 lines and 80 columns', () => {
    expect(ROOT_HELP.trimEnd().split('\n').length).toBeLessThanOrEqual(24);
    expect(tooWide(ROOT_HELP)).toEqual([]);
  });

  it('names every command once', async () => {
    const named = ROOT_HELP_GROUPS.flatMap(({ rows }) => rows.flatMap(({ names }) => names));
    const { commands } = await readTree();
    const about = ['help', 'commands', 'version'];
    expect(named.toSorted()).toEqual(
      commands
        .map(({ name }) => name)
        .filter((name) => !about.includes(name))
        .toSorted(),
    );
    for (const name of named) expect(ROOT_HELP).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

describe('the help of a command', () => {
  it('opens with examples, fits 80 columns, and is described by sentences, flags and arguments too', async () => {
    const all = everyCommand((await readTree()).commands);
    expect(all.length).toBeGreaterThan(25);
    for (const [path, info] of all) {
      const { code, stdout, stderr } = await runCli([...path, '--help']);
      expect({ path, code, stderr }).toEqual({ path, code: 0, stderr: '' });
      expect(await runCli(['help', ...path])).toEqual({ code: 0, stdout, stderr: '' });
      if (path.length === 1 && path[0] !== 'version') expect(stdout).toMatch(/^Examples:\n {2}/);
      expect(tooWide(stdout), path.join(' ')).toEqual([]);
      expect(stdout).not.toMatch(/default: (false|\d{3,})\)/);
      expect(info.description, path.join(' ')).toMatch(SENTENCE);
      for (const { description } of [...info.arguments, ...info.flags])
        expect(description, path.join(' ')).toMatch(SENTENCE);
    }
  });

  it('lists the global flags apart, and -v with the flags of the command', async () => {
    const { stdout } = await runCli(['verify', '--help']);
    const [own, global] = stdout.split('Global Options:');
    expect(own).toContain('-v, --verbose');
    for (const flag of ['-q, --quiet', '--no-input', '--color <when>', '--no-color']) expect(global).toContain(flag);
    expect(global).not.toContain('--verbose');
  });
});

describe('help of a topic', () => {
  it.each(Object.keys(TOPICS))('%s fits 80 columns', async (name) => {
    const { code, stdout, stderr } = await runCli(['help', name]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(TOPICS[name]?.text);
    expect(tooWide(stdout)).toEqual([]);
  });

  it('names every exit code', () => {
    for (const code of Object.values(EXIT)) expect(TOPICS['exit-codes']?.text).toMatch(new RegExp(`^ +${code}  `, 'm'));
  });

  it('names every variable', () => {
    const variables = [
      ...Object.values(SETTING_INPUTS).flatMap((ways) => ways.variables ?? []),
      ...FALLBACK_SETS.flatMap((set) => Object.values(set).flat()),
    ];
    for (const name of variables) expect(TOPICS.environment?.text).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it('names every key of the project file', () => {
    for (const key of PROJECT_KEYS) expect(TOPICS.settings?.text).toMatch(new RegExp(`\\b${key}\\b`));
  });
});

describe('an unknown word', () => {
  it.each<[readonly string[], string, string]>([
    [['help', 'exit-code'], 'no command or help topic "exit-code"', 'Did you mean exit-codes? See storewire help'],
    [['help', 'verfiy'], 'no command or help topic "verfiy"', 'Did you mean verify? See storewire help'],
    [
      ['help', 'journal', 'lst'],
      'no command or help topic "journal lst"',
      'Did you mean journal list? See storewire help journal',
    ],
    [['help', 'zebra'], 'no command or help topic "zebra"', 'See storewire help'],
    [['verfiy'], "unknown command 'verfiy'", 'Did you mean verify? See storewire help'],
    [['constructor'], "unknown command 'constructor'", 'See storewire help'],
    [['verify', '--rot'], "unknown option '--rot'", 'Did you mean --root? See storewire help verify'],
    [['--colour', 'decode'], "unknown option '--colour'", 'Did you mean --color? See storewire help'],
    [['journal', 'show'], "missing required argument 'id'", 'See storewire help journal show'],
    [
      ['journal', 'list', '--limt', '3'],
      "unknown option '--limt'",
      'Did you mean --limit? See storewire help journal list',
    ],
    [['journal', 'lst'], "unknown command 'lst'", 'Did you mean list? See storewire help journal'],
  ])('%j names the nearest', async (argv, message, hint) => {
    expect(await runCli(argv)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n  hint: ${hint}\n` });
  });

  it('is an error in JSON with --json', async () => {
    const { code, stderr } = await runCli(['help', 'zebra', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: expect.stringMatching(/^ERR_USAGE_/) } });
  });
});

describe('the version', () => {
  it.each([['--version'], ['-V'], ['version']])('is printed by %s', async (word) => {
    const { code, stdout, stderr } = await runCli([word]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([[[]], [['--color', 'never']], [['--color=never']], [['-q']]])(
    'is not in the way of a --version of a command, behind %j',
    async (before) => {
      const { code, stdout, stderr } = await runCli([...before, 'endpoint', 'set', '--version', 'V9']);
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('V2 or V1') });
    },
  );
});

describe('commands', () => {
  it('lists every command and subcommand, one line each', async () => {
    const { code, stdout } = await runCli(['commands']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Commands\n {2}decode +Show /);
    expect(stdout).toMatch(/^ {4}list +List recorded/m);
    expect(stdout).not.toMatch(/^ +complete /m);
  });

  it('--json describes arguments, flags, choices, defaults and examples', async () => {
    const { commands, globalFlags, version } = await readTree();
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(globalFlags.map(({ long }) => long)).toEqual([
      '--quiet',
      '--verbose',
      '--no-input',
      '--color',
      '--no-color',
      '--debug',
    ]);
    const check = commands.find(({ name }) => name === 'check');
    expect(check?.arguments).toMatchObject([{ name: 'url', required: false, repeatable: false }]);
    expect(check?.flags).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ long: '--timeout', value: 'duration', valueRequired: true, default: '3m' }),
        expect.objectContaining({ long: '--json', value: null, default: false }),
        expect.objectContaining({ long: '--only', value: 'group', repeatable: true }),
      ]),
    );
    const verify = commands.find(({ name }) => name === 'verify');
    expect(verify?.flags).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ long: '--kind', choices: expect.arrayContaining(['transaction']) }),
        expect.objectContaining({ long: '--root', repeatable: true }),
        expect.objectContaining({ long: '--verbose', short: '-v' }),
      ]),
    );
    expect(verify?.examples.map(({ command }) => command)).toContain('storewire verify payload.json');
    expect(commands.find(({ name }) => name === 'journal')?.commands.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['list', 'show', 'export', 'prune']),
    );
  });

  it('--json gives every command that ends a -v', async () => {
    const leaves = everyCommand((await readTree()).commands).filter(([, { commands }]) => commands.length === 0);
    for (const [path, { flags }] of leaves)
      expect([path, flags.map(({ long }) => long)]).toEqual([path, expect.arrayContaining(['--verbose'])]);
  });
});
