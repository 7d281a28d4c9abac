import { describe, expect, it } from 'vitest';
import { recordAttempt } from '../../../../src/cli/replay/delivery.js';
import type { Item } from '../../../../src/cli/replay/item.js';
import type { Attempt } from '../../../../src/listener/forward/target.js';

const made = { target: 'app', number: 1, run: 'r', atMs: 1 };
const attempt = { httpStatus: 200, ms: 1, outcome: 'accepted', detail: null } as Attempt;

describe('what is recorded of an attempt', () => {
  it.each([
    ['valid', 'u-1'],
    ['invalid', null],
    ['undetermined', null],
  ] as const)('a %s one counts as the notification it claims to be only if that is proved', (verdict, uuid) => {
    const item = { id: 'a', facts: { uuid: 'u-1' }, verdict: { verdict, reason: null } } as Item;
    expect(recordAttempt(item, made, attempt)).toMatchObject({ id: 'a', uuid, outcome: 'accepted', final: true });
  });
});
