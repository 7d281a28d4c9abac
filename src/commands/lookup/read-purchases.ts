import { ToolError } from '../../errors.js';
import type { DocumentContext } from '../../notification/document.js';
import type { VerifiedDocument } from '../../notification/verified-document.js';
import type { ServerApi } from '../../server-api/client.js';
import type { LastTransactionsItem } from '../../server-api/purchase-responses.js';
import { spacingOf } from '../../server-api/rate-limits.js';
import { ServerApiError } from '../../server-api/refusal.js';
import { readTransactionPages } from '../../server-api/transaction-pages.js';
import type { Server, ServerDeps } from '../../session/server.js';
import { ownerOfAddress } from '../../settings/base-address.js';
import type { Environment } from '../../settings/setting.js';
import type { LookupSubject } from './subject.js';

/** A subscription of the customer with Apple's status; its tokens verified, null where the answer had none. */
export interface StatedSubscription {
  /** 1 to 5; null if the answer had no number. */
  readonly status: number | null;
  readonly transaction: VerifiedDocument | null;
  readonly renewalInfo: VerifiedDocument | null;
}

/** Lists that were not read to their end, and why. */
export interface Gap {
  readonly lists: readonly string[];
  readonly error: ToolError;
}

/** Everything Apple says of a customer, found by one purchase. */
export interface CustomerPurchases {
  /** The answer is of an emulator on this machine. */
  readonly isEmulated: boolean;
  /** Ids of the transactions that were asked for, one or those of an order; null for an id of a customer (appTransactionId). */
  readonly requestedIds: readonly string[] | null;
  /** Tokens of these transactions. */
  readonly requested: readonly VerifiedDocument[];
  readonly subscriptions: readonly StatedSubscription[];
  readonly history: readonly VerifiedDocument[];
  readonly refunds: readonly VerifiedDocument[];
  readonly gaps: readonly Gap[];
}

/** Every token of the result, in the order of the requests. */
export function documentsOf({
  requested,
  subscriptions,
  history,
  refunds,
}: CustomerPurchases): readonly VerifiedDocument[] {
  const stated = subscriptions.flatMap(({ transaction, renewalInfo }) => [transaction, renewalInfo]);
  return [...requested, ...stated.filter((document) => document !== null), ...history, ...refunds];
}

export interface ReadOptions {
  readonly server: Server;
  readonly environment: Environment;
  readonly deadlineMs: number;
  readonly onWait: (reason: ToolError, untilMs: number) => void;
  /** Called with each token as it is verified, in order. */
  readonly onDocument: (document: VerifiedDocument) => Promise<void>;
  /** Called after each page, with the number of transactions of this list so far. */
  readonly onPage: (count: number) => void;
  readonly deps: Pick<ServerDeps, 'now' | 'sleep' | 'signal'>;
}

/**
 * Asks for a purchase and for everything of its customer; null if the environment does not know the id. Once it is found, a list that
 * cannot be read is a gap in the result. Throws the errors of the API before that, and `interrupted` always.
 */
export async function readPurchases(subject: LookupSubject, options: ReadOptions): Promise<CustomerPurchases | null> {
  const { server, environment, deadlineMs, onWait } = options;
  const isEmulated = ownerOfAddress(server.baseUrl(environment)) === 'loopback';
  const api = server.connect(environment, deadlineMs, onWait);
  const tokens = await requestedTokens(api, subject);
  if (tokens === null) return null;
  const requested = await verifyEach(tokens, subject.kind, 0, options);
  const ids = subject.kind === 'transaction' ? [subject.id] : verifiedIds(requested);
  const [id] = ids;
  const nothing = { subscriptions: [], history: [], refunds: [], gaps: [] };
  if (id === undefined) return { isEmulated, requestedIds: ids, requested, ...nothing };
  const gaps: Gap[] = [];
  const statuses = await orGap('statuses', gaps, () => api.subscriptionStatuses(id));
  // An appTransactionId names a customer and no transaction: the other calls accept it.
  if (requested.length === 0 && statuses === null) {
    const [gap] = gaps;
    if (gap !== undefined && !isUnknownId(gap.error)) throw gap.error;
    return null;
  }
  const subscriptions = await verifyStatuses(statuses ?? [], options);
  const history: VerifiedDocument[] = [];
  const refunds: VerifiedDocument[] = [];
  await orGap('transaction history', gaps, () => readList('transactionHistory', id, api, history, options));
  await orGap('refund history', gaps, () => readList('refundHistory', id, api, refunds, options));
  const requestedIds = requested.length === 0 ? null : ids;
  return { isEmulated, requestedIds, requested, subscriptions, history, refunds, gaps };
}

