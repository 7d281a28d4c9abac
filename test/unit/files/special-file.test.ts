import { execFileSync } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { createWriteStream, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDevice, readPipe } from '../../../src/files/special-file.js';

let folder: string;
let pipe: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-pipe-'));
  pipe = path.join(folder, 'pipe');
  if (process.platform !== 'win32') execFileSync('mkfifo', [pipe]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('a named pipe', () => {
  it('is read to its end', async () => {
    const chunks: Uint8Array[] = [];
    const writer = createWriteStream(pipe);
    writer.end('0123456789'.repeat(30_000));
    for await (const chunk of readPipe(pipe, new AbortController().signal)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('0123456789'.repeat(30_000));
  });

  it('without a writer is given up when the signal aborts', async () => {
    const stop = new AbortController();
    const first = readPipe(pipe, stop.signal).next();
    stop.abort();
    expect(await first).toEqual({ done: true, value: undefined });
  });

  it('with a silent writer is given up when the signal aborts', async () => {
    const stop = new AbortController();
    const writer = createWriteStream(pipe);
    const chunks = readPipe(pipe, stop.signal);
    const first = chunks.next();
    writer.write('one');
    expect(Buffer.from((await first).value!).toString()).toBe('one');
    const second = chunks.next();
    stop.abort();
    expect(await second).toEqual({ done: true, value: undefined });
    writer.destroy();
    await once(writer, 'close');
  });

  it('that cannot be opened is an error', async () => {
    await expect(readPipe(path.join(folder, 'none'), new AbortController().signal).next()).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

describe.skipIf(process.platform !== 'linux')('a device', () => {
  const hasOpen = (file: string): boolean =>
    readdirSync('/proc/self/fd').some((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === file;
      } catch {
        return false;
      }
    });

  it('is read to its end', async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readDevice('/proc/self/cmdline', new AbortController().signal)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toContain('node');
  });

  it('is not opened after the signal has aborted', async () => {
    const chunks = readDevice(path.join(folder, 'none'), AbortSignal.abort());
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
  });

  it('is closed when its reader stops before the end', async () => {
    const { signal } = new AbortController();
    for await (const chunk of readDevice('/dev/zero', signal)) {
      expect(chunk.length).toBeGreaterThan(0);
      expect(hasOpen('/dev/zero')).toBe(true);
      break;
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    while (hasOpen('/dev/zero')) await setImmediate();
  });

  it('is read in bounded memory', async () => {
    setFlagsFromString('--expose_gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const chunks = readDevice('/dev/zero', new AbortController().signal);
    const first = new WeakRef((await chunks.next()).value as Uint8Array);
    for (let count = 0; count < 10; count += 1) await chunks.next();
    await setImmediate();
    collectGarbage();
    expect(first.deref()).toBeUndefined();
    await chunks.return(undefined);
  });
});
