import { ToolError } from '../errors.js';
import { statusForApple } from '../forwarding/outcome.js';
import type { ListenerContext } from './context.js';
import type { Deliveries } from './deliveries.js';
import type { ListenerResponse } from './http/responses.js';
import { type IncomingNotification, toForwarded } from './incoming.js';
import { emitVerified } from './verified-event.js';

/**
 * Handles a body that failed verification: recorded separately and refused, or, with `--on-invalid`, dropped or forwarded. It is forwarded
 * once, from memory, without retries.
 */
export async function rejectNotification(
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
  const attempt = first === undefined ? null : await deliveries.deliverNow(null, notification, first);
  const status = attempt === null ? 200 : statusForApple(attempt);
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
