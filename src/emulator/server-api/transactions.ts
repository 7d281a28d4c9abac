import { type EmulatorRequest, type EmulatorResponse, jsonResponse, textResponse } from '../http.js';
import type { StoredSubscription, StoredTransaction } from '../store/purchase-store.js';
import type { ServerApiCall, ServerApiState } from './call.js';
import { errorResponse } from './errors.js';
import { openSealedToken, sealToken } from './sealed-token.js';
import { matchesTransaction, parseTransactionQuery } from './transaction-query.js';

/** Calls about purchases, answered from the notifications that were sent. Source: docs, App Store Server API. */
export const TRANSACTION_CALLS: readonly ServerApiCall[] = [
  {
    name: 'subscriptionStatuses',
    method: 'GET',
    path: '/inApps/v1/subscriptions/{anyTransactionId}',
    handle: withTransactionId(subscriptionStatuses),
  },
  {
    name: 'transactionInfo',
    method: 'GET',
    path: '/inApps/v1/transactions/{transactionId}',
    handle: withTransactionId(transactionInfo),
  },
  {
    name: 'transactionHistory',
    method: 'GET',
    path: '/inApps/v2/history/{anyTransactionId}',
    handle: withTransactionId(transactionHistory),
  },
  // Version 1, deprecated, and still the default of Apple's libraries. It leaves out finished consumables; no notification says which are.
  {
    name: 'transactionHistory',
    method: 'GET',
    path: '/inApps/v1/history/{anyTransactionId}',
    handle: withTransactionId(transactionHistory),
  },
  {
    name: 'refundHistory',
    method: 'GET',
    path: '/inApps/v2/refund/lookup/{anyTransactionId}',
    handle: withTransactionId(refundHistory),
  },
  {
    name: 'orderLookup',
    method: 'GET',
    path: '/inApps/v1/lookup/{orderId}',
    handle: (_request, orderId, state) => lookUpOrder(orderId, state),
  },
];

/** Transactions of one page, and refunds of one. Source: docs, HistoryResponse, RefundHistoryResponse. */
const PAGE_SIZE = 20;

type Handler = (request: EmulatorRequest, id: string, state: ServerApiState) => EmulatorResponse;

/** Answers 4000006 for what is not a number of up to 20 digits, as every id of Apple's is. */
export function withTransactionId(handle: Handler): ServerApiCall['handle'] {
  return (request, id, state) =>
    id !== null && /^\d{1,20}$/.test(id) ? handle(request, id, state) : errorResponse(4000006);
}

/** Reason in the log: the emulator has only the notifications it sent. */
export function unknownTransaction({ environment }: ServerApiState): EmulatorResponse {
  return errorResponse(4040010, { cause: `no notification with this id was sent in ${environment}` });
}

function subscriptionStatuses({ url }: EmulatorRequest, id: string, state: ServerApiState): EmulatorResponse {
  const wanted = url.searchParams.getAll('status');
  if (!wanted.every((status) => /^[1-5]$/.test(status))) return errorResponse(4000031);
  const subscriptions = state.store.subscriptionsOf(id);
  if (subscriptions === null) return unknownTransaction(state);
  const groups = new Map<string, StoredSubscription[]>();
  for (const subscription of subscriptions) {
    if (wanted.length > 0 && !wanted.includes(String(subscription.status))) continue;
    groups.set(subscription.groupId, [...(groups.get(subscription.groupId) ?? []), subscription]);
  }
  const data = [...groups].map(([subscriptionGroupIdentifier, members]) => ({
    subscriptionGroupIdentifier,
    lastTransactions: members.map(({ originalTransactionId, status, transaction, renewalInfo }) => ({
      originalTransactionId,
      status,
      signedTransactionInfo: state.sign(transaction),
      signedRenewalInfo: state.sign(renewalInfo),
    })),
  }));
  return jsonResponse(200, { environment: state.environment, ...appOf(state), data });
}

/** The sandbox leaves out appAppleId. Source: docs, appAppleId of StatusResponse. */
function appOf({ environment, bundleId, appAppleId }: ServerApiState) {
  return environment === 'Sandbox' ? { bundleId } : { bundleId, appAppleId };
}

function transactionInfo(_request: EmulatorRequest, id: string, state: ServerApiState): EmulatorResponse {
  const { store } = state;
  const found = store.find(id);
  if (found === undefined) return store.isAppTransaction(id) ? errorResponse(4000048) : unknownTransaction(state);
  return jsonResponse(200, { signedTransactionInfo: signTransaction(found, state) });
}

