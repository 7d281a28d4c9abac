import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, collect, runBin, SAMPLES, startBin } from '../support/bin.js';

const ROOT_FLAGS = ['--root', path.join(SAMPLES, 'root.pem')];
const COPIES = 400;

let folder: string;
let stream: string;
let bodies: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-streams-'));
  stream = path.join(folder, 'stream.ndjson');
  bodies = ['did-renew', 'refund', 'test', 'one-time-charge'].map((name) =>
    JSON.stringify(JSON.parse(readFileSync(path.join(SAMPLES, `${name}.json`), 'utf8'))),
  );
  writeFileSync(stream, `${bodies.join('\n')}\n`.repeat(COPIES));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a stream over threads', () => {
  it('keeps the order of its input', async () => {
    const { ended, stdout, stderr } = await runBin(['verify', stream, '--json', '--jobs', '3', ...ROOT_FLAGS]);
    expect(ended).toBe(0);
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents.map(({ source }) => source)).toEqual(documents.map((_, index) => `${stream}:${index + 1}`));
    expect(documents).toHaveLength(COPIES * bodies.length);
    expect(documents.slice(0, 4).map(({ notification }) => notification.notificationType)).toEqual([
      'DID_RENEW',
      'REFUND',
      'TEST',
      'ONE_TIME_CHARGE',
    ]);
    expect(stderr).toContain('1,600 payloads');
  });

  it('says the same with one thread and with four', async () => {
    const run = (jobs: string) => runBin(['verify', stream, '--summary', '--json', '--jobs', jobs, ...ROOT_FLAGS]);
    const [one, four] = (await Promise.all([run('1'), run('4')])).map(({ stdout }) => JSON.parse(stdout));
    for (const summary of [one, four]) {
      expect(summary).toMatchObject({ total: 1600, verdicts: { valid: 1600, invalid: 0, undetermined: 0 } });
    }
    expect(one.types).toEqual(four.types);
  });

  it('ends with 1 where one of many is invalid', async () => {
    const forged = bodies[0]?.replace(/.{10}"}$/, 'AAAAAAAAAA"}');
    const { ended, stdout } = await runBin(
      ['verify', '-', '--summary', '--json', ...ROOT_FLAGS],
      `${readFileSync(stream, 'utf8')}${forged}\n`,
    );
    expect(ended).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdicts: { valid: 1600, invalid: 1 } });
  });

  it('ends with 70 where a thread ends before its work, never with a yes', async () => {
    const preload = path.join(folder, 'end-threads.cjs');
    writeFileSync(preload, "if (!require('node:worker_threads').isMainThread) process.exit(0);");
    const { ended, stderr } = await runBin(['verify', stream, '--jobs', '2', ...ROOT_FLAGS], '', {
      NODE_OPTIONS: `--require ${JSON.stringify(preload)}`,
    });
    expect(ended).toBe(70);
    expect(stderr).toContain('a worker thread ended before its work');
  });

  it('ends quietly when its reader goes away', async () => {
    const child = startBin(['verify', stream, '--json', ...ROOT_FLAGS]);
    child.stdin?.end();
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { ended, stderr } = await collect(child);
    expect({ ended, stderr }).toEqual({ ended: 0, stderr: '' });
  });

  it.skipIf(process.platform === 'win32')('stops at Ctrl-C though its output is not read', async () => {
    const child = startBin(['verify', stream, '--json', ...ROOT_FLAGS]);
    await once(child.stdout!, 'readable');
    child.kill('SIGINT');
    // The output is never read, so that only `exit` comes.
    expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  });

  it.skipIf(process.platform === 'win32')('gives no totals of a part as an answer', async () => {
    const child = startBin(['verify', '-', '--summary', '--json', ...ROOT_FLAGS]);
    const run = collect(child);
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(`${bodies.join('\n')}\n`.repeat(COPIES), () => child.kill('SIGINT'));
    const { ended, stdout } = await run;
    expect({ ended, stdout }).toEqual({ ended: 'SIGINT', stdout: '' });
  });

  it.skipIf(process.platform === 'win32').each([
    ['Ctrl-C', 'SIGINT'],
    ['the end of its terminal', 'SIGHUP'],
  ] as const)('dies of %s after it has said what it did', async (_case, signal) => {
    const child = startBin(['verify', '-', ...ROOT_FLAGS]);
    const run = collect(child);
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(`${bodies.join('\n')}\n`.repeat(100));
    await once(child.stdout!, 'data');
    child.kill(signal);
    const { ended, stderr } = await run;
    expect(ended).toBe(signal);
    expect(stderr).toMatch(/^\nStopped before the end of the input\. So far:\n\n[\d,]+ payloads in /);
  });
});

describe('pipes', () => {
  it.runIf(process.platform === 'linux')('say that a full disk took nothing, and exit 2', async () => {
    const sample = path.join(SAMPLES, 'did-renew.json');
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${BIN}" decode "${sample}" > /dev/full`],
      {
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('ENOSPC') });
  });

  it('reads what it printed', async () => {
    const first = await runBin(['decode', path.join(SAMPLES, 'refund.json'), '--json', '--raw']);
    const again = await runBin(['verify', '--json', ...ROOT_FLAGS], first.stdout);
    expect(again.ended).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ source: 'stdin', notification: { notificationType: 'REFUND' } });
  });

  it('prints no colour into a pipe, and does with --color always', async () => {
    const sample = path.join(SAMPLES, 'did-renew.json');
    expect((await runBin(['decode', sample])).stdout).not.toContain('\u001b[');
    expect((await runBin(['decode', sample, '--color', 'always'])).stdout).toContain('\u001b[');
    expect((await runBin(['decode', sample], '', { FORCE_COLOR: '1' })).stdout).toContain('\u001b[');
    expect((await runBin(['decode', sample], '', { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001b[');
  });

  it('gives a document of 200 KB whole', async () => {
    const history = readFileSync(path.join(SAMPLES, 'history.ndjson'), 'utf8');
    const { ended, stdout } = await runBin(['decode', '--json', '--raw'], history);
    expect(ended).toBe(0);
    expect(stdout.length).toBeGreaterThan(150_000);
    for (const line of stdout.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });
});
