import { describe, expect, it } from 'vitest';
import { type JsonObject, stringifyJson } from '../../../../src/jws/json.js';
import type { BuiltNotification } from '../../../../src/simulator/payloads/assemble.js';
import { SIMULATED_EVENTS } from '../../../../src/simulator/payloads/events.js';
import { buildNotification } from '../../../../src/simulator/payloads/notification.js';
import { scrubNotifications } from '../../../../src/simulator/payloads/scrub.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { buildScenario, SCENARIOS } from '../../../../src/simulator/scenarios/scenarios.js';

const APP = { bundleId: 'com.acme.coffee', appAppleId: 6448311069 };

const NOW_MS = Date.parse('2026-11-02T09:00:00.417Z');

/** Fields whose values identify; their values are collected from the original, wherever they are. */
const IDENTIFYING = /(?:[iI]d|ID|UUID|Token|Ids|Nonce|Verification|Identifier)$/;

/** Ends like an id, and is none. */
const PRODUCTS = /^(productId|autoRenewProductId|commitmentAutoRenewProductId|storefrontId|offerIdentifier)$/;

function identifying(value: unknown, name = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => identifying(item, name));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([inner, item]) => identifying(item, inner));
  }
  const isId = IDENTIFYING.test(name) && !PRODUCTS.test(name);
  return isId && (typeof value === 'string' || typeof value === 'number') ? [`${value}`] : [];
}

const scrub = (notifications: readonly BuiltNotification[], secret = 'secret') =>
  scrubNotifications(notifications, { secret });

describe('nothing of the original remains', () => {
  it.each(SIMULATED_EVENTS)('$type $subtype', ({ type, subtype }) => {
    for (const environment of ['Sandbox', 'Production'] as const) {
      const built = buildNotification({
        ...APP,
        environment,
        type,
        subtype,
        nowMs: NOW_MS,
        random: seededRandom(type),
      });
      const ids = identifying(built);
      // Where the ids turn up again: in names, in other text, and in objects that Apple does not document.
      const hidden = Object.fromEntries(
        ids.map((id, index) => [`f${index}-${id}`, `order ${id.toUpperCase()}/${APP.bundleId}`]),
      );
      const { notification } = built;
      const base = {
        ...built,
        notification: { ...notification, futureNotes: { hidden, list: [ids], app: APP.appAppleId } },
      };
      const { notifications, report } = scrub([base as unknown as BuiltNotification]);
      const text = stringifyJson(notifications).toLowerCase();
      expect(ids.length).toBeGreaterThan(1);
      for (const id of ids) expect(text).not.toContain(id.toLowerCase());
      expect(text).not.toContain('acme');
      expect(report.unknown).toEqual(['notification.futureNotes']);
    }
  });
});

