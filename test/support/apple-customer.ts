import { type Answer, apiError, type SeenRequest } from './fake-server-api.js';
import { TEST_NOW_MS } from './run-cli.js';

const DAY = 86_400_000;

export const MONTHLY = 'com.example.app.premium.monthly';

/** A transaction as Apple tells of it; `renewal` counts from 0, each a month of 30 days, the last one running since 10 days. */
export function transaction(more: { readonly transactionId: string; readonly [field: string]: unknown }): object {
  return {
    originalTransactionId: more.transactionId,
    bundleId: 'com.example.app',
    productId: MONTHLY,
    subscriptionGroupIdentifier: '20875321',
    purchaseDate: TEST_NOW_MS - 10 * DAY,
    originalPurchaseDate: TEST_NOW_MS - 10 * DAY,
    expiresDate: TEST_NOW_MS + 20 * DAY,
    quantity: 1,
    type: 'Auto-Renewable Subscription',
    inAppOwnershipType: 'PURCHASED',
    signedDate: TEST_NOW_MS,
    environment: 'Sandbox',
    transactionReason: 'PURCHASE',
    storefront: 'USA',
    storefrontId: '143441',
    price: 9_990,
    currency: 'USD',
    ...more,
  };
}

export function renewalInfo(originalTransactionId: string, more: object = {}): object {
  return {
    originalTransactionId,
    productId: MONTHLY,
    autoRenewProductId: MONTHLY,
    autoRenewStatus: 1,
    renewalPrice: 9_990,
    currency: 'USD',
    renewalDate: TEST_NOW_MS + 20 * DAY,
    signedDate: TEST_NOW_MS,
    environment: 'Sandbox',
    recentSubscriptionStartDate: TEST_NOW_MS - 10 * DAY,
    ...more,
  };
}

/** A subscription of `count` months, the last transaction first bought 10 days ago; ids count up from `id`. */
export function months(id: number, count: number, more: object = {}): readonly object[] {
  return Array.from({ length: count }, (_, index) => {
    const purchaseDate = TEST_NOW_MS - (10 + 30 * (count - 1 - index)) * DAY;
    return transaction({
      transactionId: String(id + index),
      originalTransactionId: String(id),
      purchaseDate,
      originalPurchaseDate: TEST_NOW_MS - (10 + 30 * (count - 1)) * DAY,
      expiresDate: purchaseDate + 30 * DAY,
      transactionReason: index === 0 ? 'PURCHASE' : 'RENEWAL',
      ...more,
    });
  });
}

/** A consumable or non-consumable. */
export function oneTime(transactionId: string, more: object = {}): object {
  const {
    subscriptionGroupIdentifier: _,
    expiresDate: __,
    ...bare
  } = transaction({
    transactionId,
    productId: 'com.example.app.coins.100',
    type: 'Consumable',
    price: 1_990,
  }) as Record<string, unknown>;
  return { ...bare, ...more };
}

export interface AppleCustomer {
  readonly sign: (payload: object) => string;
  /** Every transaction, in the order of the history. */
  readonly transactions: readonly object[];
  /** Apple's status of each subscription, with its renewal info. */
  readonly statuses?: readonly { readonly status: number; readonly renewalInfo: object }[];
  readonly orders?: Readonly<Record<string, readonly string[]>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** The Server API for one customer: a script for FakeServerApi. Ids of others are 4040010. */
export function customerApi(customer: AppleCustomer): (request: SeenRequest) => Answer {
  const all = customer.transactions as readonly Fields[];
  const byId = (id: string): Fields | undefined => all.find(({ transactionId }) => transactionId === id);
  return ({ path }) => {
    const { pathname, searchParams } = new URL(path, 'http://x');
    const [, call = '', id = ''] =
      /^\/inApps\/(v1\/transactions|v1\/subscriptions|v1\/lookup|v2\/history|v2\/refund\/lookup)\/([^/]+)$/.exec(
        pathname,
      ) ?? [];
    if (call === 'v1/lookup') {
      const tokens = customer.orders?.[id]?.map((each) => customer.sign(byId(each)!));
      return { json: tokens === undefined ? { status: 1 } : { status: 0, signedTransactions: tokens } };
    }
    const found = byId(id);
    if (found === undefined) return apiError(4040010);
    if (call === 'v1/transactions') return { json: { signedTransactionInfo: customer.sign(found) } };
    if (call === 'v1/subscriptions') return { json: statusesOf(customer) };
    const list = call === 'v2/history' ? all : all.filter(({ revocationDate }) => revocationDate !== undefined);
    return { json: pageOf(list, customer, Number(searchParams.get('revision') ?? 0)) };
  };
}

const PAGE = 20;

function pageOf(list: readonly Fields[], { sign }: AppleCustomer, from: number): object {
  const signedTransactions = list.slice(from, from + PAGE).map(sign);
  return {
    signedTransactions,
    hasMore: from + PAGE < list.length,
    revision: String(from + PAGE),
    bundleId: 'com.example.app',
    environment: 'Sandbox',
  };
}

function statusesOf({ statuses = [], transactions, sign }: AppleCustomer): object {
  const lastTransactions = statuses.map(({ status, renewalInfo: renewal }) => {
    const { originalTransactionId } = renewal as Fields;
    const last = (transactions as readonly Fields[]).findLast(
      (each) => each.originalTransactionId === originalTransactionId,
    );
    return {
      status,
      originalTransactionId,
      signedTransactionInfo: sign(last!),
      signedRenewalInfo: sign(renewal),
    };
  });
  const data = statuses.length === 0 ? [] : [{ subscriptionGroupIdentifier: '20875321', lastTransactions }];
  return { environment: 'Sandbox', bundleId: 'com.example.app', data };
}
