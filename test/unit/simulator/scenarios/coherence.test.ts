import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../src/jws/json.js';
import type { AppEnvironment } from '../../../../src/simulator/payloads/app.js';
import { SIMULATED_EVENTS } from '../../../../src/simulator/payloads/events.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import {
  buildScenario,
  SCENARIOS,
  type ScenarioOptions,
  type ScenarioStep,
} from '../../../../src/simulator/scenarios/scenarios.js';
import { type RuleCheck, Violations } from '../../../support/violations.js';
import { expectedStatus, PERIODS, SIGNING_TIMES_MS } from '../coherence-rules.js';

const DAY_MS = 86_400_000;
const ENVIRONMENTS: readonly AppEnvironment[] = ['Sandbox', 'Production'];

const CASES = SIGNING_TIMES_MS.flatMap((nowMs) =>
  PERIODS.flatMap((period) => ENVIRONMENTS.map((environment) => ({ nowMs, period, environment }))),
);

const build = (name: string, options: Omit<ScenarioOptions, 'random'>): readonly ScenarioStep[] =>
  buildScenario(name, { ...options, random: seededRandom(name) });

const signedAt = ({ built }: ScenarioStep): number => Number(built.notification.signedDate);
const keyOf = ({ type, subtype }: ScenarioStep): string => (subtype === null ? type : `${type}.${subtype}`);
const distinct = (values: readonly unknown[]): readonly unknown[] => [...new Set(values)];
const data = ({ built }: ScenarioStep): JsonObject =>
  isJsonObject(built.notification.data) ? built.notification.data : {};

/** Steps that carry a transaction, each with the one before. */
function pairs(steps: readonly ScenarioStep[]): readonly (readonly [ScenarioStep, ScenarioStep])[] {
  const withTokens = steps.filter(({ built }) => built.transaction !== undefined);
  return withTokens.slice(1).map((step, index) => [withTokens[index]!, step]);
}

/** Events that begin a new transaction; every other event is about the latest one. */
const BEGINS_TRANSACTION =
  /^(?:SUBSCRIBED|DID_RENEW|ONE_TIME_CHARGE|DID_CHANGE_RENEWAL_PREF\.UPGRADE|OFFER_REDEEMED\.UPGRADE)/;

/** Fields that are the same in all transactions of a scenario. */
const PURCHASE_FIELDS = [
  'originalTransactionId',
  'originalPurchaseDate',
  'appAccountToken',
  'appTransactionId',
  'bundleId',
  'environment',
  'storefront',
  'storefrontId',
  'currency',
  'type',
  'inAppOwnershipType',
  'subscriptionGroupIdentifier',
];

/** Fields that never change within one transaction. Only expiresDate does, by an extension. */
const TRANSACTION_FIELDS = [
  'productId',
  'purchaseDate',
  'price',
  'quantity',
  'transactionReason',
  'webOrderLineItemId',
  'offerType',
  'offerPeriod',
  'offerDiscountType',
];

const NAMES = [
  'first-purchase',
  'trial-to-paid',
  'renewals',
  'billing-retry',
  'billing-retry-grace',
  'voluntary-expiry',
  'upgrade',
  'downgrade',
  'upgrade-downgrade',
  'refund',
  'refund-reversed',
  'consumption-request',
  'price-increase',
  'family-revoke',
  'one-time-charge',
  'external-purchase-token',
  'rescind-consent',
];

describe('the list of scenarios', () => {
  const names = SCENARIOS.map(({ name }) => name);

  it('has no name twice', () => expect(distinct(names)).toHaveLength(names.length));

  it('has the documented names', () => expect(names).toEqual(expect.arrayContaining(NAMES)));

  it('has only events that can be built', () => {
    const known = SIMULATED_EVENTS.map(({ type, subtype }) => (subtype === null ? type : `${type}.${subtype}`));
    expect(SCENARIOS.flatMap(({ events }) => events).filter((event) => !known.includes(event))).toEqual([]);
  });
});

