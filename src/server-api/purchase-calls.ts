import { encodeUriPart } from '../address/encode.js';
import type { JsonObject } from '../jws/json.js';
import {
  type LastTransactionsItem,
  parseOrder,
  parseStatuses,
  parseTransactionInfo,
  parseTransactionPage,
  type TransactionPage,
} from './purchase-responses.js';

/**
 * The calls about purchases; read-only. Tokens are as Apple sent them, unverified. An id that the environment does not know is a
 * ServerApiError with 4040010 or 4040005. Source: Apple, App Store Server API, "Get Transaction Info" and the pages of the other calls.
 */
export interface PurchaseCalls {
  /** Get Transaction Info: the transaction with this id, which may be an original one. */
  transactionInfo(transactionId: string): Promise<string>;
  /** Get All Subscription Statuses: every subscription of the customer who has this transaction. */
  subscriptionStatuses(transactionId: string): Promise<readonly LastTransactionsItem[]>;
  /** Get Transaction History, version 2: up to 20 transactions of the customer, of every product type, those changed last at the end. */
  transactionHistory(transactionId: string, revision?: string): Promise<TransactionPage>;
  /** Get Refund History, version 2: up to 20 refunded transactions of the customer, by revocationDate. */
  refundHistory(transactionId: string, revision?: string): Promise<TransactionPage>;
  /** Look Up Order ID: the transactions of an order; null if Apple has no such order of this app. Not available in Apple's sandbox. */
  orderTransactions(orderId: string): Promise<readonly string[] | null>;
}

/** `get` requests a path and resolves with the body of a 200. */
export function createPurchaseCalls(get: (path: string) => Promise<JsonObject>, host: string): PurchaseCalls {
  const page = async (path: string, id: string, revision: string | undefined): Promise<TransactionPage> => {
    const query = revision === undefined ? '' : `?revision=${encodeUriPart(revision)}`;
    return parseTransactionPage(await get(`${path}/${encodeUriPart(id)}${query}`), host);
  };
  return {
    transactionInfo: async (id) =>
      parseTransactionInfo(await get(`/inApps/v1/transactions/${encodeUriPart(id)}`), host),
    subscriptionStatuses: async (id) => parseStatuses(await get(`/inApps/v1/subscriptions/${encodeUriPart(id)}`), host),
    transactionHistory: (id, revision) => page('/inApps/v2/history', id, revision),
    refundHistory: (id, revision) => page('/inApps/v2/refund/lookup', id, revision),
    orderTransactions: async (id) => parseOrder(await get(`/inApps/v1/lookup/${encodeUriPart(id)}`), host),
  };
}
