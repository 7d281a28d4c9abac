import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createEffect } from '../../../../src/commands/audit/effect.js';
import { openFifo } from '../../../support/fifo.js';

const folder = mkdtempSync(path.join(tmpdir(), 'storewire-effect-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = (_ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));

const IDS = { id: 'forged.xcode', notificationUUID: 'uuid-1', originalTransactionId: '200000000000001' };

const ask = (command: string, deps: Partial<Parameters<typeof createEffect>[1]> = {}, ids: Partial<typeof IDS> = IDS) =>
  createEffect(command, {
    random: (bytes) => new Uint8Array(bytes).fill(7),
    env: { PATH: process.env.PATH, NGROK_AUTHTOKEN: 'kept', STOREWIRE_PRIVATE_KEY: 'secret', ASC_KEY_ID: 'secret' },
    cwd: folder,
    sleep: never,
    signal: new AbortController().signal,
    platform: process.platform,
    ...deps,
  })({ id: IDS.id, notificationUUID: null, originalTransactionId: null, ...ids });

describe.skipIf(process.platform === 'win32')('the program of --effect', () => {
  it.each([
    ['exit 0', true],
    ['exit 1', false],
    ['exit 42', false],
    ['kill -KILL $$', false],
    ['test "$STOREWIRE_ATTEMPT_ID" = forged.xcode', true],
    ['test "$STOREWIRE_NOTIFICATION_UUID" = uuid-1', true],
    ['test "$STOREWIRE_ORIGINAL_TRANSACTION_ID" = 200000000000001', true],
    ['touch here && test -f here', true],
  ])('%s', async (command, tookEffect) => expect(await ask(command)).toBe(tookEffect));

  it('gets random ids where the request has none', async () => {
    await ask('echo "$STOREWIRE_NOTIFICATION_UUID $STOREWIRE_ORIGINAL_TRANSACTION_ID" > ids', {}, { id: 'x' });
    expect(readFileSync(path.join(folder, 'ids'), 'utf8')).toMatch(/^[0-9a-f-]{36} \d{15}\n$/);
  });

  it('gets no credential for the App Store', async () => {
    await ask('env > env');
    const variables = readFileSync(path.join(folder, 'env'), 'utf8');
    expect(variables).toContain('NGROK_AUTHTOKEN=kept');
    expect(variables).not.toContain('secret');
  });

  it.each([
    ['no-such-program-here', 'it could not be run (exit code 127)'],
    ['/', 'it could not be run (exit code 126)'],
  ])('%s is an error, not a no', async (command, why) =>
    expect(ask(command)).rejects.toMatchObject({
      code: 'ERR_AUDIT_EFFECT',
      kind: 'usage',
      message: `--effect ${command}: ${why}`,
    }),
  );

  it('is an error where it cannot be started', async () =>
    expect(ask('true', { cwd: path.join(folder, 'missing') })).rejects.toMatchObject({
      code: 'ERR_AUDIT_EFFECT',
      message: expect.stringContaining('ENOENT'),
    }));

  it('is an error, and killed with its children, after 30 s', async () => {
    const file = path.join(folder, 'fifo');
    const fifo = openFifo(file);
    const waits: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      waits.push(ms);
      await fifo.printed;
    };
    const command = `exec 9>${file}; echo ready >&9; sleep 600 & sleep 600`;
    const message = `--effect ${command}: it did not end within 30 s`;
    await expect(ask(command, { sleep })).rejects.toMatchObject({ code: 'ERR_AUDIT_EFFECT', message });
    await fifo.closed;
    expect(waits).toEqual([30_000]);
  });

  it('is stopped by the signal', async () => {
    const stop = new AbortController();
    const asked = ask('sleep 600', { signal: stop.signal });
    stop.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'interrupted' });
    await expect(ask('touch started', { signal: stop.signal })).rejects.toMatchObject({ kind: 'interrupted' });
    expect(() => readFileSync(path.join(folder, 'started'))).toThrow('ENOENT');
  });
});
