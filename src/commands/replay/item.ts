import { EXIT, type Exit, worstOf } from '../../cli/exit.js';
import type { ToolError } from '../../errors.js';
import type { Target } from '../../forwarding/target.js';
import type { DeliveryRecord, RecordedFacts, RecordedVerdict } from '../../journal/record.js';
import type { Delivery, PayloadDocument } from '../../notification/document.js';

/** One notification that may be sent again, wherever it comes from. */
export interface Item {
  /** Id of its receipt; for what the journal does not hold, one made of its content, the same each time. */
  readonly id: string;
  /** Where it stood: `journal:ID`, `history`, `sent.ndjson:17`. */
  readonly source: string;
  /** When it was received; null for what does not come from the journal. */
  readonly receivedAtMs: number | null;
  readonly facts: RecordedFacts;
  readonly verdict: Pick<RecordedVerdict, 'verdict' | 'reason'>;
  /** Signed by a test authority. */
  readonly synthetic: boolean;
  /** As received; null where it was received without one. */
  readonly contentType: string | null;
  /** What was tried before, in order. */
  readonly deliveries: readonly DeliveryRecord[];
  /** Reads what is sent. */
  load(): Promise<Loaded>;
}

export interface Loaded {
  /** From the journal to the byte as received, else `{"signedPayload":…}`. */
  readonly body: Uint8Array;
  /** Without the deliveries of this run. */
  document(): PayloadDocument;
}

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
  readonly isAlreadyDelivered: boolean;
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
  readonly unmatched: number;
  /** Beside those: what every target had had before. */
  readonly alreadyDelivered: number;
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
