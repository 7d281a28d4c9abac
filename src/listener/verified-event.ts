import type { PayloadDocument } from '../notification/document.js';
import { lateArrival } from '../notification/late-arrival.js';
import type { ListenerContext } from './context.js';
import type { VerifiedEvent } from './events.js';
import type { IncomingNotification } from './incoming.js';
import type { AcceptancePlan } from './plan-acceptance.js';

type Remarks = Pick<VerifiedEvent, 'sameUuidAs' | 'late' | 'askedAgain'>;

type Answer = Pick<VerifiedEvent, 'answered' | 'repeatOf' | 'targets' | 'withheld'> & { readonly remarks?: Remarks };

/** Peculiarities of a verified notification; only those that apply. */
export function remarksOn(
  { incoming }: IncomingNotification,
  { facts, sameUuidAs, askedAgain }: AcceptancePlan,
): Remarks {
  const late = lateArrival(facts, incoming.atMs);
  return {
    ...(sameUuidAs === null ? {} : { sameUuidAs }),
    ...(late === null ? {} : { late }),
    ...(askedAgain ? { askedAgain } : {}),
  };
}

/** Emits the event of a verified and answered body, with its document if documents are built. */
export function emitVerified(context: ListenerContext, arrival: IncomingNotification, answer: Answer): void {
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
