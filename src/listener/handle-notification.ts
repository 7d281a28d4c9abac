import { ToolError } from '../errors.js';
import { createKeyedMutex } from '../forwarding/concurrency.js';
import { statusForApple } from '../forwarding/outcome.js';
import type { ForwardedNotification, Target } from '../forwarding/target.js';
import type { ReceiptHead } from '../journal/record.js';
import { stringifyJson } from '../jws/json.js';
import type { PayloadDocument } from '../notification/document.js';
import { type ListenerContext, newId } from './context.js';
import type { Deliveries } from './deliveries.js';
import type { VerifiedEvent } from './events.js';
import type { ListenerResponse, ReceivedRequest } from './http/responses.js';
import type { VerifiedBody } from './verification/result.js';

/** More listeners than this in a row are a loop, whether or not this one is among them. */
const MOST_HOPS = 5;

/** What becomes of each POST that has a body: result, recorded, answered, handed on. */
export function createNotificationHandler(
  run: ListenerContext,
  handover: Deliveries,
): (incoming: ReceivedRequest) => Promise<ListenerResponse | null> {
  const { options, counts, emit } = run;
  const inOrder = createKeyedMutex();
  return async (incoming) => {
    const loop = loopOf(incoming, run);
    if (loop !== null) return loop;
    const id = newId(options.random);
    counts.received += 1;
    emit({ event: 'received', id, bytes: incoming.body.length, address: incoming.address });
    const result = await options.verificationPool.judge(incoming);
    if (result.refusal !== null) return rejectNotification(run, handover, { id, incoming, result });
    return inOrder(uuidOf(result), () => acceptNotification(run, handover, { id, incoming, result }));
  };
}

function uuidOf({ facts }: VerifiedBody): string | null {
  return facts?.uuid ?? null;
}

function loopOf({ via, address }: ReceivedRequest, { runId, emit }: ListenerContext): ListenerResponse | null {
  if (!via.includes(runId) && via.length <= MOST_HOPS) return null;
  const message = via.includes(runId)
    ? 'this notification came back to the listener that had sent it on: a target leads here'
    : `this notification has passed ${via.length} listeners: their targets lead in a circle`;
  emit({ event: 'refused', status: 508, code: 'FORWARDING_LOOP', message, address });
  return { status: 508, body: { error: { code: 'FORWARDING_LOOP', message } } };
}

/** One body, and what is known of it. */
interface IncomingNotification {
  readonly id: string;
  readonly incoming: ReceivedRequest;
  readonly result: VerifiedBody;
}

/** Where a notification goes, and how the answer comes about. */
interface Plan {
  readonly repeatOf: string | null;
  readonly send: readonly Target[];
  readonly withheld: readonly { readonly target: string; readonly why: string }[];
  /** The target whose status is Apple's answer; null where the answer is ours. */
  readonly asked: Target | null;
  readonly status: number;
  readonly delayMs: number;
  readonly hang: boolean;
}

/**
 * A verified notification: on disk first, answered then. With `--answer forwarded` the first target is asked in between. A failing disk
 * is answered 503, so that Apple sends it again. Null where no answer is to be given.
 */
async function acceptNotification(
  run: ListenerContext,
  handover: Deliveries,
  arrival: IncomingNotification,
): Promise<ListenerResponse | null> {
  const { options, counts } = run;
  const plan = planOf(run, handover, arrival);
  const isOurs = plan.asked === null && !plan.hang;
  const head = headOf(arrival, plan, isOurs ? plan.status : null);
  let ref: number;
  try {
    ref = await options.journal.append(head, arrival.result.bodyJson!);
  } catch (error) {
    return respondNotRecorded(run, error);
  }
  counts.verified += 1;
  if (plan.repeatOf !== null) counts.repeats += 1;
  const status = plan.asked === null ? plan.status : await ask(run, handover, arrival, ref, plan.asked);
  const targets = plan.send.map(({ name }) => name);
  emitVerified(run, arrival, { ...plan, targets, answered: plan.hang ? null : status });
  for (const target of plan.send) if (target !== plan.asked) handover.enqueue(ref, target);
  if (plan.delayMs > 0) await options.sleep(plan.delayMs, run.stopping);
  if (plan.hang) {
    await aborted(run.stopping);
    return null;
  }
  return { status, body: null };
}

function planOf({ options }: ListenerContext, handover: Deliveries, { result }: IncomingNotification): Plan {
  const { index } = options.journal;
  const uuid = result.facts?.uuid ?? null;
  const repeatOf = uuid === null ? null : index.firstReceiptOf(uuid);
  const fault = options.faultInjector.next();
  const isFaulty = fault.hang || fault.status !== null;
  const { send, withheld } = isFaulty ? { send: [], withheld: [] } : handover.choose(result);
  const open = send.filter(({ name }) => uuid === null || !index.isUuidAccepted(uuid, name));
  const first = options.answer === 'forwarded' ? options.targets.find(({ type }) => type === 'http') : undefined;
  return {
    repeatOf,
    send: open,
    withheld,
    asked: open.find((target) => target === first) ?? null,
    status: fault.status ?? 200,
    delayMs: fault.delayMs,
    hang: fault.hang,
  };
}

