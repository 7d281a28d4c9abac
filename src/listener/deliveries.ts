import { chooseTargets, type TargetChoice } from '../forwarding/choose-targets.js';
import { createForwarder, type Forwarder } from '../forwarding/forwarder.js';
import { buildDeliveryRecord } from '../forwarding/outcome.js';
import { forwardOnce } from '../forwarding/send.js';
import type { DeliveryAttempt, ForwardedNotification, Target } from '../forwarding/target.js';
import type { AttemptFollowUp } from '../forwarding/target-queue.js';
import { documentOf } from '../journal/document.js';
import type { ReceiptRecord } from '../journal/record.js';
import { stringifyJson } from '../jws/json.js';
import { createVerificationContext } from '../notification/verification-context.js';
import type { ListenerContext } from './context.js';
import type { VerificationOptions, VerifiedBody } from './verification/result.js';

/** Deliveries of recorded notifications to their targets. */
export interface Deliveries {
  /** Selects the targets of a notification. */
  chooseTargets(result: VerifiedBody): TargetChoice;
  /** Queues a delivery, to be retried until accepted or abandoned. */
  enqueue(ref: number, target: Target): void;
  /**
   * Makes one recorded attempt immediately, without retries; null without an attempt if the target has accepted the notification meanwhile.
   * `ref` is null if the notification is not in the journal.
   */
  deliverNow(ref: number | null, notification: ForwardedNotification, target: Target): Promise<DeliveryAttempt | null>;
  /** Resumes the pending deliveries of earlier runs. */
  resume(): void;
  /** Number of pending deliveries. */
  pending(): number;
  idle(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

export function createDeliveries(context: ListenerContext): Deliveries {
  const { options } = context;
  const { targets, forwardSynthetic, journal } = options;
  const forwarder = openForwarder(context);
  return {
    chooseTargets: ({ facts, synthetic }) => chooseTargets(facts, { synthetic, forwardSynthetic }, targets),
    enqueue: (ref, { name }) => void forwarder.enqueue({ ref, target: name, attempts: 0, dueAtMs: options.now() }),
    deliverNow: (ref, notification, target) => forwarder.deliverNow(ref, notification, target, 1),
    resume: () => {
      const orphaned = new Map<string, number>();
      for (const delivery of journal.index.pending()) {
        if (!forwarder.enqueue(delivery)) orphaned.set(delivery.target, (orphaned.get(delivery.target) ?? 0) + 1);
      }
      for (const [target, count] of orphaned)
        context.emit({ event: 'notice', code: 'TARGET_GONE', message: describeOrphaned(target, count) });
    },
    pending: () => forwarder.pending(),
    idle: () => forwarder.idle(),
    stop: (graceMs) => forwarder.stop(graceMs),
  };
}

function describeOrphaned(target: string, count: number): string {
  const deliveries = count === 1 ? '1 delivery' : `${count.toLocaleString('en-US')} deliveries`;
  return `${deliveries} to ${target} pending, but this run has no such target`;
}

function openForwarder(context: ListenerContext): Forwarder {
  const { now, sleep, random, targets, journal, http, env, platform, forwardTimeoutMs: timeoutMs } = context.options;
  const writeDocument = createDocumentWriter(context.options.verification);
  const reportFinding = createFindingReporter(context);
  const onOutput = (target: string, line: string): void =>
    context.emit({ event: 'notice', code: 'OUTPUT', message: `${target}: ${line}` });
  return createForwarder({
    ...{ targets, now, sleep, random },
    load: (ref) => load(ref, context, writeDocument),
    isAccepted: (ref, target) => journal.index.isAccepted(ref, target),
    onAttempt: async (_ref, target, number, attempt, followUp) => {
      await recordAttempt(context, target, number, attempt, followUp);
      reportFinding(target, attempt);
    },
    onNotice: (code, message) => context.emit({ event: 'notice', code, message }),
    send: (target, notification, number, signal) =>
      forwardOnce(target, notification, number, {
        http,
        timeoutMs,
        runId: context.runId,
        now,
        sleep,
        env,
        platform,
        onOutput,
        signal,
      }),
  });
}

/** Reports each finding about a target once per run. */
function createFindingReporter({ emit }: ListenerContext): (target: string, attempt: DeliveryAttempt) => void {
  const reported = new Set<string>();
  return (target, { finding }) => {
    if (finding === undefined || reported.size >= MAX_FINDINGS) return;
    const key = `${target} ${finding.code} ${finding.message}`;
    if (reported.has(key)) return;
    reported.add(key);
    emit({ event: 'notice', ...finding });
  };
}

/** Findings reported in one run, over all targets; far more than targets that stay the same have. */
const MAX_FINDINGS = 100;

/**
 * Reads the deliveries of `replay` first, so that no target gets a notification twice. Null for what an earlier run recorded as verified and
 * is not: it may have come with a clone.
 */
async function load(
  ref: number,
  { options, catchUp, emit }: ListenerContext,
  writeDocument: DocumentWriter,
): Promise<ForwardedNotification | null> {
  await catchUp();
  const receipt = await options.journal.readReceipt(ref);
  if (options.journal.index.isOfEarlierRun(ref) && !(await isStillVerified(receipt, options, emit))) return null;
  return toForwarded(receipt, writeDocument);
}

async function isStillVerified(
  { id, body, atMs, synthetic, facts }: ReceiptRecord,
  { verificationPool }: ListenerContext['options'],
  emit: ListenerContext['emit'],
): Promise<boolean> {
  const result = await verificationPool.verify({ body: Buffer.from(body, 'utf8'), atMs });
  const isSame = result.refusal === null && result.synthetic === synthetic && result.facts?.uuid === facts.uuid;
  if (!isSame) {
    const reason = result.refusal?.code ?? 'its record is about another notification';
    emit({ event: 'notice', code: 'NOT_VERIFIED', message: describeUnverified(id, reason) });
  }
  return isSame;
}

function describeUnverified(id: string, reason: string): string {
  return `${id} was recorded as verified by an earlier run, but does not verify now (${reason}), so it is not sent`;
}

function toForwarded(receipt: ReceiptRecord, writeDocument: DocumentWriter): ForwardedNotification {
  const { id, contentType, facts, verdict, via, body } = receipt;
  return {
    id,
    body: Buffer.from(body, 'utf8'),
    contentType,
    uuid: facts.uuid,
    ...(facts.variant === undefined ? {} : { variant: facts.variant }),
    type: facts.type,
    verdict: verdict.verdict,
    ...(via === undefined ? {} : { via }),
    documentJson: () => writeDocument(receipt),
  };
}

/** Records an attempt and emits its event; a failure to record is a notice, since a restart would repeat the attempt. */
async function recordAttempt(
  { options, counts, emit }: ListenerContext,
  target: string,
  number: number,
  attempt: DeliveryAttempt,
  { final, nextAtMs, notification }: AttemptFollowUp,
): Promise<void> {
  const { detail, httpStatus, ms, outcome } = attempt;
  const { id, type } = notification;
  const isAccepted = outcome === 'accepted';
  counts[isAccepted ? 'forwarded' : 'failed'] += 1;
  const schedule = { target, attempt: number, final, nextAtMs };
  const record = buildDeliveryRecord(notification, { ...schedule, atMs: options.now() }, attempt);
  try {
    await options.journal.note(record);
  } catch (error) {
    emit({
      event: 'notice',
      code: 'JOURNAL',
      message: `a delivery attempt was not recorded: ${(error as Error).message}`,
    });
  }
  emit({ event: isAccepted ? 'forwarded' : 'failed', id, type, detail, httpStatus, ms, outcome, ...schedule });
}

/** Serializes the document of a receipt as one line of JSON, for programs. */
type DocumentWriter = (receipt: ReceiptRecord) => string;

/** Location of a record that is already in memory. */
const IN_MEMORY = { file: 0, offset: 0, bytes: 0 };

function createDocumentWriter({ roots, expectations }: VerificationOptions): DocumentWriter {
  const context = createVerificationContext(roots);
  return ({ body, ...receipt }) => {
    const { answered } = receipt;
    const entry = { type: 'receipt', receipt, location: IN_MEMORY, answered, deliveries: [] } as const;
    return `${stringifyJson(documentOf(entry, Buffer.from(body, 'utf8'), context, expectations))}\n`;
  };
}
