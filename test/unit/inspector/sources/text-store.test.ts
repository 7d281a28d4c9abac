import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTextStore } from '../../../../src/inspector/sources/text-store.js';

const TEXTS = ['eyJ', 'ü'.repeat(40), '', 'x'.repeat(100_000), '\u0000 \ud83d\ude00', 'y'.repeat(50)];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'storewire-texts-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the texts of an input', () => {
  it.each([0, 1, 3, 83, 84, 10_000_000])('are read as they were added, with %i bytes in memory', (memoryBytes) => {
    const store = createTextStore(memoryBytes);
    const numbers = TEXTS.map((text) => store.add(text));
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5]);
    for (const number of [5, 0, 3, 1, 4, 2, 5]) expect(store.read(number)).toBe(TEXTS[number]);
    // Also between reads.
    const last = store.add('later');
    expect(store.read(last)).toBe('later');
    expect(store.read(0)).toBe('eyJ');
    store.close();
  });

  it('keep their order where a short one would fit in memory after a long one did not', () => {
    const store = createTextStore(10);
    for (const text of ['abc', 'long enough for the file', 'd', '', 'e']) store.add(text);
    expect([0, 1, 2, 3, 4].map((number) => store.read(number))).toEqual([
      'abc',
      'long enough for the file',
      'd',
      '',
      'e',
    ]);
    store.close();
  });

  it.skipIf(process.platform === 'win32')('leave no file behind, even without an end', () => {
    const store = createTextStore(0);
    store.add('secret');
    expect(readdirSync(folder)).toEqual([]);
    expect(store.read(0)).toBe('secret');
    store.close();
  });
});
