import { ToolError } from '../errors.js';
import { statusForApple } from '../forwarding/outcome.js';
import type { Target } from '../forwarding/target.js';
import type { RecordedFacts } from '../journal/record.js';
import type { ListenerContext } from './context.js';
import type { Deliveries } from './deliveries.js';
import type { ListenerResponse } from './http/responses.js';
import { type IncomingNotification, toForwarded } from './incoming.js';
import { buildReceiptHead, planAcceptance } from './plan-acceptance.js';
import { emitVerified, remarksOn } from './verified-event.js';

/**
 * Accepts a verified notification: recorded on disk, then answered; with `--answer forwarded` delivered to the first target in between.
 * A disk failure is answered 503, so that Apple retries. Resolves with null for no answer.
 */
export async function acceptNotification(
  context: ListenerContext,
  deliveries: Deliveries,
  arrival: IncomingNotification,
): Promise<ListenerResponse | null> {
  const { options, counts } = context;
  const plan = planAcceptance(context, deliveries, arrival);
  const isAnsweredHere = plan.answeringTarget === null && !plan.hang;
  const { journal } = options;
  let ref: number;
  try {
    const bodyOf = plan.repeatOf === null ? null : await journal.holderOfBody(plan.facts);
    const head = buildReceiptHead(arrival, plan, { answered: isAnsweredHere ? plan.status : null, bodyOf });
    ref = await journal.append(head, arrival.result.bodyJson!);
  } catch (error) {
    return respondNotRecorded(context, error);
  }
  context.watchUsage();
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

/**
 * Delivers to the target whose status Apple gets, and records that status before answering: 200 if another delivery was accepted meanwhile.
 */
async function deliverFirst(
  context: ListenerContext,
  deliveries: Deliveries,
  arrival: IncomingNotification,
  ref: number,
  target: Target,
  { variant }: RecordedFacts,
): Promise<number> {
  const attempt = await deliveries.deliverNow(ref, toForwarded(arrival, variant), target);
  const answered = attempt === null ? 200 : statusForApple(attempt);
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

/** Answers 503 after a disk failure, so that Apple retries, and reports the cause as a notice. */
function respondNotRecorded({ emit }: ListenerContext, error: unknown): ListenerResponse {
  if (!(error instanceof ToolError)) throw error;
  emit({ event: 'notice', code: error.code, message: `${error.message}; answered 503, so that Apple retries` });
  return {
    status: 503,
    body: { error: { code: 'NOT_RECORDED', message: 'the notification could not be recorded; send it again' } },
  };
}
