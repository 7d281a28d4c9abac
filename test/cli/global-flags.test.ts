import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InputStream } from '../../src/cli/deps.js';
import { type CliOverrides, captureOutput, runCli } from '../support/run-cli.js';

const NOTIFICATION = join(import.meta.dirname, '../../samples/did-renew.json');

const PEM = `-----BEGIN PRIVATE KEY-----\n${'SECRET'.repeat(20)}\n-----END PRIVATE KEY-----`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'storewire-global-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A terminal at which nothing is ever typed: reading it fails the test. */
const TERMINAL: InputStream = {
  isTty: true,
  chunks: () => {
    throw new Error('the terminal was read');
  },
  setRaw: () => {
    throw new Error('the terminal was read');
  },
};

async function runOnTerminal(argv: readonly string[], env: Record<string, string> = {}, columns = 80) {
  const stderr = captureOutput({ isTty: true, columns });
  const overrides: CliOverrides = {
    stdin: TERMINAL,
    stderr: stderr.stream,
    env: { HOME: folder, NO_COLOR: '1', ...env },
    cwd: folder,
  };
  const { code, stdout } = await runCli(argv, overrides);
  return { code, stdout, stderr: stderr.text() };
}

describe('--quiet', () => {
  it.each([[['-q', 'verify', NOTIFICATION, NOTIFICATION]], [['verify', NOTIFICATION, NOTIFICATION, '--quiet']]])(
    '%j leaves the answer alone on stdout',
    async (argv) => {
      const usual = await runCli(['verify', NOTIFICATION, NOTIFICATION]);
      expect(usual.stderr).not.toBe('');
      expect(await runCli(argv)).toEqual({ ...usual, stderr: '' });
    },
  );

  it('silences warnings of settings', async () => {
    writeFileSync(join(folder, '.storewire'), '');
    const deps = { env: { HOME: folder }, cwd: folder };
    expect((await runCli(['config'], deps)).stderr).toContain('warning:');
    expect((await runCli(['config', '-q'], deps)).stderr).toBe('');
  });

  it('shows the error that ends a run', async () => {
    const { code, stdout, stderr } = await runCli(['-q', 'decode', 'no-such-file.json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: /);
  });

  it('shows an error beside an answer', async () => {
    writeFileSync(join(folder, 'mixed.txt'), '{"signedPayload":7}');
    const { code, stderr } = await runCli(['verify', '-q', NOTIFICATION, 'mixed.txt', '--root', NOTIFICATION], {
      cwd: folder,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: /);
  });
});

describe('--no-input', () => {
  it.each<[string, readonly string[], Record<string, string>]>([
    ['--no-input in front', ['--no-input', 'decode'], {}],
    ['--no-input behind', ['decode', '--no-input'], {}],
    ['--quiet', ['decode', '-q'], {}],
    ['CI', ['decode'], { CI: 'true' }],
  ])('%s: decode does not wait for a paste', async (_case, argv, env) => {
    const { code, stdout, stderr } = await runOnTerminal(argv, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: no input given/);
  });

  it.each([{ CI: 'false' }, { CI: '0' }, { CI: '' }])('%j is not CI', async (env) => {
    await expect(runOnTerminal(['decode'], env as Record<string, string>)).rejects.toThrow('the terminal was read');
  });

  it.each<[readonly string[], string]>([
    [['audit', 'https://example.com/apple'], '--yes'],
    [['init'], '--bundle-id'],
  ])('%j names the flag that answers', async (argv, flag) => {
    const { code, stdout, stderr } = await runOnTerminal([...argv, '--no-input']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.replace(/\s+/g, ' ')).toContain(flag);
  });

  it('still reads a pipe', async () => {
    const { code, stdout } = await runCli(['decode', '--no-input', '--json'], {
      input: '{"signedPayload":"x.y.z"}',
      env: { CI: '1' },
    });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ source: 'stdin' });
  });
});

describe('--verbose', () => {
  it.each([[['-v', 'history']], [['history', '-v']], [['--verbose', 'history']]])(
    '%j shows the effective settings and their sources on stderr',
    async (argv) => {
      writeFileSync(join(folder, '.storewire.json'), '{"bundleId":"com.example.app"}');
      const env = { HOME: folder, STOREWIRE_ENVIRONMENT: 'sandbox', STOREWIRE_PRIVATE_KEY: PEM };
      const { code, stdout, stderr } = await runCli(argv, { cwd: folder, env });
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/^storewire \d+\.\d+\.\d+, effective settings:\n/);
      expect(stderr).toMatch(/^ {2}environment +sandbox +STOREWIRE_ENVIRONMENT$/m);
      expect(stderr).toMatch(/^ {2}bundleId +com\.example\.app +project file$/m);
      expect(stderr).toMatch(/^ {2}server\.privateKey +set, \d lines +STOREWIRE_PRIVATE_KEY$/m);
      expect(stderr).not.toContain('SECRET');
    },
  );

  it.each([[['-v', 'decode', NOTIFICATION, NOTIFICATION]], [['-qv', 'decode', NOTIFICATION, NOTIFICATION]]])(
    '%j is the -v of decode',
    async (argv) => {
      const long = await runCli(['decode', NOTIFICATION, NOTIFICATION, '-v']);
      const short = await runCli(['decode', NOTIFICATION, NOTIFICATION]);
      expect(long.stdout.length).toBeGreaterThan(short.stdout.length);
      expect((await runCli(argv)).stdout).toBe(long.stdout);
    },
  );

  it('takes the flags of the command into account', async () => {
    const { stderr } = await runCli(['test', '-v', '--environment', 'both', '--bundle-id', 'a.b'], {
      cwd: folder,
      env: { HOME: folder },
    });
    expect(stderr).toMatch(/^ {2}bundleId +a\.b +--bundle-id$/m);
    expect(stderr).not.toMatch(/^ {2}environment/m);
  });
});

describe('colour', () => {
  const painted = async (argv: readonly string[], env: Record<string, string> = {}) => {
    const stdout = captureOutput({ isTty: true, columns: 80 });
    await runCli(argv, { stdout: { ...stdout.stream, paint: new Chalk({ level: 1 }) }, env: { HOME: folder, ...env } });
    return stdout.text().includes('\u001b[');
  };

  it.each<[readonly string[], Record<string, string>, boolean]>([
    [['decode', NOTIFICATION], {}, true],
    [['decode', NOTIFICATION, '--no-color'], {}, false],
    [['--no-color', 'decode', NOTIFICATION], {}, false],
    [['--color=never', 'decode', NOTIFICATION], {}, false],
    [['decode', NOTIFICATION, '--no-color'], { FORCE_COLOR: '1' }, false],
    [['decode', NOTIFICATION, '--color', 'always'], { NO_COLOR: '1' }, true],
    [['decode', NOTIFICATION], { NO_COLOR: '1' }, false],
  ])('%j %j', async (argv, env, expected) => expect(await painted(argv, env)).toBe(expected));
});

it('an error is wrapped at the width of a terminal, never in a pipe', async () => {
  const argv = ['decode', 'a-file-that-is-not-there.json'];
  const terminal = await runOnTerminal(argv, {}, 40);
  const { stderr } = await runCli(argv, { cwd: folder });
  expect(Math.max(...terminal.stderr.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(terminal.stderr.split('\n').length).toBeGreaterThan(stderr.split('\n').length);
  expect(terminal.stderr.replace(/\s+/g, ' ')).toBe(stderr.replace(/\s+/g, ' '));
});
