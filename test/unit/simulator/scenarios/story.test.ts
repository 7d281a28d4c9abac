import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/jws/json.js';
import type { BuiltNotification } from '../../../../src/simulator/payloads/assemble.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { exportStory } from '../../../../src/simulator/scenarios/export-story.js';
import { playStory, type StoryOptions } from '../../../../src/simulator/scenarios/play-story.js';
import { buildScenario, SCENARIOS, type ScenarioStep } from '../../../../src/simulator/scenarios/scenarios.js';
import { parseStory } from '../../../../src/simulator/scenarios/story.js';
import { SIGNING_TIMES_MS } from '../coherence-rules.js';

const optionsAt = (nowMs: number, seed = 'story'): StoryOptions => ({
  nowMs,
  random: seededRandom(seed),
  isForged: false,
  onRemark: () => undefined,
});

/** Values that each run draws anew. */
const DRAWN =
  /^(notificationUUID|deviceVerification|deviceVerificationNonce|versionExternalIdentifier|transactionId|originalTransactionId|webOrderLineItemId|subscriptionGroupIdentifier|appAccountToken|appTransactionId|externalPurchaseId)$/;

function withoutDrawn({ notification, ...nested }: BuiltNotification): unknown {
  const strip = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !DRAWN.test(name))
        .map(([name, inner]) => [name, strip(inner)]),
    );
  };
  return strip({ notification, ...nested });
}

describe.each(SIGNING_TIMES_MS)('every scenario, exported and played again at %s', (nowMs) => {
  it.each(SCENARIOS.map(({ name }) => name))('%s', (name) => {
    const built = buildScenario(name, { nowMs, random: seededRandom('scenario') });
    const exported = JSON.stringify(exportStory(name, { nowMs, random: seededRandom('export') }));
    const played = playStory(parseStory(exported, name), name, optionsAt(nowMs));
    expect(played.map(({ built: payloads, ...step }) => ({ ...step, payloads: withoutDrawn(payloads) }))).toEqual(
      built.map(({ built: payloads, ...step }) => ({ ...step, payloads: withoutDrawn(payloads) })),
    );
  });
});

const datesOf = (step: ScenarioStep | undefined) =>
  (step?.built.transaction ?? {}) as unknown as { purchaseDate: number; expiresDate: number };

describe('a story', () => {
  const play = (steps: readonly object[], nowMs = Date.parse('2026-11-02T09:00:00.417Z')) =>
    playStory(parseStory(JSON.stringify(steps), 'story.json'), 'story.json', optionsAt(nowMs));

  it('is one purchase, whose ids a seed decides', () => {
    const steps = [{ type: 'SUBSCRIBED.INITIAL_BUY' }, { type: 'DID_RENEW' }, { type: 'REFUND', after: '1d' }];
    const played = play(steps);
    expect(new Set(played.map(({ built }) => built.transaction?.originalTransactionId)).size).toBe(1);
    expect(new Set(played.map(({ built }) => built.transaction?.appAccountToken)).size).toBe(1);
    expect(new Set(played.map(({ built }) => built.notification.notificationUUID)).size).toBe(3);
    expect(new Set(played.map(({ built }) => built.transaction?.transactionId)).size).toBe(2);
    expect(play(steps)).toEqual(played);
  });

  it('ends now, and begins as long ago as it takes', () => {
    const [first, last] = play([{ type: 'SUBSCRIBED.INITIAL_BUY' }, { type: 'DID_FAIL_TO_RENEW', after: '10d8h' }]);
    expect(new Date(last?.atMs ?? 0).toISOString()).toBe('2026-11-02T08:59:58.000Z');
    expect((last?.atMs ?? 0) - (first?.atMs ?? 0)).toBe(10 * 86_400_000 + 8 * 3_600_000);
  });

  it('carries what a step sets and removes into the steps that follow', () => {
    const [, renewed] = play([
      {
        type: 'SUBSCRIBED.INITIAL_BUY',
        set: { 'transaction.productId': 'gold', 'transaction.futureField': { a: 1 } },
        remove: ['transaction.appAccountToken'],
      },
      { type: 'DID_RENEW' },
    ]).map(({ built }) => built.transaction as JsonObject);
    expect(renewed).toMatchObject({ futureField: { a: 1 }, transactionReason: 'RENEWAL' });
    expect(renewed).not.toHaveProperty('appAccountToken');
  });

  it('renews for as long as the first period was set to', () => {
    const set = { 'transaction.expiresDate': '+P1Y', 'renewalInfo.renewalDate': '+P1Y' };
    const [, renewed] = play([{ type: 'SUBSCRIBED.INITIAL_BUY', set }, { type: 'DID_RENEW' }]);
    const { purchaseDate, expiresDate } = datesOf(renewed);
    expect((expiresDate - purchaseDate) / 86_400_000).toBe(365);
  });

  it('keeps the length of the periods after an extension', () => {
    const [, , renewed] = play([
      { type: 'SUBSCRIBED.INITIAL_BUY' },
      { type: 'RENEWAL_EXTENDED' },
      { type: 'DID_RENEW' },
    ]);
    const { purchaseDate, expiresDate } = datesOf(renewed);
    expect((expiresDate - purchaseDate) / 86_400_000).toBeLessThan(32);
  });

  it('begins in the middle of a purchase as well', () => {
    const [failed, recovered] = play([{ type: 'DID_FAIL_TO_RENEW' }, { type: 'DID_RENEW.BILLING_RECOVERY' }]);
    expect(failed?.built.notification.data).toMatchObject({ status: 3 });
    expect(recovered?.built.notification.data).toMatchObject({ status: 1 });
    expect(recovered?.built.renewalInfo).not.toHaveProperty('isInBillingRetryPeriod');
  });
});

