import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sleep } from '../../../src/clock.js';
import { buildExecTarget } from '../../../src/forwarding/parse-target.js';
import { forwardOnce } from '../../../src/forwarding/send.js';
import type { DeliveryAttempt, ForwardedNotification, SendDeps } from '../../../src/forwarding/target.js';
import { type Fifo, openFifo } from '../../support/fifo.js';

const folder = mkdtempSync(path.join(tmpdir(), 'storewire-program-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => path.join(folder, name);
const read = (name: string): string => readFileSync(file(name), 'utf8');

const DOCUMENT = `{"kind":"notification","é":"☃"}\n`;
const NOTIFICATION: ForwardedNotification = {
  id: 'a1b2c3d4',
  body: Buffer.from('{}'),
  contentType: null,
  uuid: null,
  type: 'TEST',
  verdict: 'valid',
  documentJson: () => DOCUMENT,
};

const run = (command: string, deps: Partial<SendDeps> = {}, notification = NOTIFICATION): Promise<DeliveryAttempt> =>
  forwardOnce(buildExecTarget(command, []), notification, 1, {
    http: () => Promise.reject(new Error('not asked for')),
    timeoutMs: 150_000,
    runId: '0123456789abcdef',
    now: () => 0,
    sleep,
    env: { PATH: process.env.PATH, DIR: folder },
    platform: process.platform,
    ...deps,
  });

/** A deadline that comes once the program has printed to the named pipe, and no other. */
const deadlineAfter = (fifo: Fifo, timeoutMs: number): Partial<SendDeps> => ({
  timeoutMs,
  sleep: (ms, signal) => (ms === timeoutMs ? fifo.printed.then(() => undefined) : sleep(ms, signal)),
});

describe.skipIf(process.platform === 'win32')('a program', () => {
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
  ])('that does %s has refused it, and is final', async (command, detail) =>
    expect(await run(command)).toMatchObject({ outcome: 'refused', detail, retriable: false }),
  );

  it('need not read its stdin', async () => {
    const large = { ...NOTIFICATION, documentJson: () => 'x'.repeat(2_000_000) };
    expect(await run('exec 0<&-; exit 0', {}, large)).toMatchObject({ outcome: 'accepted' });
    expect(await run('true', {}, large)).toMatchObject({ outcome: 'accepted' });
  });

  it('has both streams reported line by line, to the end', async () => {
    const lines: string[] = [];
    await run('echo one; echo two >&2; printf three', {
      onOutput: (target, line) => void lines.push(`${target}: ${line}`),
    });
    expect(lines.sort()).toEqual(['exec: one', 'exec: three', 'exec: two']);
  });

  it('has at most 200 lines reported', async () => {
    let lines = 0;
    const onOutput = (): void => {
      lines += 1;
    };
    await run('seq 1 5000', { onOutput });
    expect(lines).toBe(200);
  });

  it('may leave a background job that holds its output', async () => {
    const job = openFifo(file('job'));
    expect(await run('exec 9>"$DIR/job"; sleep 600 & echo $! >&9')).toMatchObject({ outcome: 'accepted' });
    process.kill(Number(await job.printed));
    await job.closed;
  });

  it('is ended at the deadline, with its children', async () => {
    const group = openFifo(file('group'));
    const command = 'exec 9>"$DIR/group"; sleep 600 & echo ready >&9; wait';
    const attempt = await run(command, deadlineAfter(group, 300));
    expect(attempt).toMatchObject({ outcome: 'timed-out', detail: 'did not end within 0.3 s', retriable: false });
    await group.closed;
  });

  it('is killed when it does not end on SIGTERM', async () => {
    const group = openFifo(file('stubborn'));
    const deps = deadlineAfter(group, 300);
    const waits: number[] = [];
    const quick: SendDeps['sleep'] = (ms, signal) => {
      waits.push(ms);
      return ms === 2_000 ? Promise.resolve() : deps.sleep!(ms, signal);
    };
    const command = `trap '' TERM; exec 9>"$DIR/stubborn"; echo ready >&9; while :; do sleep 600; done`;
    expect(await run(command, { ...deps, sleep: quick })).toMatchObject({ outcome: 'timed-out' });
    await group.closed;
    expect(waits).toEqual([300, 2_000]);
  });

  it('is ended when the signal aborts, and makes no attempt', async () => {
    const stop = new AbortController();
    const group = openFifo(file('stopped'));
    const running = run('exec 9>"$DIR/stopped"; echo ready >&9; sleep 600', { signal: stop.signal });
    await group.printed;
    stop.abort();
    await expect(running).rejects.toMatchObject({ kind: 'interrupted' });
    await group.closed;
    await expect(run('true', { signal: stop.signal })).rejects.toMatchObject({ kind: 'interrupted' });
  });
});
