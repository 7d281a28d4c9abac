import { ToolError } from '../errors.js';
import { createKeyedMutex } from '../forwarding/concurrency.js';
import { statusForApple } from '../forwarding/outcome.js';
import type { ForwardedNotification, Target } from '../forwarding/target.js';
import { notificationKey } from '../journal/notification-key.js';
import type { ReceiptHead, RecordedFacts } from '../journal/record.js';
import { stringifyJson } from '../jws/json.js';
import type { PayloadDocument } from '../notification/document.js';
import { lateArrival } from '../sender/late-arrival.js';
import { type ListenerContext, newId } from './context.js';
import type { Deliveries } from './deliveries.js';
import type { VerifiedEvent } from './events.js';
import type { ListenerResponse, ReceivedRequest } from './http/responses.js';
import { createBodyNamer } from './verification/name-body.js';
import type { VerifiedBody } from './verification/result.js';

/** A longer chain of listeners is a loop, even if this one is not part of it. */
const MAX_HOPS = 5;

/** Handler of each POST with a body: verifies, records, answers, forwards. */
export function createNotificationHandler(
  context: ListenerContext,
  deliveries: Deliveries,
): (incoming: ReceivedRequest) => Promise<ListenerResponse | null> {
  const { options, counts, emit } = context;
  const mutex = createKeyedMutex();
  const nameBody = createBodyNamer(options.now);
  return async (incoming) => {
    const loop = refuseLoop(incoming, context);
    if (loop !== null) return loop;
    const id = newId(options.random);
    counts.received += 1;
    emit({ event: 'received', id, bytes: incoming.body.length, address: incoming.address });
    const result = await options.verificationPool.verify(incoming);
    if (result.refusal !== null) {
      const refusal = await nameBody(result);
      return rejectNotification(context, deliveries, { id, incoming, result: { ...result, refusal } });
    }
    return mutex(uuidOf(result), () => acceptNotification(context, deliveries, { id, incoming, result }));
  };
}

function uuidOf({ facts }: VerifiedBody): string | null {
  return facts?.uuid ?? null;
}

function refuseLoop({ via, address }: ReceivedRequest, { runId, emit }: ListenerContext): ListenerResponse | null {
  if (!via.includes(runId) && via.length <= MAX_HOPS) return null;
  const message = via.includes(runId)
    ? 'forwarding loop: this listener has already forwarded the notification, so a target points back here'
    : `forwarding loop: the notification has passed ${via.length} listeners`;
  emit({ event: 'refused', status: 508, code: 'FORWARDING_LOOP', message, address });
  return { status: 508, body: { error: { code: 'FORWARDING_LOOP', message } } };
}

/** One request with its verification result. */
interface IncomingNotification {
  readonly id: string;
  readonly incoming: ReceivedRequest;
  readonly result: VerifiedBody;
}

