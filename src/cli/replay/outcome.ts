import type { ToolError } from '../../errors.js';
import type { DeliveryRecord } from '../../journal/record.js';
import type { Target } from '../../listener/forward/target.js';
import type { Delivery, PayloadDocument } from '../../notification/document.js';
import { EXIT, type Exit, worstOf } from '../exit.js';
import type { Item } from './item.js';

/** A target that does not get it though its filter would let it, and why. */
export interface Withheld {
  readonly target: string;
  readonly why: string;
}

/** One notification and where it is to go. */
export interface Planned {
  readonly item: Item;
  readonly send: readonly Target[];
  readonly withheld: readonly Withheld[];
  /** Every target has had it before, and is not to have it again. */
  readonly isLeftOut: boolean;
}

/** What became of one notification. */
export interface Sent extends Planned {
  readonly deliveries: readonly DeliveryRecord[];
  /** Targets that were given up before it was its turn. */
  readonly notSent: readonly string[];
  readonly document: () => PayloadDocument;
}

type Outcome = Delivery['outcome'];

/** How a run ended. */
export interface Tally extends Readonly<Record<Outcome, number>> {
  readonly notifications: number;
  /** Notifications that went nowhere: no target's filter let them pass. */
  readonly unwanted: number;
  /** Beside those: what every target had had before. */
  readonly leftOut: number;
  readonly withheld: number;
  /** Deliveries that were not tried, as their target had been given up. */
  readonly notSent: number;
  /** Targets that were given up. */
  readonly givenUp: readonly string[];
  readonly stoppedBy: 'signal' | 'deadline' | 'unreachable' | 'output' | 'error' | null;
  /** Why there was no more to send, or it could not be recorded. */
  readonly error: ToolError | null;
}

const EXIT_OF: Readonly<Record<Outcome, Exit>> = {
  accepted: EXIT.ok,
  refused: EXIT.no,
  unreachable: EXIT.remote,
  'timed-out': EXIT.remote,
};

/** Any refused is 1, then 4 where a target could not be reached, then 5 where the time was up, then 2 where input could not be sent. */
export function exitOf(tally: Tally, isInputFaulty: boolean): Exit {
  const outcomes = (Object.keys(EXIT_OF) as Outcome[]).filter((outcome) => tally[outcome] > 0);
  return worstOf([
    ...outcomes.map((outcome) => EXIT_OF[outcome]),
    ...(tally.stoppedBy === 'deadline' ? [EXIT.pending] : []),
    ...(isInputFaulty ? [EXIT.usage] : []),
  ]);
}
