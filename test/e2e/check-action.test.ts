import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/bin.js';
import { reasonToSkip } from '../support/installed.js';

const ACTION = readFileSync(path.join(ROOT, 'action.yml'), 'utf8');
const INPUTS = ['url', 'environment', 'only', 'skip', 'strict', 'junit-file', 'version'] as const;
type Inputs = Readonly<Partial<Record<(typeof INPUTS)[number], string>>>;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-action-'));
  const npx = path.join(folder, 'npx');
  writeFileSync(npx, '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 5\n');
  chmodSync(npx, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The text of the step's `run`, its margin taken off. */
function script(): string {
  const text = /\n {6}run: \|\n((?: {8}.*\n| *\n)+)/.exec(ACTION)?.[1] ?? '';
  return text.replace(/^ {8}/gm, '');
}

/** What a runner puts into the variables: the inputs given, the defaults of the others. */
function variables(inputs: Inputs): Readonly<Record<string, string>> {
  return Object.fromEntries(
    INPUTS.map((name) => {
      const block = new RegExp(`\\n {2}${name}:\\n(?: {4}.*\\n)*? {4}default: (.*)\\n`).exec(ACTION);
      const value = inputs[name] ?? block?.[1]?.replace(/^'(.*)'$/, '$1') ?? '';
      return [`CHECK_${name.toUpperCase().replaceAll('-', '_')}`, value];
    }),
  );
}

/** Runs it as a runner does: `bash --noprofile --norc -eo pipefail`. */
function run(inputs: Inputs) {
  const file = path.join(folder, 'step.sh');
  writeFileSync(file, script());
  const env = { ...variables(inputs), PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
    env,
    encoding: 'utf8',
    cwd: folder,
  });
  return { status, words: stdout.split('\n').slice(0, -1) };
}

describe('action.yml', () => {
  it('puts no input into the text of its script', () => {
    expect(script()).toContain('npx --yes');
    expect(script()).not.toContain('${{');
    for (const name of INPUTS) expect(ACTION).toContain(`: \${{ inputs.${name} }}\n`);
    expect(ACTION.match(/\$\{\{/g)).toHaveLength(INPUTS.length);
  });

  describe(`its script${reasonToSkip('bash')}`, { skip: reasonToSkip('bash') !== '' }, () => {
    const FIRST = ['--yes', 'storewire@latest', 'check'];

    it.each<[string, Inputs, readonly string[]]>([
      ['nothing', {}, [...FIRST, '--report=github']],
      ['a URL', { url: 'https://example.com/apple' }, [...FIRST, '--report=github', '--', 'https://example.com/apple']],
      [
        'everything',
        {
          url: 'https://example.com/a b',
          environment: 'both',
          only: 'tls,test',
          skip: 'dns',
          strict: 'true',
          'junit-file': 'out/check 1.xml',
          version: '1.2.3',
        },
        [
          ...['--yes', 'storewire@1.2.3', 'check', '--environment=both', '--only=tls,test', '--skip=dns', '--strict'],
          ...['--report=junit', '--report-file=out/check 1.xml', '--report=github', '--', 'https://example.com/a b'],
        ],
      ],
      [
        'commands in the place of values',
        { url: '$(touch hit)`touch hit`; touch hit', only: '"; touch hit; "', skip: '--yes' },
        [
          ...FIRST,
          '--only="; touch hit; "',
          '--skip=--yes',
          '--report=github',
          '--',
          '$(touch hit)`touch hit`; touch hit',
        ],
      ],
    ])('passes on %s, and the exit code', (_case, inputs, words) => {
      expect(run(inputs)).toEqual({ status: 5, words });
    });

    it.each(['1 2', 'npm:other', '../here', 'a;b', '@x', ''])('refuses %j as a version', (version) => {
      const { status, words } = run({ version });
      expect({ status, words }).toEqual({
        status: 2,
        words: ['::error title=storewire check::the input "version" is no version'],
      });
    });
  });
});
