import { describe, expect, it } from 'vitest';
import { BodyQueue } from '../../../../src/listener/verification/body-queue.js';

interface Named {
  readonly name: string;
  readonly input: { readonly body: Uint8Array; readonly address: string | null };
}

const KIB = 1_024;

function queueOf(
  ...bodies: readonly (readonly [name: string, kib: number, address?: string | null])[]
): BodyQueue<Named> {
  const queue = new BodyQueue<Named>();
  for (const [name, kib, address = '192.0.2.1'] of bodies)
    queue.add({ name, input: { body: new Uint8Array(kib * KIB), address } });
  return queue;
}

function drain(queue: BodyQueue<Named>, large = true): string {
  const names: string[] = [];
  for (let next = queue.take(large); next !== undefined; next = queue.take(large)) names.push(next.name);
  return names.join(' ');
}

describe('the order of bodies', () => {
  it.each([
    [
      'the order of arrival for one client',
      [
        ['a', 1],
        ['b', 19],
        ['c', 2],
      ],
      'a b c',
    ],
    [
      'small ones first',
      [
        ['a', 1_000],
        ['b', 100],
        ['c', 19],
        ['d', 999],
      ],
      'c b a d',
    ],
    [
      'each client in turn',
      [
        ['a', 1],
        ['b', 1],
        ['c', 1],
        ['d', 1, '192.0.2.2'],
        ['e', 1, null],
      ],
      'a d e b c',
    ],
    [
      'one share for the addresses of a /64',
      [
        ['a', 1, '2001:db8::1'],
        ['b', 1, '2001:db8::2:1'],
        ['c', 1, '2001:db8:0:1::1'],
      ],
      'a c b',
    ],
    [
      'one share for loopback',
      [
        ['a', 1, '::1'],
        ['b', 1, '::1'],
        ['c', 1, '::2'],
      ],
      'a b c',
    ],
  ] as const)('is %s', (_case, bodies, order) => {
    expect(drain(queueOf(...bodies))).toBe(order);
  });

  it('gives a client that comes back its place behind those that wait', () => {
    const queue = queueOf(['a', 1, '192.0.2.1'], ['b', 1, '192.0.2.2'], ['c', 1, '192.0.2.2']);
    expect(queue.take(true)?.name).toBe('a');
    queue.add({ name: 'd', input: { body: new Uint8Array(1), address: '192.0.2.1' } });
    expect(drain(queue)).toBe('b d c');
  });

  it('leaves large ones waiting while they may not start', () => {
    const queue = queueOf(['a', 1_000], ['b', 1]);
    expect([queue.peek(false)?.name, drain(queue, false), queue.size]).toEqual(['b', 'b', 1]);
    expect([queue.peek(true)?.name, drain(queue)]).toEqual(['a', 'a']);
  });

  it('takes a large one now and then, whatever small ones wait', () => {
    const queue = queueOf(['large', 1_000], ...Array.from({ length: 100 }, (): [string, number] => ['small', 1]));
    const place = drain(queue).split(' ').indexOf('large');
    expect(place).toBe(31);
  });

  it('is empty after clear', () => {
    const queue = queueOf(['a', 1], ['b', 1_000]);
    expect(queue.clear().map(({ name }) => name)).toEqual(['a', 'b']);
    expect([queue.size, queue.take(true)]).toEqual([0, undefined]);
  });
});
