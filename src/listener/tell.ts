import { ToolError } from '../errors.js';
import type { PayloadDocument } from '../notification/document.js';
import type { VerifiedEvent } from './event.js';
import type { Answer } from './receive/incoming.js';
import type { Run } from './run.js';
import type { Arrival } from './take-in.js';

type Outcome = Pick<VerifiedEvent, 'answered' | 'repeatOf' | 'targets' | 'withheld'>;

/** Tells that a body was judged and answered, with its document where documents are wanted. */
export function tellVerdict(run: Run, arrival: Arrival, outcome: Outcome): void {
  const { id, judged } = arrival;
  const { answered, repeatOf, targets, withheld } = outcome;
  run.emit({
    event: 'verified',
    id,
    judged,
    answered,
    repeatOf,
    targets,
    withheld,
    document: documentOf(arrival, outcome),
  });
}

function documentOf({ id, incoming, judged }: Arrival, { answered, repeatOf }: Outcome): PayloadDocument | null {
  if (judged.document === null) return null;
  return { ...judged.document, received: { id, atMs: incoming.atMs, answered, repeatOf } };
}

/** The disk does not take it: Apple is asked to send it again, and whoever watches is told why. */
export function cannotKeep({ emit }: Run, error: unknown): Answer {
  if (!(error instanceof ToolError)) throw error;
  emit({ event: 'notice', code: error.code, message: `${error.message}; answered 503, so that it is sent again` });
  return {
    status: 503,
    body: { error: { code: 'NOT_RECORDED', message: 'the notification could not be recorded; send it again' } },
  };
}
