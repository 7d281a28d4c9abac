import { describe, expect, it } from 'vitest';
import { FIELD_CONSTRAINTS } from '../../../src/notification/catalogue/constraints.js';
import { EVENTS, eventsOfType, findEvent } from '../../../src/notification/catalogue/events.js';
import { fieldsOf, OBJECTS } from '../../../src/notification/catalogue/fields.js';
import { findValue, VALUES } from '../../../src/notification/catalogue/values.js';
import { VERSIONS } from '../../../src/notification/catalogue/versions.js';

const versions = new Set(VERSIONS.map(({ version }) => version));
const fields = Object.entries(OBJECTS).flatMap(([object, entries]) =>
  entries.map((entry) => ({ object, where: `${object}.${entry.name}`, entry })),
);
const values = Object.entries(VALUES).flatMap(([table, entries]) =>
  entries.map((entry) => ({ where: `${table} ${entry.value}`, table, entry })),
);

function duplicates(words: readonly string[]): readonly string[] {
  return words.filter((word, at) => words.indexOf(word) !== at);
}

/** Every row of the reference, counted there by hand: type, then its subtypes; `-` is none. */
const TABLE: Readonly<Record<string, string>> = {
  CONSUMPTION_REQUEST: '-',
  DID_CHANGE_RENEWAL_PREF: '- DECREASE_QUANTITY DOWNGRADE INCREASE_QUANTITY UPGRADE',
  DID_CHANGE_RENEWAL_STATUS: 'AUTO_RENEW_DISABLED AUTO_RENEW_ENABLED',
  DID_FAIL_TO_RENEW: '- GRACE_PERIOD',
  DID_RENEW: '- BILLING_RECOVERY',
  EXPIRED: '- BILLING_RETRY PRICE_INCREASE PRODUCT_NOT_FOR_SALE VOLUNTARY',
  EXTERNAL_PURCHASE_TOKEN: 'ACTIVE_TOKEN_REMINDER CREATED UNREPORTED',
  GRACE_PERIOD_EXPIRED: '-',
  METADATA_UPDATE: '-',
  MIGRATION: '-',
  OFFER_REDEEMED: '- DOWNGRADE UPGRADE',
  ONE_TIME_CHARGE: '-',
  PRICE_CHANGE: '-',
  PRICE_INCREASE: 'ACCEPTED PENDING',
  REFUND: '- SEATS',
  REFUND_DECLINED: '-',
  REFUND_REVERSED: '-',
  RENEWAL_EXTENDED: '-',
  RENEWAL_EXTENSION: 'FAILURE SUMMARY',
  RESCIND_CONSENT: '-',
  REVOKE: '-',
  SUBSCRIBED: 'INITIAL_BUY RESUBSCRIBE',
  TEST: '-',
  UNCLAIM_SEATS: '-',
};

