import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sleep } from '../../../src/clock.js';
import { buildExecTarget } from '../../../src/forwarding/parse-target.js';
import { forwardOnce } from '../../../src/forwarding/send.js';
import type { DeliveryAttempt, ForwardedNotification, SendDeps } from '../../../src/forwarding/target.js';

const folder = mkdtempSync(path.join(tmpdir(), 'storewire-program-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => path.join(folder, name);
const read = (name: string): string => readFileSync(file(name), 'utf8');

const DOCUMENT = `{"kind":"notification","é":"☃"}\n`;
const PARCEL: ForwardedNotification = {
  id: 'a1b2c3d4',
  body: Buffer.from('{}'),
  contentType: null,
  uuid: null,
  type: 'TEST',
  verdict: 'valid',
  documentJson: () => DOCUMENT,
};

const run = (command: string, wish: Partial<SendDeps> = {}, parcel = PARCEL): Promise<DeliveryAttempt> =>
  forwardOnce(buildExecTarget(command, []), parcel, 1, {
    http: () => Promise.reject(new Error('not asked for')),
    timeoutMs: 10_000,
    runId: '0123456789abcdef',
    now: () => 0,
    sleep,
    env: { PATH: process.env.PATH, DIR: folder },
    platform: 'linux',
    ...wish,
  });

/** Resolves when the file holds something. */
async function written(name: string): Promise<string> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      const text = read(name);
      if (text.endsWith('\n')) return text;
    } catch {
      // Not there yet.
    }
    await sleep(20);
  }
  throw new Error(`${name} was never written`);
}

/** Whether the process is gone, a zombie counted. */
function isGone(pid: string): boolean {
  try {
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid.trim()}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

describe.skipIf(process.platform !== 'linux')('a program', () => {
  it('gets the document on stdin and the id in its environment', async () => {
    const attempt = await run('cat > "$DIR/in"; echo "$STOREWIRE_ID" > "$DIR/id"');
    expect(attempt).toEqual({
      httpStatus: null,
      ms: 0,
      outcome: 'accepted',
      detail: null,
      retriable: false,
      retryAtMs: null,
    });
    expect([read('in'), read('id')]).toEqual([DOCUMENT, 'a1b2c3d4\n']);
  });

  it('is not given keys', async () => {
    const env = {
      PATH: process.env.PATH,
      DIR: folder,
      LANG: 'C',
      STOREWIRE_KEY_ID: 'x',
      GITHUB_TOKEN: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    };
    await run('env > "$DIR/env"', { env });
    expect(read('env')).toContain('LANG=C');
    expect(read('env')).not.toMatch(/KEY|TOKEN/);
  });

  it.each([
    ['exit 3', 'ended with exit code 3'],
    ['no-such-program-here', 'was not found (exit code 127)'],
    ['"$DIR"', 'could not be run (exit code 126)'],
    ['kill -KILL $$', 'was ended by SIGKILL'],
  ])('that does %s has refused, for good', async (command, detail) =>
    expect(await run(command)).toMatchObject({ outcome: 'refused', detail, retriable: false }),
  );

  it('need not read what it is given', async () => {
    const parcel = { ...PARCEL, documentJson: () => 'x'.repeat(2_000_000) };
    expect(await run('exec 0<&-; exit 0', {}, parcel)).toMatchObject({ outcome: 'accepted' });
    expect(await run('true', {}, parcel)).toMatchObject({ outcome: 'accepted' });
  });

  it('is heard on both streams, line by line, to the last word', async () => {
    const lines: string[] = [];
    await run('echo one; echo two >&2; printf three', {
      onOutput: (target, line) => void lines.push(`${target}: ${line}`),
    });
    expect(lines.sort()).toEqual(['exec: one', 'exec: three', 'exec: two']);
  });

  it('that prints without end is not heard without end', async () => {
    let lines = 0;
    const onOutput = (): void => {
      lines += 1;
    };
    await run('seq 1 5000', { onOutput });
    expect(lines).toBe(200);
  });

  it('may leave something running that holds its output', async () => {
    expect(await run('sleep 30 & echo $! > "$DIR/left"')).toMatchObject({ outcome: 'accepted' });
    expect(isGone(await written('left'))).toBe(false);
    process.kill(Number(read('left')));
  });

  it('is ended when its time is up, with all that it started', async () => {
    const attempt = await run('sleep 60 & echo $! > "$DIR/child"; wait', { timeoutMs: 300 });
    expect(attempt).toMatchObject({ outcome: 'timed-out', detail: 'did not end within 0.3 s', retriable: false });
    const child = await written('child');
    for (let tries = 0; tries < 100 && !isGone(child); tries += 1) await sleep(20);
    expect(isGone(child)).toBe(true);
  });

  it('is killed when it does not end on SIGTERM', async () => {
    const quick: SendDeps['sleep'] = (ms, signal) => sleep(ms === 2_000 ? 100 : ms, signal);
    const attempt = await run(`trap '' TERM; while :; do sleep 0.05; done`, { timeoutMs: 300, sleep: quick });
    expect(attempt).toMatchObject({ outcome: 'timed-out' });
  });

  it('is ended when we stop, without an attempt', async () => {
    const stop = new AbortController();
    const running = run('echo $$ > "$DIR/self"; sleep 60', { signal: stop.signal });
    const self = await written('self');
    stop.abort();
    await expect(running).rejects.toMatchObject({ kind: 'interrupted' });
    expect(isGone(self)).toBe(true);
    await expect(run('true', { signal: stop.signal })).rejects.toMatchObject({ kind: 'interrupted' });
  });
});