/** Plan for one notification: targets and answer. */
interface Plan {
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

/**
 * Accepts a verified notification: recorded on disk, then answered; with `--answer forwarded` delivered to the first target in between.
 * A disk failure is answered 503, so that Apple retries. Resolves with null for no answer.
 */
async function acceptNotification(
  context: ListenerContext,
  deliveries: Deliveries,
  arrival: IncomingNotification,
): Promise<ListenerResponse | null> {
  const { options, counts } = context;
  const plan = planDelivery(context, deliveries, arrival);
  const isAnsweredHere = plan.answeringTarget === null && !plan.hang;
  const head = buildHead(arrival, plan, isAnsweredHere ? plan.status : null);
  let ref: number;
  try {
    ref = await options.journal.append(head, arrival.result.bodyJson!);
  } catch (error) {
    return respondNotRecorded(context, error);
  }
  counts.verified += 1;
  if (plan.repeatOf !== null) counts.repeats += 1;
  const status =
    plan.answeringTarget === null
      ? plan.status
      : await deliverFirst(context, deliveries, arrival, ref, plan.answeringTarget, plan.facts);
  const targets = plan.send.map(({ name }) => name);
  emitVerified(context, arrival, {
    ...plan,
    remarks: remarksOn(arrival, plan),
    targets,
    answered: plan.hang ? null : status,
  });
  for (const target of plan.send) if (target !== plan.answeringTarget) deliveries.enqueue(ref, target);
  if (plan.delayMs > 0) await options.sleep(plan.delayMs, context.stopping);
  if (plan.hang) {
    await aborted(context.stopping);
    return null;
  }
  return { status, body: null };
}

function planDelivery({ options }: ListenerContext, deliveries: Deliveries, { result }: IncomingNotification): Plan {
  const { index } = options.journal;
  const { sameUuidAs, facts } = identify(result.facts!, index);
  const key = notificationKey(facts);
  const firstAsked = facts.transactionId === undefined ? null : index.firstAskedAbout(facts.transactionId);
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

function buildHead(
  { id, incoming, result }: IncomingNotification,
  { facts, repeatOf, send }: Plan,
  answered: number | null,
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
    marks: result.marks,
  };
}

/** Delivers to the target whose status Apple gets, and records that status before answering. */
async function deliverFirst(
  context: ListenerContext,
  deliveries: Deliveries,
  arrival: IncomingNotification,
  ref: number,
  target: Target,
  { variant }: RecordedFacts,
): Promise<number> {
  const attempt = await deliveries.deliverNow(ref, toForwarded(arrival, variant), target);
  const answered = statusForApple(attempt);
  const { journal, now } = context.options;
  await journal.note({ type: 'answer', id: arrival.id, atMs: now(), answered }).catch((error: unknown) => {
    context.emit({
      event: 'notice',
      code: 'JOURNAL',
      message: `the answer was not recorded: ${(error as Error).message}`,
    });
  });
  return answered;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/**
 * Handles a body that failed verification: recorded separately and refused, or, with `--on-invalid`, dropped or forwarded. It is forwarded
 * once, from memory, without retries.
 */
async function rejectNotification(
  context: ListenerContext,
  deliveries: Deliveries,
  arrival: IncomingNotification,
): Promise<ListenerResponse> {
  const { options, counts } = context;
  const { result } = arrival;
  const refusal = result.refusal!;
  counts.refused += 1;
  if (options.onInvalid === 'reject') {
    await recordRejection(context, arrival, refusal.status);
    emitVerified(context, arrival, { answered: refusal.status, ...NOT_FORWARDED });
    const { status, ...error } = refusal;
    return { status, body: { error } };
  }
  const send = options.onInvalid === 'forward' ? deliveries.chooseTargets(result).send : [];
  const first = options.answer === 'forwarded' ? send.find(({ type }) => type === 'http') : undefined;
  const notification = toForwarded(arrival);
  const status = first === undefined ? 200 : statusForApple(await deliveries.deliverNow(null, notification, first));
  await recordRejection(context, arrival, status);
  emitVerified(context, arrival, { answered: status, ...NOT_FORWARDED, targets: send.map(({ name }) => name) });
  for (const target of send)
    if (target !== first) void deliveries.deliverNow(null, notification, target).catch(ignoreStop);
  return { status, body: null };
}

/** The run stopped first; a notification that failed verification does not stay pending. */
function ignoreStop(error: unknown): void {
  if (!(error instanceof ToolError) || error.kind !== 'interrupted') throw error;
}

const NOT_FORWARDED = { repeatOf: null, targets: [], withheld: [] } as const;

/** A disk failure becomes a notice and does not change the answer, since the sender needs no retry. */
async function recordRejection(
  { options, emit }: ListenerContext,
  { id, incoming, result }: IncomingNotification,
  answered: number,
): Promise<void> {
  const { atMs, address, contentType } = incoming;
  const { facts, verdict } = result;
  const { code: reason, message } = result.refusal!;
  const rejection = { id, atMs, address, contentType, reason, message, answered, facts, verdict };
  try {
    await options.journal.reject(rejection, result.bodyToKeep);
  } catch (error) {
    const message = `a refused request was not recorded: ${(error as Error).message}`;
    emit({ event: 'notice', code: 'JOURNAL', message });
  }
}

type Remarks = Pick<VerifiedEvent, 'sameUuidAs' | 'late' | 'askedAgain'>;

type Answer = Pick<VerifiedEvent, 'answered' | 'repeatOf' | 'targets' | 'withheld'> & { readonly remarks?: Remarks };

/** Peculiarities of a verified notification; only those that apply. */
function remarksOn({ incoming }: IncomingNotification, { facts, sameUuidAs, askedAgain }: Plan): Remarks {
  const late = lateArrival(facts, incoming.atMs);
  return {
    ...(sameUuidAs === null ? {} : { sameUuidAs }),
    ...(late === null ? {} : { late }),
    ...(askedAgain ? { askedAgain } : {}),
  };
}

/** Emits the event of a verified and answered body, with its document if documents are built. */
function emitVerified(context: ListenerContext, arrival: IncomingNotification, answer: Answer): void {
  const { id, result } = arrival;
  const { answered, repeatOf, remarks, targets, withheld } = answer;
  context.emit({
    event: 'verified',
    id,
    result,
    answered,
    repeatOf,
    ...remarks,
    targets,
    withheld,
    document: documentOf(arrival, answer),
  });
}

function documentOf(
  { id, incoming, result }: IncomingNotification,
  { answered, repeatOf }: Answer,
): PayloadDocument | null {
  if (result.document === null) return null;
  return { ...result.document, received: { id, atMs: incoming.atMs, answered, repeatOf } };
}

/** Answers 503 after a disk failure, so that Apple retries, and reports the cause as a notice. */
function respondNotRecorded({ emit }: ListenerContext, error: unknown): ListenerResponse {
  if (!(error instanceof ToolError)) throw error;
  emit({ event: 'notice', code: error.code, message: `${error.message}; answered 503, so that Apple retries` });
  return {
    status: 503,
    body: { error: { code: 'NOT_RECORDED', message: 'the notification could not be recorded; send it again' } },
  };
}

/** The notification to forward, from memory. */
function toForwarded({ id, incoming, result }: IncomingNotification, variant?: string): ForwardedNotification {
  return {
    id,
    body: result.body,
    contentType: incoming.contentType,
    uuid: result.facts?.uuid ?? null,
    ...(variant === undefined ? {} : { variant }),
    type: result.facts?.type ?? 'unknown',
    verdict: result.verdict?.verdict ?? 'invalid',
    ...(incoming.via.length === 0 ? {} : { via: incoming.via }),
    documentJson: () => `${stringifyJson(result.document)}\n`,
  };
}
