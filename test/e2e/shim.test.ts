import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SHIM = path.join(import.meta.dirname, '../../bin/storewire.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-shim-'));
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const name of ['storewire.js', 'package.json']) {
    copyFileSync(path.join(path.dirname(SHIM), name), path.join(folder, 'bin', name));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a `dist/cli.cjs` beside the shim whose `main` has this body. */
function build(main: string): void {
  mkdirSync(path.join(folder, 'dist'));
  writeFileSync(
    path.join(folder, 'dist/cli.cjs'),
    `let interrupted = null;
     const stream = { drained: async () => {} };
     exports.systemDeps = () => ({ stdout: stream, stderr: stream, interruptedBy: () => interrupted });
     exports.main = async (argv, deps) => { ${main} };`,
  );
}

function run(args: readonly string[] = [], nodeArgs: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...nodeArgs, path.join(folder, 'bin/storewire.js'), ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

describe('the shim', () => {
  it('hands on the arguments and ends with the code of main', () => {
    build("process.stdout.write(argv.join('|')); return 3;");
    expect(run(['verify', '--json'])).toEqual({ status: 3, stdout: 'verify|--json', stderr: '' });
  });

  it('says how to build a fresh clone', () => {
    expect(run()).toMatchObject({ status: 70, stdout: '', stderr: expect.stringContaining('`npm ci` builds it') });
  });

  it('calls it a bug when something else cannot be imported', () => {
    build("await import('./elsewhere.js');");
    expect(run()).toMatchObject({ status: 70, stderr: expect.stringContaining('elsewhere.js') });
    expect(run().stderr).not.toContain('npm ci');
  });

  it.each([
    ['18.20.8', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['22.1.0', true],
  ])('runs on Node %s: %s', (version, runs) => {
    build('return 0;');
    const preload = path.join(folder, 'preload.cjs');
    writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`);
    const refusal = `storewire needs Node 20.19 or newer, this is ${version}.\n`;
    expect(run([], ['--require', preload])).toEqual({ status: runs ? 0 : 70, stdout: '', stderr: runs ? '' : refusal });
  });
});

describe('a bug', () => {
  it.each([
    ['thrown by main', "throw new Error('broken');"],
    [
      'thrown later',
      "setTimeout(() => { throw new Error('broken'); }, 1); await new Promise(() => setInterval(() => {}, 1000));",
    ],
    [
      'rejected and forgotten',
      "Promise.reject(new Error('broken')); await new Promise(() => setInterval(() => {}, 1000));",
    ],
    ['that is no Error', "throw 'broken';"],
    ['with a code already set', "process.exitCode = 0; throw new Error('broken');"],
  ])('%s ends with 70, its stack and where to report it', (_case, main) => {
    build(main);
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([70, '']);
    expect(stderr).toMatch(/^storewire stopped because of a bug\.\n {2}(Error: )?broken\n/);
    expect(stderr).toContain('https://github.com/storewire/storewire/issues');
  });

  it('loses nothing that was written before it', () => {
    build("process.stdout.write('x'.repeat(500_000)); throw new Error('broken');");
    expect(run().stdout).toHaveLength(500_000);
  });

  it('shows what a stranger sent as escapes, and never at the start of a line', () => {
    build("throw new Error('\\u001b[31mred\\n::error::line\\u202e\\u0007');");
    expect(run().stderr).toContain('  Error: \\u001b[31mred\n  ::error::line\\u202e\\u0007\n');
  });

  it('is one JSON document with --json', () => {
    build("throw new Error('\\u001b[31mred\\nline\\u202e');");
    const { stderr } = run(['--json']);
    expect(stderr).not.toMatch(/[\u001b\u202e]|\n./);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'ERR_BUG',
        message: expect.stringContaining('Error: \u001b[31mred\nline\u202e\n'),
        hint: expect.stringContaining('https://github.com/storewire/storewire/issues'),
      },
    });
  });
});

describe.skipIf(process.platform === 'win32')('a signal', () => {
  const UNTIL = (code: number) => `
    const alive = setInterval(() => {}, 1000);
    const signal = await new Promise((resolve) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.once(name, resolve);
      process.stdout.write('waiting');
    });
    clearInterval(alive);
    interrupted = signal;
    process.stdout.write(' stopped');
    return ${code};`;

  it.each([
    ['SIGINT', 130, [null, 'SIGINT']],
    ['SIGTERM', 130, [null, 'SIGTERM']],
    ['SIGINT', 0, [0, null]],
  ] as const)('%s, answered by main with %d', async (signal, code, end) => {
    build(UNTIL(code));
    const child = spawn(process.execPath, [path.join(folder, 'bin/storewire.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [ended, stdout] = await Promise.all([once(child, 'exit'), interruptOnceWaiting(child, signal)]);
    expect([ended, stdout]).toEqual([end, 'waiting stopped']);
  });
});

async function interruptOnceWaiting(child: ChildProcess, signal: NodeJS.Signals): Promise<string> {
  const stdout = child.stdout ?? expect.fail('no stdout');
  const [first] = await once(stdout, 'data');
  child.kill(signal);
  return `${first}${await text(stdout)}`;
}
