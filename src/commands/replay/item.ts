import { EXIT, type Exit, worstOf } from '../../cli/exit.js';
import type { ToolError } from '../../errors.js';
import type { Target } from '../../forwarding/target.js';
import type { DeliveryRecord, RecordedFacts, RecordedVerdict } from '../../journal/record.js';
import type { Delivery, PayloadDocument } from '../../notification/document.js';

/** One notification to send again, from any source. */
export interface Item {
  /** Id of its receipt; for other sources, an id derived from the content, which is the same in each run. */
  readonly id: string;
  /** Source: `journal:ID`, `history`, `sent.ndjson:17`. */
  readonly source: string;
  /** Time of receipt (ms); null for other sources than the journal. */
  readonly receivedAtMs: number | null;
  readonly facts: RecordedFacts;
  readonly verdict: Pick<RecordedVerdict, 'verdict' | 'reason'>;
  /** Signed by a test authority. */
  readonly synthetic: boolean;
  /** `Content-Type` as received; null without one. */
  readonly contentType: string | null;
  /** Earlier attempts, in order. */
  readonly deliveries: readonly DeliveryRecord[];
  /** Reads the body to send. */
  load(): Promise<Loaded>;
}

export interface Loaded {
  /** From the journal byte for byte as received, from other sources `{"signedPayload":…}`. */
  readonly body: Uint8Array;
  /** The document without the deliveries of this run. */
  document(): PayloadDocument;
}

/** A target that a notification is withheld from although the target's filter matches, with the reason. */
export interface Withheld {
  readonly target: string;
  readonly why: string;
}

/** One notification with its targets. */
export interface Planned {
  readonly item: Item;
  readonly send: readonly Target[];
  readonly withheld: readonly Withheld[];
  /** Every target has accepted it before, so that it is not sent again. */
  readonly isAlreadyDelivered: boolean;
}

/** Result of one notification. */
export interface SentItem extends Planned {
  readonly deliveries: readonly DeliveryRecord[];
  /** Targets that were given up before its turn. */
  readonly notSent: readonly string[];
  readonly document: () => PayloadDocument;
}

type Outcome = Delivery['outcome'];

/** Counts of a run, and the reason why it ended. */
export interface ReplayTally extends Readonly<Record<Outcome, number>> {
  readonly notifications: number;
  /** Notifications that no target's filter matches. */
  readonly unmatched: number;
  /** Notifications, not counted above, that every target had accepted before. */
  readonly alreadyDelivered: number;
  readonly withheld: number;
  /** Deliveries without an attempt, since their target was given up. */
  readonly notSent: number;
  /** Targets given up after three attempts in a row without an answer. */
  readonly givenUp: readonly string[];
  readonly stoppedBy: 'signal' | 'deadline' | 'unreachable' | 'output' | 'error' | null;
  /** Error that ended the run: the input or the journal failed. */
  readonly error: ToolError | null;
}

const EXIT_OF: Readonly<Record<Outcome, Exit>> = {
  accepted: EXIT.ok,
  refused: EXIT.no,
  unreachable: EXIT.remote,
  'timed-out': EXIT.remote,
};

/** Exit code of a run: 1 for any refusal, else 4 for an unreachable target, else 5 for the deadline, else 2 for input that cannot be sent. */
export function exitOfReplay(tally: ReplayTally, isInputFaulty: boolean): Exit {
  const outcomes = (Object.keys(EXIT_OF) as Outcome[]).filter((outcome) => tally[outcome] > 0);
  return worstOf([
    ...outcomes.map((outcome) => EXIT_OF[outcome]),
    ...(tally.stoppedBy === 'deadline' ? [EXIT.pending] : []),
    ...(isInputFaulty ? [EXIT.usage] : []),
  ]);
}
