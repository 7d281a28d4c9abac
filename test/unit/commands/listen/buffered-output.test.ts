import { describe, expect, it } from 'vitest';
import { createBufferedOutput } from '../../../../src/commands/listen/output.js';

/** A stream whose reader and clock the test controls. */
function start(maxBuffered: number) {
  const written: string[] = [];
  const asleep: (() => void)[] = [];
  const unread: (() => void)[] = [];
  let isPaused = false;
  const stream = {
    write: (data: string | Uint8Array) => void written.push(String(data)),
    drained: () => (isPaused ? new Promise<void>((resolve) => void unread.push(resolve)) : Promise.resolve()),
  };
  const sleep = (): Promise<void> => new Promise((resolve) => void asleep.push(resolve));
  const output = createBufferedOutput(stream, { maxBuffered, onDropped: (count) => `${count} dropped` }, sleep);
  const resume = async (waiters: (() => void)[]): Promise<void> => {
    for (const each of waiters.splice(0)) each();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    output,
    written,
    pause() {
      isPaused = true;
    },
    wake: () => resume(asleep),
    read() {
      isPaused = false;
      return resume(unread);
    },
  };
}

describe('a buffered output', () => {
  it('batches texts that arrive together', async () => {
    const { output, written, wake } = start(100);
    for (const text of ['a', '', 'b']) output.write(text);
    expect(written).toEqual([]);
    await wake();
    expect(written).toEqual(['ab']);
    output.write('c');
    await wake();
    expect(written).toEqual(['ab', 'c']);
  });

  it('buffers for a slow reader up to a limit, and counts the dropped rest', async () => {
    const { output, written, pause, wake, read } = start(4);
    pause();
    output.write('ab');
    await wake();
    output.write('cd');
    output.write('ef');
    output.write('g');
    expect(written).toEqual([]);
    await read();
    expect(written).toEqual(['abcd', '2 dropped']);
    output.write('h');
    await wake();
    expect(written.slice(2)).toEqual(['h']);
  });

  it('writes the rest when it closes', async () => {
    const { output, written, wake } = start(100);
    output.write('a');
    const closed = output.close();
    await wake();
    await closed;
    expect(written).toEqual(['a']);
  });

  it('closes at once without any write', async () => expect(await start(1).output.close()).toBeUndefined());
});