function headOf(
  { id, incoming, result }: IncomingNotification,
  { repeatOf, send }: Plan,
  answered: number | null,
): ReceiptHead {
  return {
    type: 'receipt',
    id,
    atMs: incoming.atMs,
    address: incoming.address,
    contentType: incoming.contentType,
    bytes: result.body.length,
    facts: result.facts!,
    verdict: result.verdict!,
    synthetic: result.synthetic,
    repeatOf,
    answered,
    targets: send.map(({ name }) => name),
    ...(incoming.via.length === 0 ? {} : { via: incoming.via }),
    marks: result.marks,
  };
}

/** Asks the target whose answer Apple is to get, and records that answer before it is given. */
async function ask(
  run: ListenerContext,
  handover: Deliveries,
  arrival: IncomingNotification,
  ref: number,
  target: Target,
): Promise<number> {
  const attempt = await handover.ask(ref, toForwarded(arrival), target);
  const answered = statusForApple(attempt);
  const { journal, now } = run.options;
  await journal.note({ type: 'answer', id: arrival.id, atMs: now(), answered }).catch((error: unknown) => {
    run.emit({ event: 'notice', code: 'JOURNAL', message: `the answer was not recorded: ${(error as Error).message}` });
  });
  return answered;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/**
 * What is no verified notification: recorded apart and refused, or, where the user says so, dropped or handed on. It is handed on once,
 * from memory: nothing says that anybody should wait for it.
 */
async function rejectNotification(
  run: ListenerContext,
  handover: Deliveries,
  arrival: IncomingNotification,
): Promise<ListenerResponse> {
  const { options, counts } = run;
  const { result } = arrival;
  const refusal = result.refusal!;
  counts.refused += 1;
  if (options.onInvalid === 'reject') {
    await keep(run, arrival, refusal.status);
    emitVerified(run, arrival, { answered: refusal.status, ...NOWHERE });
    return { status: refusal.status, body: { error: { code: refusal.code, message: refusal.message } } };
  }
  const send = options.onInvalid === 'forward' ? handover.choose(result).send : [];
  const first = options.answer === 'forwarded' ? send.find(({ type }) => type === 'http') : undefined;
  const parcel = toForwarded(arrival);
  const status = first === undefined ? 200 : statusForApple(await handover.ask(null, parcel, first));
  await keep(run, arrival, status);
  emitVerified(run, arrival, { answered: status, ...NOWHERE, targets: send.map(({ name }) => name) });
  for (const target of send) if (target !== first) void handover.ask(null, parcel, target).catch(ignoreStop);
  return { status, body: null };
}

/** The run ended first: what is not verified is owed to nobody. */
function ignoreStop(error: unknown): void {
  if (!(error instanceof ToolError) || error.kind !== 'interrupted') throw error;
}

const NOWHERE = { repeatOf: null, targets: [], withheld: [] } as const;

/** Nothing is owed to whoever sent this, so a disk that fails is told and changes no answer. */
async function keep(
  { options, emit }: ListenerContext,
  { id, incoming, result }: IncomingNotification,
  answered: number,
): Promise<void> {
  const { atMs, address, contentType } = incoming;
  const { facts, verdict } = result;
  const { code: reason, message } = result.refusal!;
  const about = { id, atMs, address, contentType, reason, message, answered, facts, verdict };
  try {
    await options.journal.reject(about, result.bodyToKeep);
  } catch (error) {
    const message = `what was refused was not recorded: ${(error as Error).message}`;
    emit({ event: 'notice', code: 'JOURNAL', message });
  }
}

type Outcome = Pick<VerifiedEvent, 'answered' | 'repeatOf' | 'targets' | 'withheld'>;

/** Tells that a body was result and answered, with its document where documents are wanted. */
function emitVerified(run: ListenerContext, arrival: IncomingNotification, outcome: Outcome): void {
  const { id, result } = arrival;
  const { answered, repeatOf, targets, withheld } = outcome;
  run.emit({
    event: 'verified',
    id,
    result,
    answered,
    repeatOf,
    targets,
    withheld,
    document: documentOf(arrival, outcome),
  });
}

function documentOf(
  { id, incoming, result }: IncomingNotification,
  { answered, repeatOf }: Outcome,
): PayloadDocument | null {
  if (result.document === null) return null;
  return { ...result.document, received: { id, atMs: incoming.atMs, answered, repeatOf } };
}

/** The disk does not take it: Apple is asked to send it again, and whoever watches is told why. */
function respondNotRecorded({ emit }: ListenerContext, error: unknown): ListenerResponse {
  if (!(error instanceof ToolError)) throw error;
  emit({ event: 'notice', code: error.code, message: `${error.message}; answered 503, so that it is sent again` });
  return {
    status: 503,
    body: { error: { code: 'NOT_RECORDED', message: 'the notification could not be recorded; send it again' } },
  };
}

/** What is handed on of a body that has just come in. */
function toForwarded({ id, incoming, result }: IncomingNotification): ForwardedNotification {
  return {
    id,
    body: result.body,
    contentType: incoming.contentType,
    uuid: result.facts?.uuid ?? null,
    type: result.facts?.type ?? 'unknown',
    verdict: result.verdict?.verdict ?? 'invalid',
    ...(incoming.via.length === 0 ? {} : { via: incoming.via }),
    documentJson: () => `${stringifyJson(result.document)}\n`,
  };
}
