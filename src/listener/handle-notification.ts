import { createKeyedMutex } from '../forwarding/concurrency.js';
import { acceptNotification } from './accept-notification.js';
import type { ListenerContext } from './context.js';
import type { Deliveries } from './deliveries.js';
import type { ListenerResponse, ReceivedRequest } from './http/responses.js';
import { rejectNotification } from './reject-notification.js';
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
    const id = context.newId();
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
