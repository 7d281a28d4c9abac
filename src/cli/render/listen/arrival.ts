import type { DeliveryEvent, VerifiedEvent } from '../../../listener/event.js';
import type { Judged } from '../../../listener/judge/judged.js';
import { SHORT_ID_LENGTH } from '../../journal/short-ids.js';

/** What a line tells of a notification: small, since thousands may wait for their targets. */
export interface Arrival
  extends Pick<VerifiedEvent, 'id' | 'atMs' | 'answered' | 'repeatOf' | 'targets' | 'withheld'>,
    Pick<Judged, 'refusal' | 'verdict' | 'facts' | 'synthetic' | 'title' | 'meaning' | 'marks'> {}

/** Every target it goes to, in order, with its latest attempt; null where none is over. */
export type Results = ReadonlyMap<string, DeliveryEvent | null>;

export function arrivalOf({ judged, id, atMs, answered, repeatOf, targets, withheld }: VerifiedEvent): Arrival {
  const { refusal, verdict, facts, synthetic, title, meaning, marks } = judged;
  return { id, atMs, answered, repeatOf, targets, withheld, refusal, verdict, facts, synthetic, title, meaning, marks };
}

/** Whether Apple counts this answer as delivered. */
export function isTaken(answered: number): boolean {
  return answered >= 200 && answered <= 206;
}

/** By which name it is called: enough of its id for `journal show` and `replay`. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}