describe('every scenario keeps every rule of coherence, at each signing time, period and environment', () => {
  it.each(SCENARIOS)('$name', ({ name, events }) => {
    const violations = new Violations();
    for (const options of CASES) {
      const { nowMs, period, environment } = options;
      const rules = violations.of(`${period} in ${environment} at ${new Date(nowMs).toISOString()}`);
      const steps = build(name, options);
      rules.same('the same options give the same steps', build(name, options), steps);
      checkEvents(rules, steps, events);
      checkTimes(rules, steps, nowMs);
      checkSignedDates(rules, steps);
      checkPurchase(rules, steps);
      for (const [before, step] of pairs(steps)) {
        checkTransaction(rules, before, step);
        checkRenewal(rules, before, step);
      }
      for (const step of steps) checkStatus(rules, step);
    }
    expect(violations.all).toEqual([]);
  });

  it('reaches the rules of new, renewed and unchanged transactions', () => {
    const reached = SCENARIOS.flatMap(({ name }) => pairs(build(name, CASES[0]!))).map(([, step]) => [
      BEGINS_TRANSACTION.test(keyOf(step)) ? 'new' : 'unchanged',
      step.built.transaction?.transactionReason === 'RENEWAL' && step.type === 'DID_RENEW' ? 'renewed' : null,
    ]);
    expect(distinct(reached.flat())).toEqual(expect.arrayContaining(['new', 'unchanged', 'renewed']));
  });
});

function checkEvents(rules: RuleCheck, steps: readonly ScenarioStep[], events: readonly string[]) {
  rules.same('events, in order', steps.map(keyOf), events);
  for (const { type, subtype, built } of steps) {
    rules.same('notificationType', built.notification.notificationType, type);
    rules.same('subtype', built.notification.subtype ?? null, subtype);
  }
  const ids = steps.map(({ built }) => built.notification.notificationUUID);
  rules.same('no notificationUUID twice', distinct(ids).length, steps.length);
}

function checkTimes(rules: RuleCheck, steps: readonly ScenarioStep[], nowMs: number) {
  for (const [index, step] of steps.entries()) {
    const event = keyOf(step);
    rules.same(`${event} is on a whole second`, step.atMs % 1000, 0);
    rules.holds(`${event} is signed after it happened`, signedAt(step) > step.atMs);
    rules.holds(`${event} is signed within 4 seconds`, signedAt(step) - step.atMs < 4_000);
    if (index > 0) rules.holds(`${event} follows the step before`, step.atMs > signedAt(steps[index - 1]!));
  }
  const endMs = signedAt(steps.at(-1)!);
  rules.holds('the last step is not in the future', endMs <= nowMs);
  rules.holds('the last step is less than 4 days old', endMs > nowMs - 4 * DAY_MS);
}

function checkSignedDates(rules: RuleCheck, steps: readonly ScenarioStep[]) {
  for (const step of steps) {
    const { transaction, renewalInfo, appTransaction } = step.built;
    for (const token of [transaction, renewalInfo]) {
      if (token) rules.same(`signedDate of the tokens of ${keyOf(step)}`, token.signedDate, signedAt(step));
    }
    if (appTransaction) rules.same('receiptCreationDate', appTransaction.receiptCreationDate, step.atMs);
  }
}

function checkPurchase(rules: RuleCheck, steps: readonly ScenarioStep[]) {
  const transactions = steps.map(({ built }) => built.transaction).filter((token) => token !== undefined);
  for (const field of PURCHASE_FIELDS) {
    const values = distinct(transactions.map((transaction) => transaction[field]));
    rules.same(`number of values of ${field}`, values.length, transactions.length === 0 ? 0 : 1);
  }
  const customers = steps.flatMap(({ built: { transaction, renewalInfo, appTransaction } }) =>
    [transaction, renewalInfo, appTransaction].flatMap((token) => token?.appTransactionId ?? []),
  );
  rules.holds('at most one appTransactionId', distinct(customers).length <= 1);
  const tokens = steps.flatMap(({ built }) => built.notification.externalPurchaseToken ?? []);
  rules.holds(
    'at most one external purchase token',
    distinct(tokens.map((token) => JSON.stringify(token))).length <= 1,
  );
  rules.holds('a transaction or an external purchase token', transactions.length + tokens.length > 0);
}