describe('events', () => {
  it('are those of the reference, each once', () => {
    const found: Record<string, string> = {};
    for (const type of new Set(EVENTS.map((event) => event.type))) {
      const subtypes = eventsOfType(type).map((event) => event.subtype ?? '-');
      found[type] = subtypes.sort().join(' ');
    }
    expect(found).toEqual(TABLE);
    expect(duplicates(EVENTS.map(({ type, subtype }) => `${type}.${subtype}`))).toEqual([]);
  });

  it('have titles of one to six words, all different, and meanings that are sentences', () => {
    expect(duplicates(EVENTS.map(({ title }) => title))).toEqual([]);
    for (const { title, meaning } of EVENTS) {
      expect(title).toMatch(/^[A-Z][\w, -]*\w$/);
      expect(title.split(' ').length, title).toBeLessThanOrEqual(6);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('name versions that exist, and only PRICE_CHANGE names none', () => {
    expect(EVENTS.filter(({ since }) => since === null).map(({ type }) => type)).toEqual(['PRICE_CHANGE']);
    for (const { since } of EVENTS) if (since !== null) expect(versions).toContain(since);
  });

  it('carry tokens in data alone, and renewal info only with a transaction', () => {
    for (const event of EVENTS) {
      expect(event.transaction, event.type).toBe(event.carries === 'data');
      if (event.renewalInfo !== false) expect(event.transaction, event.type).toBe(true);
    }
  });

  it('use exactly the types and subtypes of the value tables', () => {
    const types = new Set(EVENTS.map(({ type }) => type));
    const subtypes = new Set(EVENTS.flatMap(({ subtype }) => subtype ?? []));
    expect(new Set(VALUES.notificationType?.map(({ value }) => value))).toEqual(types);
    expect(new Set(VALUES.subtype?.map(({ value }) => value))).toEqual(subtypes);
  });

  it.each([
    ['DID_RENEW', null, 'Subscription renewed'],
    ['DID_RENEW', 'BILLING_RECOVERY', 'Renewed after a billing failure'],
    ['OFFER_REDEEMED', 'INITIAL_BUY', 'New subscription with an offer'],
    ['DID_RENEW', 'UPGRADE', undefined],
    ['SUBSCRIBED', null, undefined],
    ['constructor', null, undefined],
    ['__proto__', '__proto__', undefined],
  ])('findEvent(%s, %s) is %s', (type, subtype, title) => {
    expect(findEvent(type, subtype)?.title).toBe(title);
  });

  it('do not list pairs sent before 2024', () => {
    expect(eventsOfType('OFFER_REDEEMED').map(({ subtype }) => subtype)).not.toContain('INITIAL_BUY');
  });
});

describe('fields', () => {
  it('are each in their object once', () => {
    expect(duplicates(fields.map(({ where }) => where))).toEqual([]);
  });

  it('point to objects and tables that exist', () => {
    for (const { where, entry } of fields) {
      if (entry.of !== undefined) expect(OBJECTS, where).toHaveProperty(entry.of);
      if (entry.values !== undefined) expect(VALUES, where).toHaveProperty(entry.values);
    }
  });

  it('name a table exactly where their type has one, with values of that JSON type', () => {
    for (const { where, entry } of fields) {
      if (entry.type === 'enum' || entry.type === 'code') expect(entry.values, where).toBeDefined();
      for (const { value } of VALUES[entry.values ?? ''] ?? []) {
        expect(typeof value, where).toBe(entry.type === 'code' ? 'number' : 'string');
      }
    }
  });

  it('say something short, and name versions that exist', () => {
    for (const { where, entry } of fields) {
      expect(entry.meaning, where).toMatch(/^.{3,69}\.$/);
      if (entry.since !== null) expect(versions, where).toContain(entry.since);
    }
  });

  it('cover every object and table: none is unreachable', () => {
    const kinds = ['notification', 'transaction', 'renewalInfo', 'appTransaction', 'realtimeRequest', 'notificationV1'];
    const objects = new Set([...kinds, ...fields.flatMap(({ entry }) => entry.of ?? [])]);
    expect(Object.keys(OBJECTS).filter((name) => !objects.has(name))).toEqual([]);
    const tables = new Set(fields.flatMap(({ entry }) => entry.values ?? []));
    expect(Object.keys(VALUES).filter((name) => !tables.has(name))).toEqual([]);
  });

  it('fieldsOf finds names of the table only', () => {
    expect(fieldsOf('data')).toBe(OBJECTS.data);
    expect(fieldsOf('constructor')).toEqual([]);
    expect(fieldsOf('__proto__')).toEqual([]);
  });

  it('demands speak of fields that exist', () => {
    for (const [object, { required = [], limits = {} }] of Object.entries(FIELD_CONSTRAINTS)) {
      const names = fieldsOf(object).map(({ name }) => name);
      expect(names, object).toEqual(expect.arrayContaining([...required, ...Object.keys(limits)]));
    }
  });
});

describe('values', () => {
  it('are each in their table once, with a meaning that is a fragment, of versions that exist', () => {
    expect(duplicates(values.map(({ where }) => where))).toEqual([]);
    for (const { where, entry } of values) {
      expect(entry.meaning, where).toMatch(/^\S.*[^.\s]$/);
      if (entry.since !== null) expect(versions, where).toContain(entry.since);
    }
  });

  it.each([
    ['status', 3, 'in billing retry'],
    ['expirationIntent', '2', 'billing error'],
    ['expirationIntent', 2n, 'billing error'],
    ['status', 99, undefined],
    ['noSuchTable', 1, undefined],
    ['constructor', 'name', undefined],
  ])('findValue(%s, %s) is %s', (table, value, meaning) => {
    expect(findValue(table, value)?.meaning).toBe(meaning);
  });
});

describe('versions', () => {
  it('rise in number and never fall in date', () => {
    const minors = VERSIONS.map(({ version }) => Number(version.replace(/^2\./, '')));
    expect(minors).toEqual([...new Set(minors)].sort((one, other) => one - other));
    for (let at = 1; at < VERSIONS.length; at++) {
      const [before, now] = [VERSIONS[at - 1]!.date, VERSIONS[at]!.date];
      expect(now.slice(0, 4) >= before.slice(0, 4), `${before} then ${now}`).toBe(true);
      if (now.length >= 7) expect(now >= before.slice(0, now.length), `${before} then ${now}`).toBe(true);
    }
  });

  it('each brought something', () => {
    for (const { version, added } of VERSIONS) expect(added, version).not.toEqual([]);
  });
});
