import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPipe } from '../../../src/files/special-file.js';

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
