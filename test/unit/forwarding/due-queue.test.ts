import { describe, expect, it } from 'vitest';
import { DueQueue, type QueuedDelivery } from '../../../src/forwarding/due-queue.js';
import { mulberry32 } from '../../support/seeded-random.js';

function drain(queue: DueQueue): QueuedDelivery[] {
  const all: QueuedDelivery[] = [];
  for (let owed = queue.take(); owed !== undefined; owed = queue.take()) all.push(owed);
  return all;
}

describe('DueQueue', () => {
  it('is empty at first', () => {
    const queue = new DueQueue();
    expect([queue.size, queue.nextDueMs, queue.nextRef, queue.take()]).toEqual([
      0,
      Number.POSITIVE_INFINITY,
      undefined,
      undefined,
    ]);
  });

  it('returns entries by due time, then by order of receipt', () => {
    const queue = new DueQueue();
    const owed = [
      { ref: 7, attempts: 1, dueAtMs: 20 },
      { ref: 3, attempts: 0, dueAtMs: 10 },
      { ref: 1, attempts: 2, dueAtMs: 20 },
      { ref: 2, attempts: 0, dueAtMs: 10 },
    ];
    for (const each of owed) queue.add(each);
    expect([queue.size, queue.nextDueMs, queue.nextRef]).toEqual([4, 10, 2]);
    expect(drain(queue)).toEqual([owed[3], owed[1], owed[2], owed[0]]);
  });

  it('caps the number of attempts', () => {
    const queue = new DueQueue();
    queue.add({ ref: 4_294_967_295, attempts: 300, dueAtMs: 1.5 });
    expect(queue.take()).toEqual({ ref: 4_294_967_295, attempts: 255, dueAtMs: 1.5 });
  });

  it('keeps its order while it grows and shrinks', () => {
    const random = mulberry32(1);
    const queue = new DueQueue();
    let last: QueuedDelivery[] = [];
    for (let ref = 0; ref < 5_000; ref += 1) {
      const owed = { ref, attempts: ref % 7, dueAtMs: Math.floor(100 * random()) };
      queue.add(owed);
      last.push(owed);
      if (ref % 3 === 0) {
        last = last.sort((a, b) => a.dueAtMs - b.dueAtMs || a.ref - b.ref);
        expect(queue.take()).toEqual(last.shift());
      }
    }
    expect(drain(queue)).toEqual(last.sort((a, b) => a.dueAtMs - b.dueAtMs || a.ref - b.ref));
  });
});