interface Refused {
  readonly what: string;
  readonly text: string;
  readonly says: string;
  readonly hint: string;
}
const first = '{"type":"SUBSCRIBED.INITIAL_BUY"}';
const REFUSED: readonly Refused[] = [
  { what: 'no JSON', text: '[\n{]', says: 's.json: not valid JSON, line 2', hint: '--export-scenario refund' },
  {
    what: 'text',
    text: '"x"',
    says: 's.json: a story is a JSON list of steps, or an object with one',
    hint: 'For example',
  },
  { what: 'no step', text: '[]', says: 's.json: the story has no step', hint: 'For example' },
  {
    what: 'a typo beside the steps',
    text: `{"stesp":[${first}]}`,
    says: 's.json: unknown field "stesp"',
    hint: 'Did you mean "steps"?',
  },
  {
    what: 'a step of another kind',
    text: '["DID_RENEW"]',
    says: 's.json, step 1: a step is a JSON object',
    hint: 'For example',
  },
  {
    what: 'a typo in a step',
    text: `[${first},{"type":"DID_RENEW","afer":"3d"}]`,
    says: 's.json, step 2: unknown field "afer"',
    hint: 'Did you mean "after"?',
  },
  {
    what: 'another field',
    text: '[{"type":"DID_RENEW","delay":"3d"}]',
    says: 's.json, step 1: unknown field "delay"',
    hint: 'Fields: type, after, set, remove, note.',
  },
  { what: 'no type', text: '[{"set":{}}]', says: 's.json, step 1: "type" is missing', hint: 'storewire trigger' },
  { what: 'a type that is no text', text: '[{"type":7}]', says: 's.json, step 1: "type" must be text', hint: 'quotes' },
  {
    what: 'an unknown type',
    text: '[{"type":"DID_RENW"}]',
    says: 's.json, step 1: no notification is called DID_RENW',
    hint: 'Did you mean DID_RENEW?',
  },
  {
    what: 'a second beginning',
    text: `[${first},${first}]`,
    says: 's.json, step 2: SUBSCRIBED.INITIAL_BUY begins a purchase, and a story is about one',
    hint: 'RESUBSCRIBE',
  },
  {
    what: 'a duration without a unit',
    text: `[${first},{"type":"DID_RENEW","after":"3"}]`,
    says: 's.json, step 2: "after": "3" is not a duration',
    hint: 'P1M',
  },
  {
    what: 'a wait before the first step',
    text: '[{"type":"DID_RENEW","after":"3d"}]',
    says: 's.json, step 1: the first step has no "after"',
    hint: 'ends now',
  },
  {
    what: 'a list in set',
    text: '[{"type":"DID_RENEW","set":[]}]',
    says: 's.json, step 1: "set" must be an object',
    hint: 'transaction.price',
  },
  {
    what: 'a number in remove',
    text: '[{"type":"DID_RENEW","remove":[1]}]',
    says: 's.json, step 1: "remove" must be a list of paths',
    hint: 'For example',
  },
  {
    what: 'a value of another type',
    text: `[${first},{"type":"DID_RENEW","set":{"transaction.price":"4.99"}}]`,
    says: 's.json, step 2: transaction.price must be a number: milliunits of the currency, 4990 is 4.99; "4.99" is not',
    hint: '--forge',
  },
  {
    what: 'null',
    text: '[{"type":"DID_RENEW","set":{"transaction.price":null}}]',
    says: 's.json, step 1: transaction.price cannot be null: every verifier rejects that',
    hint: '--remove transaction.price',
  },
  {
    what: 'a path that is not there',
    text: '[{"type":"DID_RENEW","remove":["transaction.nope"]}]',
    says: 's.json, step 1: no field "transaction.nope" in this payload',
    hint: 'data.bundleId',
  },
  {
    what: 'an event without the purchase it needs',
    text: '[{"type":"TEST"},{"type":"DID_RENEW"}]',
    says: 's.json, step 2: DID_RENEW needs a purchase, and TEST has no transaction',
    hint: 'Start from',
  },
  {
    what: 'an event of another product',
    text: '[{"type":"ONE_TIME_CHARGE"},{"type":"DID_RENEW"}]',
    says: 's.json, step 2: the App Store sends no DID_RENEW for a product of type Consumable',
    hint: 'product type',
  },
];

describe('errors of a story name the step and the field', () => {
  it.each(REFUSED)('$what', ({ text, says, hint }) => {
    const nowMs = Date.parse('2026-11-02T09:00:00Z');
    const attempt = () => playStory(parseStory(text, 's.json'), 's.json', optionsAt(nowMs));
    expect(attempt).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'ERR_TRIGGER_STORY',
        message: says,
        hint: expect.stringContaining(hint),
      }),
    );
  });
});