function signTransaction(transaction: StoredTransaction, { store, sign }: ServerApiState): string {
  return sign(store.payloadOf(transaction));
}

function transactionHistory({ url }: EmulatorRequest, id: string, state: ServerApiState): EmulatorResponse {
  const query = parseTransactionQuery(url.searchParams);
  if (typeof query === 'number') return errorResponse(query);
  const revision = readRevision(url, state);
  if (revision === null) return invalidRevision();
  const all = state.store.ofCustomer(id);
  if (all === null) return unknownTransaction(state);
  const { isDescending } = query;
  const [last] = revision;
  const selected = all.filter(
    ({ modified, payload }) =>
      (last === undefined || (isDescending ? modified < last : modified > last)) && matchesTransaction(payload, query),
  );
  const page = (isDescending ? selected.reverse() : selected).slice(0, PAGE_SIZE);
  const next = page.at(-1)?.modified ?? last;
  return jsonResponse(200, {
    revision: issueRevision(next === undefined ? [] : [next], url, state),
    hasMore: selected.length > page.length,
    ...appOf(state),
    environment: state.environment,
    signedTransactions: page.map((transaction) => signTransaction(transaction, state)),
  });
}

/** Refunds by revocationDate, oldest first. The last revision serves to ask for later refunds. Source: docs, RefundHistoryResponse. */
function refundHistory({ url }: EmulatorRequest, id: string, state: ServerApiState): EmulatorResponse {
  const revision = readRevision(url, state);
  if (revision === null) return invalidRevision();
  const all = state.store.ofCustomer(id);
  if (all === null) return unknownTransaction(state);
  const [lastMs = -1, lastChange = -1] = revision;
  const selected = all
    .filter(isRefunded)
    .sort((a, b) => revokedMs(a) - revokedMs(b) || a.modified - b.modified)
    .filter((each) => revokedMs(each) > lastMs || (revokedMs(each) === lastMs && each.modified > lastChange));
  const page = selected.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  return jsonResponse(200, {
    hasMore: selected.length > page.length,
    revision: issueRevision(last === undefined ? revision : [revokedMs(last), last.modified], url, state),
    signedTransactions: page.map((transaction) => signTransaction(transaction, state)),
  });
}

/** Refunds only: a transaction whose sharing ended has a revocationDate too. */
function isRefunded({ payload, event }: StoredTransaction): boolean {
  const { revocationDate, revocationType } = payload;
  if (typeof revocationDate !== 'number') return false;
  return typeof revocationType === 'string' ? revocationType.startsWith('REFUND') : event.startsWith('REFUND');
}

function revokedMs({ payload: { revocationDate } }: StoredTransaction): number {
  return typeof revocationDate === 'number' ? revocationDate : 0;
}

/**
 * Unknown ids are no error: `status` 1. Apple has no orders in the sandbox, so the call is not served there. Unconfirmed: how Apple answers it.
 * Source: docs, Look Up Order ID.
 */
function lookUpOrder(orderId: string | null, state: ServerApiState): EmulatorResponse {
  if (state.environment === 'Sandbox') {
    return textResponse(404, 'Not Found\n', { cause: 'Look Up Order ID is not available in the sandbox' });
  }
  const found = orderId === null ? undefined : state.store.findOrder(orderId);
  if (found === undefined) return jsonResponse(200, { status: 1 });
  return jsonResponse(200, { status: 0, signedTransactions: [signTransaction(found, state)] });
}

function invalidRevision(): EmulatorResponse {
  return errorResponse(4000005, { cause: 'not a revision of this emulator for a request with these parameters' });
}

/** Position after the previous page: empty without a revision, null for an invalid one. */
function readRevision(url: URL, { pageTokens }: ServerApiState): readonly number[] | null {
  const revision = url.searchParams.get('revision');
  if (revision === null || revision === '') return [];
  return openSealedToken(revision, requestOf(url), pageTokens.secret) as readonly number[] | null;
}

function issueRevision(position: readonly number[], url: URL, { pageTokens }: ServerApiState): string {
  return sealToken(position, requestOf(url), pageTokens.secret);
}

/** Path and filters: Apple requires those of the first request on every page. */
function requestOf({ pathname, searchParams }: URL): Uint8Array {
  const filters = new URLSearchParams(searchParams);
  filters.delete('revision');
  filters.sort();
  return Buffer.from(`${pathname}?${filters}`);
}
