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

/** Everything between a notification on disk and the targets that want it. */
export interface Deliveries {
  /** Who is to have it, and who is not though its filter would let it. */
  choose(result: VerifiedBody): TargetChoice;
  /** It is owed to this target from now on, until it is accepted or given up. */
  enqueue(ref: number, target: Target): void;
  /** One attempt now, told and recorded; nothing is added to it. `ref` is null for what is not in the journal. */
  ask(ref: number | null, parcel: ForwardedNotification, target: Target): Promise<DeliveryAttempt>;
  /** Takes up what earlier runs still owe. */
  resume(): void;
  owed(): number;
  idle(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

export function createDeliveries(run: ListenerContext): Deliveries {
  const { options } = run;
  const { targets, forwardSynthetic, journal } = options;
  const forwarder = openForwarder(run);
  return {
    choose: ({ facts, synthetic }) => chooseTargets(facts, { synthetic, forwardSynthetic }, targets),
    enqueue: (ref, { name }) => void forwarder.enqueue({ ref, target: name, attempts: 0, dueAtMs: options.now() }),
    ask: (ref, parcel, target) => forwarder.deliverNow(ref, parcel, target, 1),
    resume: () => {
      const left = new Map<string, number>();
      for (const owed of journal.index.pending()) {
        if (!forwarder.enqueue(owed)) left.set(owed.target, (left.get(owed.target) ?? 0) + 1);
      }
      for (const [target, count] of left)
        run.emit({ event: 'notice', code: 'TARGET_GONE', message: goneFrom(target, count) });
    },
    owed: () => forwarder.owed(),
    idle: () => forwarder.idle(),
    stop: (graceMs) => forwarder.stop(graceMs),
  };
}

function goneFrom(target: string, count: number): string {
  const what = count === 1 ? 'one notification is' : `${count.toLocaleString('en-US')} notifications are`;
  return `${what} owed to ${target}, which is no target of this run`;
}

function openForwarder(run: ListenerContext): Forwarder {
  const { now, sleep, random, targets, journal, http, env, platform, forwardTimeoutMs: timeoutMs } = run.options;
  const documents = createDocumentWriter(run.options.verification);
  const onOutput = (target: string, line: string): void =>
    run.emit({ event: 'notice', code: 'OUTPUT', message: `${target}: ${line}` });
  return createForwarder({
    ...{ targets, now, sleep, random },
    load: (ref) => load(ref, run, documents),
    isAccepted: (ref, target) => journal.index.isAccepted(ref, target),
    onAttempt: (_ref, target, number, attempt, aftermath) => conclude(run, target, number, attempt, aftermath),
    onNotice: (code, message) => run.emit({ event: 'notice', code, message }),
    send: (target, parcel, number, signal) =>
      forwardOnce(target, parcel, number, {
        http,
        timeoutMs,
        runId: run.runId,
        now,
        sleep,
        env,
        platform,
        onOutput,
        signal,
      }),
  });
}

/** What `replay` has delivered since is looked up first, so that a target does not get it again. */
async function load(
  ref: number,
  { options, catchUp }: ListenerContext,
  documents: DocumentWriter,
): Promise<ForwardedNotification> {
  await catchUp();
  const receipt = await options.journal.readReceipt(ref);
  return parcelOf(receipt, documents);
}

function parcelOf(receipt: ReceiptRecord, documents: DocumentWriter): ForwardedNotification {
  const { id, contentType, facts, verdict, via, body } = receipt;
  return {
    id,
    body: Buffer.from(body, 'utf8'),
    contentType,
    uuid: facts.uuid,
    type: facts.type,
    verdict: verdict.verdict,
    ...(via === undefined ? {} : { via }),
    documentJson: () => documents(receipt),
  };
}

/** An attempt is recorded and told. That it could not be recorded is told, too: a restart would try it again. */
async function conclude(
  { options, counts, emit }: ListenerContext,
  target: string,
  number: number,
  attempt: DeliveryAttempt,
  { final, nextAtMs, parcel }: AttemptFollowUp,
): Promise<void> {
  const { detail, httpStatus, ms, outcome } = attempt;
  const { id, type } = parcel;
  const isAccepted = outcome === 'accepted';
  counts[isAccepted ? 'forwarded' : 'failed'] += 1;
  const made = { target, attempt: number, final, nextAtMs };
  const record = buildDeliveryRecord(parcel, { ...made, atMs: options.now() }, attempt);
  try {
    await options.journal.note(record);
  } catch (error) {
    emit({ event: 'notice', code: 'JOURNAL', message: `an attempt was not recorded: ${(error as Error).message}` });
  }
  emit({ event: isAccepted ? 'forwarded' : 'failed', id, type, detail, httpStatus, ms, outcome, ...made });
}

/** The document of a receipt as one line of JSON, for programs. */
type DocumentWriter = (receipt: ReceiptRecord) => string;

/** The place of a record that is at hand and need not be looked up. */
const NOWHERE = { file: 0, offset: 0, bytes: 0 };

function createDocumentWriter({ roots, expectations }: VerificationOptions): DocumentWriter {
  const engine = createVerificationContext(roots);
  return ({ body, ...receipt }) => {
    const { answered } = receipt;
    const entry = { type: 'receipt', receipt, location: NOWHERE, answered, deliveries: [] } as const;
    return `${stringifyJson(documentOf(entry, Buffer.from(body, 'utf8'), engine, expectations))}\n`;
  };
}
