import { describe, expect, it } from 'vitest';
import { createBufferedOutput } from '../../../../src/commands/listen/output.js';

/** A stream whose reader and clock wait until they are told. */
function start(mostWaiting: number) {
  const written: string[] = [];
  const asleep: (() => void)[] = [];
  const unread: (() => void)[] = [];
  let isStuck = false;
  const stream = {
    write: (data: string | Uint8Array) => void written.push(String(data)),
    drained: () => (isStuck ? new Promise<void>((resolve) => void unread.push(resolve)) : Promise.resolve()),
  };
  const sleep = (): Promise<void> => new Promise((resolve) => void asleep.push(resolve));
  const outlet = createBufferedOutput(stream, { mostWaiting, onLeftOut: (count) => `${count} left out` }, sleep);
  const goOn = async (waiting: (() => void)[]): Promise<void> => {
    for (const each of waiting.splice(0)) each();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    outlet,
    written,
    stick() {
      isStuck = true;
    },
    wake: () => goOn(asleep),
    read() {
      isStuck = false;
      return goOn(unread);
    },
  };
}

describe('an outlet', () => {
  it('writes together what comes together', async () => {
    const { outlet, written, wake } = start(100);
    for (const text of ['a', '', 'b']) outlet.write(text);
    expect(written).toEqual([]);
    await wake();
    expect(written).toEqual(['ab']);
    outlet.write('c');
    await wake();
    expect(written).toEqual(['ab', 'c']);
  });

  it('keeps what a slow reader has not read, up to a bound, and tells the rest', async () => {
    const { outlet, written, stick, wake, read } = start(4);
    stick();
    outlet.write('ab');
    await wake();
    outlet.write('cd');
    outlet.write('ef');
    outlet.write('g');
    expect(written).toEqual([]);
    await read();
    expect(written).toEqual(['abcd', '2 left out']);
    outlet.write('h');
    await wake();
    expect(written.slice(2)).toEqual(['h']);
  });

  it('writes what is left at its end', async () => {
    const { outlet, written, wake } = start(100);
    outlet.write('a');
    const ended = outlet.end();
    await wake();
    await ended;
    expect(written).toEqual(['a']);
  });

  it('that was never written to ends at once', async () => expect(await start(1).outlet.end()).toBeUndefined());
});