describe('scrubbed notifications', () => {
  const scenario = (name: string) =>
    buildScenario(name, { ...APP, nowMs: NOW_MS, random: seededRandom(name) }).map(({ built }) => built);

  it.each(SCENARIOS.map(({ name }) => name))('%s: equal ids stay equal, and everything else stays', (name) => {
    const before = scenario(name);
    const { notifications: after } = scrub(before);
    const ids = (all: readonly BuiltNotification[]) =>
      all.flatMap(({ transaction }) => [transaction?.transactionId, transaction?.originalTransactionId]);
    const groups = (values: readonly unknown[]) => values.map((value) => values.indexOf(value));
    expect(groups(ids(after))).toEqual(groups(ids(before)));
    const kept = ({ transaction, notification }: BuiltNotification) => {
      const { purchaseDate, expiresDate, price, storefront, offerIdentifier } = transaction ?? {};
      return { purchaseDate, expiresDate, price, storefront, offerIdentifier, type: notification.notificationType };
    };
    expect(after.map(kept)).toEqual(before.map(kept));
  });

  it('have the shapes of the originals', () => {
    const [before] = scenario('refund');
    const [after] = scrub([before!]).notifications;
    const shape = (payload: JsonObject | undefined) =>
      Object.entries(payload ?? {}).map(([name, value]) => [name, typeof value, `${value}`.length > 14]);
    expect(shape(after?.transaction)).toEqual(shape(before?.transaction));
    expect(after?.transaction?.transactionId).toMatch(/^2000000\d{9}$/);
    expect(after?.transaction?.appAccountToken).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    expect(after?.transaction).toMatchObject({
      bundleId: 'com.example.app',
      productId: 'com.example.app.premium.monthly',
    });
    expect(after?.notification.data).toMatchObject({ bundleId: 'com.example.app', appAppleId: 1234567890 });
  });

  it('are the same with the same secret, and others with another', () => {
    const before = scenario('refund');
    expect(scrub(before)).toEqual(scrub(before));
    const [one, other] = [scrub(before, 'a'), scrub(before, 'b')].map(
      ({ notifications }) => notifications[0]?.transaction,
    );
    expect(one?.transactionId).not.toBe(other?.transactionId);
  });

  it('share replacements over several calls: a purchase scrubbed in two runs is one purchase', () => {
    const [bought, , refunded] = scenario('refund');
    const ids = [bought, refunded].map((each) => scrub([each!]).notifications[0]?.transaction?.originalTransactionId);
    expect(ids[0]).toBe(ids[1]);
  });

  it('replace the name of the developer in products of another beginning', () => {
    const [before] = scenario('first-purchase');
    const transaction = { ...before!.transaction, productId: 'com.acme.gold' };
    const [after] = scrub([{ ...before!, transaction }]).notifications;
    expect(after?.transaction?.productId).toBe('com.example.gold');
  });

  it('keep the app that is asked for', () => {
    const options = { secret: 's', bundleId: APP.bundleId, appAppleId: APP.appAppleId };
    const { notifications, report } = scrubNotifications(scenario('first-purchase'), options);
    expect(notifications[0]?.notification.data).toMatchObject(APP);
    expect(report.replaced).not.toHaveProperty('bundle id');
  });

  it('hold no token that cannot be taken apart', () => {
    const [before] = scenario('first-purchase');
    const token = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from('{"transactionId":"1"}').toString('base64url')}.c2lnbmF0dXJl`;
    const data = { ...(before!.notification.data as JsonObject), signedFutureInfo: token };
    const { notifications, report } = scrub([{ ...before!, notification: { ...before!.notification, data } }]);
    expect(stringifyJson(notifications)).not.toContain('eyJ');
    expect(report.removed).toEqual(['notification.data.signedFutureInfo']);
  });

  const encode = (id: string, encoding: BufferEncoding) => Buffer.from(id).toString(encoding);

  it.each<[string, (id: string) => string]>([
    ['base64', (id) => encode(id, 'base64')],
    ['base64url of JSON', (id) => encode(JSON.stringify({ id }), 'base64url')],
    [
      'base64 of bytes',
      (id) => Buffer.from(id.replaceAll('-', ''), id.length === 36 ? 'hex' : 'utf8').toString('base64'),
    ],
    ['base64 inside of other text', (id) => `data:;base64,${encode(`of ${id}`, 'base64')} and more`],
    ['base64 twice', (id) => encode(encode(id, 'base64'), 'base64')],
    ['hex', (id) => encode(id, 'hex')],
    ['percent escapes', (id) => encode(id, 'hex').replaceAll(/../g, '%$&')],
    ['escapes of JSON', (id) => encode(id, 'hex').replaceAll(/../g, '\\\\u00$&')],
  ])('hold no id encoded in a field that is not documented: %s', (_name, encoded) => {
    for (let seed = 0; seed < 50; seed++) {
      const built = buildNotification({ ...APP, type: 'DID_RENEW', nowMs: NOW_MS, random: seededRandom(`${seed}`) });
      const hidden = [...new Set(identifying(built))].filter((id) => id.length >= 9).map(encoded);
      const transaction = { ...built.transaction, futureNotes: { list: hidden, first: hidden[0]! } };
      const { notifications } = scrub([{ ...built, transaction }]);
      const texts = JSON.stringify(notifications[0]?.transaction?.futureNotes);
      for (const text of hidden) expect(texts).not.toContain(JSON.stringify(text).slice(1, -1));
    }
  });

  it.each([
    ['spaces', (id: string) => id.replaceAll(/.{4}/g, '$& ')],
    ['line breaks', (id: string) => id.replaceAll(/.{5}/g, '$&\r\n    ')],
    ['invisible characters', (id: string) => id.replaceAll(/.{3}/g, '$&\u200b')],
    ['marks of direction', (id: string) => `\u2066${id.replaceAll(/.{3}/g, '$&\u200e')}\u2069`],
    ['embeddings', (id: string) => id.replaceAll(/.{4}/g, '$&\u202a\u202c')],
    ['isolates', (id: string) => id.replaceAll(/.{4}/g, '$&\u2066')],
    ['other invisible characters', (id: string) => id.replaceAll(/.{5}/g, '$&\u034f\u061c\u180e\u2063\ufe0f')],
    ['tags', (id: string) => id.replaceAll(/.{5}/g, '$&\u{e0041}')],
    ['a non-breaking space', (id: string) => id.replace(/.{6}/, '$&\u00a0')],
  ])('replace ids broken by %s, in words around them', (_name, broken) => {
    const built = buildNotification({ ...APP, type: 'DID_RENEW', nowMs: NOW_MS, random: seededRandom('broken') });
    const ids = [...identifying(built), '7e3fb20b-4cdb-47cc-936d-99d65f608138', '730000123456789'];
    const note = ids.map((id) => `see ${broken(id)} of May`);
    const base = { ...built, notification: { ...built.notification, [`at ${broken(ids[0]!)}`]: 1, note } };
    const text = stringifyJson(scrub([base as unknown as BuiltNotification]).notifications);
    const read = text.replaceAll(/\\[rn]|[\s\u200b\u00a0]|\p{Cf}|[\u034f\ufe0f]/gu, '').toLowerCase();
    for (const id of ids) expect(read).not.toContain(id.toLowerCase());
    expect(text.match(/see .*? of May/g)).toHaveLength(ids.length);
  });

  it('keep words, dates and prices of fields that are not documented', () => {
    const [before] = scenario('first-purchase');
    const futureNotes = [
      'MONTHLY_12_MONTHS',
      'a sentence of words',
      '2026-11-02T09:00:00.417Z',
      1_793_610_000_000,
      4990,
    ];
    const { notifications } = scrub([{ ...before!, transaction: { ...before!.transaction, futureNotes } }]);
    expect(notifications[0]?.transaction?.futureNotes).toEqual(futureNotes);
  });

  it('keep numbers that are equal to a short id', () => {
    const [before] = scenario('first-purchase');
    const short = { transactionId: '1', originalTransactionId: '1', quantity: 1, price: 0 };
    const { notifications, report } = scrub([
      {
        ...before!,
        notification: {
          ...before!.notification,
          data: { ...(before!.notification.data as JsonObject), appAppleId: 0 },
        },
        transaction: { ...before!.transaction, ...short },
      },
    ]);
    expect(notifications[0]?.transaction).toMatchObject({ quantity: 1, price: 0 });
    expect(notifications[0]?.transaction?.transactionId).not.toBe('1');
    expect(report.replaced).not.toHaveProperty('app Apple ID');
  });

  it('count what was replaced', () => {
    const [before] = scenario('first-purchase');
    expect(scrub([before!]).report).toEqual({
      replaced: {
        'notification UUID': 1,
        'app Apple ID': 1,
        'bundle id': 1,
        'transaction id': 1,
        'order line item id': 1,
        'subscription group id': 1,
        'account token': 1,
        'app transaction id': 1,
      },
      unknown: [],
      removed: [],
    });
  });
});
