import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../src/jws/json.js';
import type { AppEnvironment } from '../../../../src/simulator/payloads/app.js';
import { SIMULATED_EVENTS } from '../../../../src/simulator/payloads/events.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { buildScenario, SCENARIOS, type ScenarioStep } from '../../../../src/simulator/scenarios/scenarios.js';

const DAY_MS = 86_400_000;
/** Moments that calendars stumble over are among them. */
const MOMENTS = ['2026-11-02T09:00:00.417Z', '2028-02-29T23:59:59.999Z', '2027-03-31T00:00:00.000Z'].map(Date.parse);
const PERIODS = ['P1W', 'P1M', 'P1Y'];
const ENVIRONMENTS: readonly AppEnvironment[] = ['Sandbox', 'Production'];

const cases = SCENARIOS.flatMap(({ name, events }) =>
  MOMENTS.flatMap((nowMs) =>
    PERIODS.flatMap((period) => ENVIRONMENTS.map((environment) => ({ name, events, nowMs, period, environment }))),
  ),
);
type Case = (typeof cases)[number];

const tell = ({ name, nowMs, period, environment }: Case): readonly ScenarioStep[] =>
  buildScenario(name, { nowMs, period, environment, random: seededRandom(name) });

const signedAt = ({ built }: ScenarioStep): number => Number(built.notification.signedDate);
const keyOf = ({ type, subtype }: ScenarioStep): string => (subtype === null ? type : `${type}.${subtype}`);
const distinct = (values: readonly unknown[]): readonly unknown[] => [...new Set(values)];
const data = ({ built }: ScenarioStep): JsonObject =>
  isJsonObject(built.notification.data) ? built.notification.data : {};

/** Steps with their tokens, each beside the one before. */
function pairs(steps: readonly ScenarioStep[]): readonly (readonly [ScenarioStep, ScenarioStep])[] {
  const withTokens = steps.filter(({ built }) => built.transaction !== undefined);
  return withTokens.slice(1).map((step, index) => [withTokens[index]!, step]);
}

