import type { Target } from '../forwarding/target.js';
import { isConsumptionRequest } from '../journal/index/file-index.js';
import { notificationKey } from '../journal/notification-key.js';
import type { ReceiptHead, RecordedFacts } from '../journal/record.js';
import type { ListenerContext } from './context.js';
import type { Deliveries } from './deliveries.js';
import type { IncomingNotification } from './incoming.js';

/** Plan for one verified notification: record, targets and answer. */
export interface AcceptancePlan {
  /** Facts to record; with `variant` where the notificationUUID was received before with other content. */
  readonly facts: RecordedFacts;
  readonly repeatOf: string | null;
  readonly sameUuidAs: string | null;
  readonly askedAgain: boolean;
  readonly send: readonly Target[];
  readonly withheld: readonly { readonly target: string; readonly why: string }[];
  /** Target whose status becomes the answer (`--answer forwarded`); null for an answer of the listener's own. */
  readonly answeringTarget: Target | null;
  readonly status: number;
  readonly delayMs: number;
  readonly hang: boolean;
}

/** Decides on a verified notification; changes nothing but the count of injected faults. */
export function planAcceptance(
  { options }: ListenerContext,
  deliveries: Deliveries,
  { result }: IncomingNotification,
): AcceptancePlan {
  const { index } = options.journal;
  const { sameUuidAs, facts } = identify(result.facts!, index);
  const key = notificationKey(facts);
  const { transactionId } = facts;
  const isAsked = transactionId !== undefined && isConsumptionRequest(facts);
  const firstAsked = isAsked ? index.firstAskedAbout(transactionId) : null;
  const fault = options.faultInjector.next();
  const isFaulty = fault.hang || fault.status !== null;
  const { send, withheld } = isFaulty ? { send: [], withheld: [] } : deliveries.chooseTargets(result);
  const undelivered = send.filter(({ name }) => key === null || !index.isUuidAccepted(key, name));
  const first = options.answer === 'forwarded' ? options.targets.find(({ type }) => type === 'http') : undefined;
  return {
    facts,
    repeatOf: index.firstReceiptOf(key),
    sameUuidAs,
    askedAgain: firstAsked !== null && firstAsked !== facts.uuid,
    send: undelivered,
    withheld,
    answeringTarget: undelivered.find((target) => target === first) ?? null,
    status: fault.status ?? 200,
    delayMs: fault.delayMs,
    hang: fault.hang,
  };
}

/** The same notificationUUID with other content is another notification, with acceptances of its own. */
function identify(
  facts: RecordedFacts,
  index: ListenerContext['options']['journal']['index'],
): { readonly facts: RecordedFacts; readonly sameUuidAs: string | null } {
  const { uuid, content } = facts;
  if (content === undefined || !index.hasOtherContent(uuid, content)) return { facts, sameUuidAs: null };
  return { facts: { ...facts, variant: content }, sameUuidAs: index.firstReceiptOf(uuid) };
}

/**
 * The receipt to record, without its body. `answered` is null where an answer record follows, or none is sent; `bodyOf` is the receipt that
 * holds the body of a repeat, null where this one is to keep its own.
 */
export function buildReceiptHead(
  { id, incoming, result }: IncomingNotification,
  { facts, repeatOf, send }: AcceptancePlan,
  { answered, bodyOf }: { readonly answered: number | null; readonly bodyOf: string | null },
): ReceiptHead {
  return {
    type: 'receipt',
    id,
    atMs: incoming.atMs,
    address: incoming.address,
    contentType: incoming.contentType,
    bytes: result.body.length,
    facts,
    verdict: result.verdict!,
    synthetic: result.synthetic,
    repeatOf,
    answered,
    targets: send.map(({ name }) => name),
    ...(incoming.via.length === 0 ? {} : { via: incoming.via }),
    ...(bodyOf === null ? {} : { bodyOf }),
    marks: result.marks,
  };
}
