import type { DeliveryRecord, RecordedFacts, RecordedVerdict } from '../../journal/record.js';
import type { PayloadDocument } from '../../notification/document.js';

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