/** A transaction begins where the event begins one; otherwise it stays as it was. */
function checkTransaction(rules: RuleCheck, before: ScenarioStep, step: ScenarioStep) {
  const event = keyOf(step);
  const [old, next] = [before.built.transaction!, step.built.transaction!];
  if (BEGINS_TRANSACTION.test(event)) {
    rules.holds(`${event} has a larger id`, BigInt(String(next.transactionId)) > BigInt(String(old.transactionId)));
    rules.same(`purchaseDate of ${event}`, next.purchaseDate, step.atMs);
    if (next.expiresDate === undefined) return;
    const [oldItem, nextItem] = [old, next].map((token) => BigInt(String(token.webOrderLineItemId)));
    rules.holds(`${event} has a larger webOrderLineItemId`, nextItem! > oldItem!);
    rules.holds(`${event} expires later`, Number(next.expiresDate) > step.atMs);
    return;
  }
  rules.same(`transactionId of ${event}`, next.transactionId, old.transactionId);
  for (const field of TRANSACTION_FIELDS) rules.same(`${field} of ${event}`, next[field], old[field]);
  const extendedMs = step.type === 'RENEWAL_EXTENDED' ? 14 * DAY_MS : 0;
  const expiresDate = old.expiresDate === undefined ? undefined : Number(old.expiresDate) + extendedMs;
  rules.same(`expiresDate of ${event}`, next.expiresDate, expiresDate);
}

/** A renewal is of the product, price, offer and day that the renewal info before it announced. */
function checkRenewal(rules: RuleCheck, before: ScenarioStep, step: ScenarioStep) {
  const next = step.built.transaction!;
  const announced = before.built.renewalInfo;
  if (next.transactionReason !== 'RENEWAL' || step.type !== 'DID_RENEW' || announced === undefined) return;
  rules.same('autoRenewStatus before a renewal', announced.autoRenewStatus, 1);
  rules.same('productId of a renewal', next.productId, announced.autoRenewProductId);
  rules.same('price of a renewal', next.price, announced.renewalPrice);
  rules.same('offerIdentifier of a renewal', next.offerIdentifier, announced.offerIdentifier);
  if (step.subtype === null) rules.same('purchaseDate of a renewal', next.purchaseDate, announced.renewalDate);
  else rules.holds('a recovery is after the renewal date', Number(next.purchaseDate) > Number(announced.renewalDate));
}

function checkStatus(rules: RuleCheck, step: ScenarioStep) {
  const { transaction = {}, renewalInfo } = step.built;
  const event = keyOf(step);
  if (renewalInfo === undefined) {
    rules.same(`status of ${event}`, data(step).status, undefined);
    return;
  }
  rules.same(`status of ${event}`, data(step).status, expectedStatus(transaction, renewalInfo, signedAt(step)));
  rules.same(`originalTransactionId of ${event}`, renewalInfo.originalTransactionId, transaction.originalTransactionId);
  rules.same(`productId of ${event}`, renewalInfo.productId, transaction.productId);
  const renewalDate = renewalInfo.autoRenewStatus === 1 ? transaction.expiresDate : undefined;
  rules.same(`renewalDate of ${event}`, renewalInfo.renewalDate, renewalDate);
  rules.holds(
    `recentSubscriptionStartDate of ${event} is not after purchaseDate`,
    Number(renewalInfo.recentSubscriptionStartDate) <= Number(transaction.purchaseDate),
  );
  const hasLapsed = Number(transaction.expiresDate) <= signedAt(step);
  rules.same(`${event} has expirationIntent once lapsed`, renewalInfo.expirationIntent !== undefined, hasLapsed);
}

const steps = (name: string) =>
  buildScenario(name, { nowMs: SIGNING_TIMES_MS[0]!, random: seededRandom(name), bundleId: 'com.example.coffee' });