/** Tokens of the transactions that the id names; empty where Apple knows none, null for an order that it does not know. */
async function requestedTokens(api: ServerApi, { kind, id }: LookupSubject): Promise<readonly string[] | null> {
  if (kind === 'order') return api.orderTransactions(id);
  try {
    return [await api.transactionInfo(id)];
  } catch (error) {
    if (isUnknownId(error)) return [];
    throw error;
  }
}

/** AccountNotFound, OriginalTransactionIdNotFound, TransactionIdNotFound, and AppTransactionIdNotSupported of Get Transaction Info. */
const UNKNOWN_ID: ReadonlySet<number | null> = new Set([4040001, 4040005, 4040010, 4000048]);

function isUnknownId(error: unknown): boolean {
  return error instanceof ServerApiError && UNKNOWN_ID.has(error.errorCode);
}

/** The value, or null with a gap for what failed. After a failure that is not about one call nothing more is requested. */
async function orGap<T>(list: string, gaps: Gap[], read: () => Promise<T>): Promise<T | null> {
  const last = gaps.at(-1);
  if (last !== undefined && !isAboutOneCall(last.error)) {
    gaps[gaps.length - 1] = { ...last, lists: [...last.lists, list] };
    return null;
  }
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind === 'interrupted') throw error;
    gaps.push({ lists: [list], error });
    return null;
  }
}

/** True for what Apple answered to one request; false for the deadline, the network, the key. */
function isAboutOneCall(error: ToolError): boolean {
  return error.code === 'ERR_API_ANSWER' || (error instanceof ServerApiError && error.errorCode !== null);
}

async function readList(
  call: 'transactionHistory' | 'refundHistory',
  id: string,
  api: ServerApi,
  documents: VerifiedDocument[],
  options: ReadOptions,
): Promise<void> {
  const { environment, deadlineMs, deps, onPage } = options;
  const request = (revision?: string) => api[call](id, revision);
  const spacingMs = spacingOf(call, environment);
  for await (const page of readTransactionPages({ ...deps, request, spacingMs, deadlineMs })) {
    documents.push(
      ...(await verifyEach(page, call === 'refundHistory' ? 'refunds' : 'history', documents.length, options)),
    );
    onPage(documents.length);
  }
}

async function verifyStatuses(
  statuses: readonly LastTransactionsItem[],
  options: ReadOptions,
): Promise<readonly StatedSubscription[]> {
  const stated: StatedSubscription[] = [];
  for (const [index, { status, signedTransactionInfo, signedRenewalInfo }] of statuses.entries()) {
    const context = status === null ? {} : { subscriptionStatus: status };
    const verify = async (kind: 'transaction' | 'renewalInfo', jws: string | null) =>
      jws === null ? null : verifyOne(kind, jws, sourceOf('statuses', index), context, options);
    const transaction = await verify('transaction', signedTransactionInfo);
    stated.push({ status, transaction, renewalInfo: await verify('renewalInfo', signedRenewalInfo) });
  }
  return stated;
}

async function verifyEach(
  tokens: readonly string[],
  call: string,
  from: number,
  options: ReadOptions,
): Promise<readonly VerifiedDocument[]> {
  const documents: VerifiedDocument[] = [];
  for (const [index, jws] of tokens.entries())
    documents.push(await verifyOne('transaction', jws, sourceOf(call, from + index), {}, options));
  return documents;
}

async function verifyOne(
  kind: 'transaction' | 'renewalInfo',
  jws: string,
  source: string,
  context: DocumentContext,
  { server, environment, onDocument }: ReadOptions,
): Promise<VerifiedDocument> {
  const document = server.verifyAs(kind, jws, environment, source, context);
  await onDocument(document);
  return document;
}

/** `lookup:history` for the first token of a call, `lookup:history#2` for the second. */
function sourceOf(call: string, index: number): string {
  return index === 0 ? `lookup:${call}` : `lookup:${call}#${index + 1}`;
}

/** Ids of verified transactions only: one goes into the path of further requests. */
function verifiedIds(documents: readonly VerifiedDocument[]): readonly string[] {
  return documents.flatMap(({ verification, transaction }) =>
    verification.verdict === 'valid' && typeof transaction?.transactionId === 'string'
      ? [transaction.transactionId]
      : [],
  );
}
