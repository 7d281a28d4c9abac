import { describe, expect, it } from 'vitest';
import type { Item } from '../../../../src/commands/replay/item.js';
import { recordAttempt } from '../../../../src/commands/replay/send-all.js';
import type { DeliveryAttempt } from '../../../../src/forwarding/target.js';

const made = { target: 'app', number: 1, run: 'r', atMs: 1 };
const attempt = { httpStatus: 200, ms: 1, outcome: 'accepted', detail: null } as DeliveryAttempt;

describe('the record of an attempt', () => {
  it.each([
    ['valid', 'u-1'],
    ['invalid', null],
    ['undetermined', null],
  ] as const)('a %s one counts for its notificationUUID only if it is verified', (verdict, uuid) => {
    const item = { id: 'a', facts: { uuid: 'u-1' }, verdict: { verdict, reason: null } } as Item;
    expect(recordAttempt(item, made, attempt)).toMatchObject({ id: 'a', uuid, outcome: 'accepted', final: true });
  });
});
