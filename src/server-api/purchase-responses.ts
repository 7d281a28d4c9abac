import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { unexpectedAnswer } from './responses.js';

/** A subscription of a customer: an entry of `lastTransactions[]`. Nothing but the tokens is signed. */
export interface LastTransactionsItem {
  /** Apple's number, 1 to 5; null if the response has none. */
  readonly status: number | null;
  readonly originalTransactionId: string | null;
  readonly subscriptionGroupIdentifier: string | null;
  /** JWS of the last transaction; null if the response has none. */
  readonly signedTransactionInfo: string | null;
  readonly signedRenewalInfo: string | null;
}

/** One page of transactions, each a JWS. `revision` is null on the last page. */
export interface TransactionPage {
  readonly signedTransactions: readonly string[];
  readonly revision: string | null;
}

/** Reads the JWS of one transaction. Throws `ERR_API_ANSWER`. */
export function parseTransactionInfo({ signedTransactionInfo: token }: JsonObject, host: string): string {
  if (typeof token === 'string' && token !== '') return token;
  throw unexpectedAnswer(host, 'without signedTransactionInfo');
}

/** Reads the status of every subscription. A response without `data` is accepted if it names the app. Throws `ERR_API_ANSWER`. */
export function parseStatuses({ data, bundleId }: JsonObject, host: string): readonly LastTransactionsItem[] {
  if (data === undefined && typeof bundleId === 'string') return [];
  if (!Array.isArray(data)) throw unexpectedAnswer(host, 'without data');
  return data.filter(isJsonObject).flatMap((group) => {
    const { subscriptionGroupIdentifier, lastTransactions } = group;
    if (!Array.isArray(lastTransactions)) throw unexpectedAnswer(host, 'without lastTransactions');
    return lastTransactions.filter(isJsonObject).map((item) => parseStatus(item, textOf(subscriptionGroupIdentifier)));
  });
}

function parseStatus(item: JsonObject, subscriptionGroupIdentifier: string | null): LastTransactionsItem {
  const { status, originalTransactionId, signedTransactionInfo, signedRenewalInfo } = item;
  return {
    status: typeof status === 'number' && Number.isInteger(status) ? status : null,
    originalTransactionId: textOf(originalTransactionId),
    subscriptionGroupIdentifier,
    signedTransactionInfo: textOf(signedTransactionInfo),
    signedRenewalInfo: textOf(signedRenewalInfo),
  };
}

/** Reads one page. An entry that is no text stays, as an empty token: none is dropped. Throws `ERR_API_ANSWER`. */
export function parseTransactionPage(body: JsonObject, host: string): TransactionPage {
  const { signedTransactions, hasMore, revision } = body;
  const isEmpty = signedTransactions === undefined && hasMore === false;
  if (!isEmpty && !Array.isArray(signedTransactions)) throw unexpectedAnswer(host, 'without signedTransactions');
  const next = textOf(revision);
  if (hasMore === true && next === null) throw unexpectedAnswer(host, 'with hasMore and no revision');
  return { signedTransactions: tokensOf(signedTransactions), revision: hasMore === true ? next : null };
}

const VALID_ORDER = 0;

const INVALID_ORDER = 1;

/** Reads the transactions of an order; null for an order that is not valid for this app. Throws `ERR_API_ANSWER`. */
export function parseOrder({ status, signedTransactions }: JsonObject, host: string): readonly string[] | null {
  if (status === INVALID_ORDER) return null;
  if (status !== VALID_ORDER) throw unexpectedAnswer(host, 'with an unknown status of the order');
  if (!Array.isArray(signedTransactions) || signedTransactions.length === 0)
    throw unexpectedAnswer(host, 'without signedTransactions');
  return tokensOf(signedTransactions);
}

function tokensOf(list: Json | undefined): readonly string[] {
  return Array.isArray(list) ? list.map((token: Json) => textOf(token) ?? '') : [];
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