describe('statuses of each scenario', () => {
  it.each([
    { name: 'first-purchase', statuses: [1] },
    { name: 'trial-to-paid', statuses: [1, 1, 1] },
    { name: 'trial-cancelled', statuses: [1, 1, 2] },
    { name: 'renewals', statuses: [1, 1, 1, 1] },
    { name: 'voluntary-expiry', statuses: [1, 1, 1, 2] },
    { name: 'resubscribe', statuses: [1, 1, 2, 1] },
    { name: 'billing-retry', statuses: [1, 3, 1] },
    { name: 'billing-retry-grace', statuses: [1, 4, 1] },
    { name: 'billing-retry-lost', statuses: [1, 4, 3, 2] },
    { name: 'upgrade', statuses: [1, 1, 1] },
    { name: 'downgrade', statuses: [1, 1, 1] },
    { name: 'upgrade-downgrade', statuses: [1, 1, 1, 1] },
    { name: 'price-increase', statuses: [1, 1, 1, 1] },
    { name: 'price-increase-refused', statuses: [1, 1, 2] },
    { name: 'offer-code', statuses: [1, 1, 1] },
    { name: 'renewal-extended', statuses: [1, 1, 1] },
    { name: 'monthly-commitment', statuses: [...Array.from({ length: 13 }, () => 1), 2] },
    { name: 'refund', statuses: [1, 1, 5] },
    { name: 'refund-reversed', statuses: [1, 5, 1] },
    { name: 'refund-declined', statuses: [1, 1, 1] },
    { name: 'family-revoke', statuses: [1, 5] },
    { name: 'consumption-request', statuses: [undefined, undefined, undefined] },
    { name: 'one-time-charge', statuses: [undefined] },
    { name: 'external-purchase-token', statuses: [undefined, undefined, undefined] },
    { name: 'rescind-consent', statuses: [1, undefined] },
  ])('$name: status $statuses', ({ name, statuses }) => {
    expect(steps(name).map((step) => data(step).status)).toEqual(statuses);
  });

  it('is covered for every scenario', () => expect(SCENARIOS).toHaveLength(25));
});

describe('products and prices of each step', () => {
  const path = (name: string) =>
    steps(name).map(({ built }) => [built.transaction?.productId, built.transaction?.price]);
  const [premium, basic] = ['com.example.coffee.premium.monthly', 'com.example.coffee.basic.monthly'];

  it.each([
    {
      name: 'trial-to-paid',
      prices: [
        [premium, 0],
        [premium, 9990],
        [premium, 9990],
      ],
    },
    {
      name: 'upgrade',
      prices: [
        [basic, 5000],
        [premium, 9990],
        [premium, 9990],
      ],
    },
    {
      name: 'downgrade',
      prices: [
        [premium, 9990],
        [premium, 9990],
        [basic, 5000],
      ],
    },
    {
      name: 'price-increase',
      prices: [
        [premium, 9990],
        [premium, 9990],
        [premium, 9990],
        [premium, 12000],
      ],
    },
    {
      name: 'offer-code',
      prices: [
        [premium, 9990],
        [premium, 9990],
        [premium, 4990],
      ],
    },
  ])('$name', ({ name, prices }) => expect(path(name)).toEqual(prices));

  it('a payment within grace keeps the day of renewal, a later one does not', () => {
    const [, , inGrace] = steps('billing-retry-grace');
    const [graceFirst] = steps('billing-retry-grace');
    const [first, , late] = steps('billing-retry');
    const day = (step: ScenarioStep | undefined) => new Date(Number(step?.built.transaction?.expiresDate)).getUTCDate();
    expect(day(inGrace)).toBe(day(graceFirst));
    expect(Number(late?.built.transaction?.purchaseDate)).toBe(
      Number(first?.built.transaction?.expiresDate) + 3 * DAY_MS,
    );
  });
});

describe('edits', () => {
  it('apply to every notification', () => {
    const edited = buildScenario('refund', {
      nowMs: SIGNING_TIMES_MS[0]!,
      random: seededRandom('x'),
      set: { 'transaction.quantity': 7 },
      remove: ['data.bundleVersion'],
    });
    expect(edited.map(({ built }) => built.transaction?.quantity)).toEqual([7, 7, 7]);
    expect(edited.map((step) => 'bundleVersion' in data(step))).toEqual([false, false, false]);
  });

  it('that fit only some notifications are rejected', () => {
    const build = () =>
      buildScenario('rescind-consent', { nowMs: 0, random: seededRandom('x'), remove: ['renewalInfo'] });
    expect(build).toThrow(expect.objectContaining({ code: 'ERR_SIMULATOR_PATH' }));
  });

  it('a misspelt scenario gets the nearest name', () => {
    const build = () => buildScenario('refnd', { nowMs: 0, random: seededRandom('x') });
    expect(build).toThrow(expect.objectContaining({ hint: 'Did you mean refund?' }));
  });

  it('an unknown scenario is rejected with the known names', () => {
    const build = () => buildScenario('divorce', { nowMs: 0, random: seededRandom('x') });
    expect(build).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'ERR_SIMULATOR_SCENARIO',
        hint: expect.stringContaining('trial-to-paid'),
      }),
    );
  });
});
