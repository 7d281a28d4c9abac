import { describe, expect, it } from 'vitest';
import { createListenOutput } from '../../../../src/commands/listen/output.js';
import type { ListenerEvent } from '../../../../src/listener/events.js';
import { captureOutput } from '../../../support/run-cli.js';
import { AT_MS, delivery, failure, verified } from '../../document-view/listen-events.js';

const READY = {
  event: 'ready',
  atMs: AT_MS,
  url: 'http://127.0.0.1:4280/',
  publicUrl: null,
  targets: [],
  journal: '',
  owed: 0,
} as const;
const COUNTS = { received: 1, verified: 1, repeats: 0, refused: 0, forwarded: 0, failed: 1, owed: 0 };
const STOPPED = { event: 'stopped', atMs: AT_MS, reason: 'SIGINT', counts: COUNTS } as const;

function start(flags: { json?: boolean } = {}) {
  const stdout = captureOutput({ isTty: true, columns: 120 });
  const stderr = captureOutput();
  const sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      sleeps.push({ ms, wake: resolve });
      signal?.addEventListener('abort', () => resolve());
    });
  let nowMs = AT_MS;
  const output = createListenOutput(
    { json: false, verbose: false, onInvalid: 'reject', answer: 'ack', ...flags },
    { targets: [], faults: {}, expectations: {}, rootSource: null, stopCondition: { kind: 'forever' } },
    {
      journal: { path: '/project/.storewire/journal.ndjson' },
      verification: { roots: [] },
      trustsTrigger: false,
      page: { url: null },
    },
    {
      stdin: { isTty: false, chunks: async function* () {}, setRaw: () => undefined },
      stdout: stdout.stream,
      stderr: stderr.stream,
      cwd: '/project/app',
      now: () => nowMs,
      sleep,
    },
  );
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms;
    for (const each of sleeps.splice(0)) each.wake();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { output, pass, stdout: stdout.text, stderr: stderr.text };
}

async function show(run: ReturnType<typeof start>, ...events: readonly ListenerEvent[]): Promise<void> {
  for (const event of events) run.output.write(event);
  const closed = run.output.close();
  await run.pass(20);
  await closed;
}

describe('the output of listen', () => {
  it('prints a held line when it is due, without another event', async () => {
    const run = start();
    run.output.write(verified({ targets: ['app'] }));
    await run.pass(20);
    expect(run.stdout()).toBe('');
    await run.pass(1_480);
    await run.pass(20);
    expect(run.stdout()).toContain('– app pending');
  });

  it('prints lines on stdout and the summary on stderr', async () => {
    const run = start();
    await show(run, READY, verified({ targets: ['app'] }), delivery(), STOPPED);
    expect(run.stdout()).toMatch(/^Listening for .*12:00:00Z {2}DID_RENEW .*✓ app 200/s);
    expect(run.stdout()).not.toContain('Stopped.');
    expect(run.stderr()).toContain('Stopped. 1 received');
    expect(run.stderr()).not.toContain('replay');
  });

  it('shows the path of the journal', async () => {
    const run = start();
    await show(run, READY);
    expect(run.stdout()).toContain('journal   /project/.storewire/journal.ndjson');
  });

  it('counts abandoned deliveries', async () => {
    const run = start();
    await show(run, verified({ targets: ['app'] }), failure({ final: true, nextAtMs: null }), STOPPED);
    expect(run.stderr()).toContain('replay --failed');
  });

  it('prints held lines when the run ends', async () => {
    const run = start();
    await show(run, verified({ targets: ['app'] }), STOPPED);
    expect(run.stdout()).toContain('– app pending');
  });

  it('with --json shows every event on stdout and nothing on stderr', async () => {
    const run = start({ json: true });
    await show(run, READY, verified({ targets: ['app'] }), delivery(), STOPPED);
    const events = run
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect([events, run.stderr()]).toEqual([['ready', 'verified', 'forwarded', 'stopped'], '']);
  });
});
