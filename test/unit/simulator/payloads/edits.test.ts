import { describe, expect, it } from 'vitest';
import type { BuiltNotification } from '../../../../src/simulator/payloads/assemble.js';
import { type Edits, editNotification } from '../../../../src/simulator/payloads/edits.js';

const built: BuiltNotification = {
  notification: { notificationUUID: 'u', data: { bundleId: 'a', status: 1 }, list: [{ n: 1 }, { n: 2 }] },
  transaction: { price: 1, info: { a: 1 } },
  renewalInfo: { autoRenewStatus: 1 },
};
const { notification, transaction, renewalInfo } = built;

interface Row {
  what: string;
  edits: Edits;
  result: BuiltNotification;
}
const ROWS: readonly Row[] = [
  { what: 'nothing', edits: {}, result: built },
  {
    what: 'a field of the notification',
    edits: { set: { notificationUUID: 'v' } },
    result: { ...built, notification: { ...notification, notificationUUID: 'v' } },
  },
  {
    what: 'the same by its full name',
    edits: { set: { 'notification.notificationUUID': 'v' } },
    result: { ...built, notification: { ...notification, notificationUUID: 'v' } },
  },
  {
    what: 'a field inside data, and only there',
    edits: { set: { 'data.bundleId': 'b' } },
    result: { ...built, notification: { ...notification, data: { bundleId: 'b', status: 1 } } },
  },
  {
    what: 'a field of a nested token',
    edits: { set: { 'transaction.price': 2 } },
    result: { notification, transaction: { price: 2, info: { a: 1 } }, renewalInfo: { autoRenewStatus: 1 } },
  },
  {
    what: 'an index of an array',
    edits: { set: { 'list.1.n': 3 } },
    result: { ...built, notification: { ...notification, list: [{ n: 1 }, { n: 3 }] } },
  },
  {
    what: 'a field in missing objects',
    edits: { set: { 'new.deep.er': true } },
    result: { ...built, notification: { ...notification, new: { deep: { er: true } } } },
  },
  {
    what: 'a missing nested token',
    edits: { set: { appTransaction: { bundleId: 'a' } } },
    result: { ...built, appTransaction: { bundleId: 'a' } },
  },
  {
    what: 'the field of a nested token, as text',
    edits: { set: { 'data.signedTransactionInfo': 'x' } },
    result: {
      ...built,
      notification: { ...notification, data: { bundleId: 'a', status: 1, signedTransactionInfo: 'x' } },
    },
  },
  {
    what: 'a field removed',
    edits: { remove: ['data.status'] },
    result: { ...built, notification: { ...notification, data: { bundleId: 'a' } } },
  },
  {
    what: 'a field inside a nested token removed',
    edits: { remove: ['transaction.info.a'] },
    result: { notification, transaction: { price: 1, info: {} }, renewalInfo: { autoRenewStatus: 1 } },
  },
  {
    what: 'a nested token removed',
    edits: { remove: ['renewalInfo'] },
    result: { notification, transaction: transaction ?? {} },
  },
  {
    what: 'a nested token removed by its field',
    edits: { remove: ['data.signedTransactionInfo'] },
    result: { notification, renewalInfo: renewalInfo ?? {} },
  },
  {
    what: 'removed first, then set',
    edits: { remove: ['data'], set: { 'data.bundleId': 'c' } },
    result: { ...built, notification: { notificationUUID: 'u', list: [{ n: 1 }, { n: 2 }], data: { bundleId: 'c' } } },
  },
];

describe('editNotification', () => {
  it.each(ROWS)('$what', ({ edits, result }) => {
    expect(editNotification(built, edits)).toEqual(result);
  });

  it.each([
    { what: 'removing a missing field', edits: { remove: ['data.bundelId'] } },
    { what: 'removing a missing nested token', edits: { remove: ['appTransaction'] } },
    { what: 'removing inside a string', edits: { remove: ['data.bundleId.x'] } },
    { what: 'setting inside a string', edits: { set: { 'data.bundleId.x': 1 } } },
    { what: 'an index out of range', edits: { set: { 'list.3.n': 1 } } },
    { what: 'a name as an array index', edits: { set: { 'list.first': 1 } } },
  ])('refuses $what', ({ edits }) => {
    expect(() => editNotification(built, edits)).toThrow(
      expect.objectContaining({ code: 'ERR_SIMULATOR_PATH', kind: 'usage' }),
    );
  });

  it('cannot reach a prototype', () => {
    editNotification(built, { set: { '__proto__.polluted': true } });
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a path with the name of a part of a prototype', () => {
  const built = { notification: { notificationType: 'TEST', data: {} } };
  const names = ['__proto__', 'constructor', 'toString'];

  it.each(names)('%s is no field to remove', (name) => {
    for (const path of [name, `data.${name}`, `${name}.x`])
      expect(() => editNotification(built, { remove: [path] })).toThrow(`no field "${path}"`);
  });

  it.each(names)('%s is a field to set', (name) => {
    const { notification } = editNotification(built, { set: { [`data.${name}.x`]: 1 } });
    expect(JSON.stringify(notification.data)).toBe(`{"${name}":{"x":1}}`);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