/** What begins a new transaction; everything else is told of the last one. */
const TRANSACTS = /^(?:SUBSCRIBED|DID_RENEW|ONE_TIME_CHARGE|DID_CHANGE_RENEWAL_PREF\.UPGRADE|OFFER_REDEEMED\.UPGRADE)/;
const LASTING = [
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
/** What belongs to one transaction for good; expiresDate only moves when it is extended. */
const OF_ONE_TRANSACTION = [
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

const label = '$name, $period, $environment, at $nowMs';

describe('every scenario', () => {
  it('has a name of its own', () => expect(distinct(SCENARIOS.map(({ name }) => name))).toHaveLength(SCENARIOS.length));

  it.each([
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
  ])('%s is there', (name) => expect(SCENARIOS.map((scenario) => scenario.name)).toContain(name));

  it.each(SCENARIOS)('$name is made of events that exist', ({ events }) => {
    const known = SIMULATED_EVENTS.map(({ type, subtype }) => (subtype === null ? type : `${type}.${subtype}`));
    expect(events.filter((event) => !known.includes(event))).toEqual([]);
  });

  it.each(cases)(`${label}: tells what it promises, in order`, (options) => {
    const steps = tell(options);
    expect(steps.map(keyOf)).toEqual(options.events);
    expect(steps.map(({ built }) => built.notification.notificationType)).toEqual(steps.map(({ type }) => type));
    expect(steps.map(({ built }) => built.notification.subtype ?? null)).toEqual(steps.map(({ subtype }) => subtype));
    expect(distinct(steps.map(({ built }) => built.notification.notificationUUID))).toHaveLength(steps.length);
    expect(tell(options)).toEqual(steps);
  });

  it.each(cases)(`${label}: goes forward in time and ends now`, (options) => {
    const steps = tell(options);
    for (const [index, step] of steps.entries()) {
      expect(step.atMs % 1000).toBe(0);
      expect(signedAt(step)).toBeGreaterThan(step.atMs);
      expect(signedAt(step) - step.atMs).toBeLessThan(4_000);
      if (index > 0) expect(step.atMs).toBeGreaterThan(signedAt(steps[index - 1]!));
    }
    const endMs = signedAt(steps.at(-1)!);
    expect(endMs).toBeLessThanOrEqual(options.nowMs);
    expect(endMs).toBeGreaterThan(options.nowMs - 4 * DAY_MS);
  });

  it.each(cases)(`${label}: what is signed together has one date`, (options) => {
    for (const step of tell(options)) {
      const { transaction, renewalInfo, appTransaction } = step.built;
      for (const token of [transaction, renewalInfo]) if (token) expect(token.signedDate).toBe(signedAt(step));
      if (appTransaction) expect(appTransaction.receiptCreationDate).toBe(step.atMs);
    }
  });

  it.each(cases)(`${label}: one customer, one purchase, one app`, (options) => {
    const steps = tell(options);
    const transactions = steps.map(({ built }) => built.transaction).filter((token) => token !== undefined);
    for (const name of LASTING)
      expect(distinct(transactions.map((transaction) => transaction[name]))).toHaveLength(
        transactions.length === 0 ? 0 : 1,
      );
    const customers = steps.flatMap(({ built: { transaction, renewalInfo, appTransaction } }) =>
      [transaction, renewalInfo, appTransaction].flatMap((token) => token?.appTransactionId ?? []),
    );
    expect(distinct(customers).length).toBeLessThanOrEqual(1);
    const tokens = steps.flatMap(({ built }) => built.notification.externalPurchaseToken ?? []);
    expect(distinct(tokens.map((token) => JSON.stringify(token))).length).toBeLessThanOrEqual(1);
    expect(transactions.length + tokens.length).toBeGreaterThan(0);
  });

  it.each(cases)(`${label}: a transaction begins where one should, and stays what it is`, (options) => {
    for (const [before, step] of pairs(tell(options))) {
      const [old, next] = [before.built.transaction!, step.built.transaction!];
      if (TRANSACTS.test(keyOf(step))) {
        expect(BigInt(String(next.transactionId))).toBeGreaterThan(BigInt(String(old.transactionId)));
        expect(next.purchaseDate).toBe(step.atMs);
        if (next.expiresDate !== undefined) {
          expect(BigInt(String(next.webOrderLineItemId))).toBeGreaterThan(BigInt(String(old.webOrderLineItemId)));
          expect(Number(next.expiresDate)).toBeGreaterThan(step.atMs);
        }
      } else {
        expect(next.transactionId).toBe(old.transactionId);
        for (const name of OF_ONE_TRANSACTION) expect(next[name]).toEqual(old[name]);
        if (step.type !== 'RENEWAL_EXTENDED') expect(next.expiresDate).toBe(old.expiresDate);
        else expect(next.expiresDate).toBe(Number(old.expiresDate) + 14 * DAY_MS);
      }
    }
  });

  it.each(cases)(`${label}: what renews is what was to renew, at the price and on the day that was said`, (options) => {
    for (const [before, step] of pairs(tell(options))) {
      const next = step.built.transaction!;
      const promised = before.built.renewalInfo;
      if (next.transactionReason !== 'RENEWAL' || step.type !== 'DID_RENEW' || promised === undefined) continue;
      expect(promised.autoRenewStatus).toBe(1);
      expect(next.productId).toBe(promised.autoRenewProductId);
      expect(next.price).toBe(promised.renewalPrice);
      expect(next.offerIdentifier).toBe(promised.offerIdentifier);
      if (step.subtype === null) expect(next.purchaseDate).toBe(promised.renewalDate);
      else expect(Number(next.purchaseDate)).toBeGreaterThan(Number(promised.renewalDate));
    }
  });

  it.each(cases)(`${label}: status, renewal info and dates agree`, (options) => {
    for (const step of tell(options)) {
      const { transaction = {}, renewalInfo } = step.built;
      if (renewalInfo === undefined) {
        expect(data(step).status).toBeUndefined();
        continue;
      }
      if (step.type === 'RESCIND_CONSENT') continue;
      expect(data(step).status).toBe(expectedStatus(transaction, renewalInfo, signedAt(step)));
      expect(renewalInfo.originalTransactionId).toBe(transaction.originalTransactionId);
      expect(renewalInfo.productId).toBe(transaction.productId);
      expect(renewalInfo.renewalDate).toBe(renewalInfo.autoRenewStatus === 1 ? transaction.expiresDate : undefined);
      expect(Number(renewalInfo.recentSubscriptionStartDate)).toBeLessThanOrEqual(Number(transaction.purchaseDate));
      const hasLapsed = Number(transaction.expiresDate) <= signedAt(step);
      expect(renewalInfo.expirationIntent !== undefined).toBe(hasLapsed);
    }
  });
});

/** What `status` has to be, told from the dates alone. */
function expectedStatus(transaction: JsonObject, renewalInfo: JsonObject, nowMs: number): number {
  if (transaction.revocationDate !== undefined) return 5;
  if (Number(renewalInfo.gracePeriodExpiresDate) > nowMs) return 4;
  if (renewalInfo.isInBillingRetryPeriod === true) return 3;
  return Number(transaction.expiresDate) > nowMs ? 1 : 2;
}

const steps = (name: string) =>
  buildScenario(name, { nowMs: MOMENTS[0]!, random: seededRandom(name), bundleId: 'com.example.coffee' });

describe('how a scenario ends', () => {
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

  it('is covered for every scenario', () => expect(SCENARIOS).toHaveLength(24));
});

describe('prices and products on the way', () => {
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
  it('count for every notification', () => {
    const edited = buildScenario('refund', {
      nowMs: MOMENTS[0]!,
      random: seededRandom('x'),
      set: { 'transaction.quantity': 7 },
      remove: ['data.bundleVersion'],
    });
    expect(edited.map(({ built }) => built.transaction?.quantity)).toEqual([7, 7, 7]);
    expect(edited.map((step) => 'bundleVersion' in data(step))).toEqual([false, false, false]);
  });

  it('that fit one notification and not another are refused', () => {
    const build = () =>
      buildScenario('rescind-consent', { nowMs: 0, random: seededRandom('x'), remove: ['renewalInfo'] });
    expect(build).toThrow(expect.objectContaining({ code: 'ERR_SIMULATOR_PATH' }));
  });

  it('a scenario nobody wrote is refused, and the others are named', () => {
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
