import { describe, expect, it } from 'vitest';
import { digitsFrom, seededRandom, uuidFrom } from '../../../src/simulator/random.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('seededRandom', () => {
  it('gives the same bytes for the same seed, in pieces of any size', () => {
    const [one, other] = [seededRandom('a'), seededRandom('a')];
    const parts = [5, 40, 19].map((count) => hex(other(count))).join('');
    expect(hex(one(64))).toBe(parts);
  });

  it('gives other bytes for another seed, without repetition', () => {
    const random = seededRandom('a');
    const seen = new Set([hex(random(16)), hex(random(16)), hex(random(16)), hex(seededRandom('b')(16))]);
    expect(seen.size).toBe(4);
  });
});

describe('ids', () => {
  it('are UUIDs of version 4', () => {
    const bytes = Uint8Array.from({ length: 16 }, () => 0xff);
    expect(uuidFrom(() => bytes)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  });

  it('are digits of the requested number', () => {
    expect(digitsFrom(() => Uint8Array.of(0, 9, 10, 255), 4)).toBe('0905');
  });
});
