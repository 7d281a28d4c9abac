import type { DeliveryRecord } from '../journal/record.js';
import { stringifyJson } from '../jws/json.js';
import { createEngine } from '../notification/engine.js';
import { chooseTargets } from './forward/choose.js';
import { createForwarder } from './forward/forwarder.js';
import { sendParcel } from './forward/send.js';
import type { Attempt, Parcel, Target } from './forward/target.js';
import type { Judged } from './judge/judged.js';
import { documentOf } from '../journal/document.js';
import type { Run } from './run.js';

/** Everything between a notification on disk and the targets that want it. */
export interface Handover {
  /** Who is to have it, and who is not though its filter would let it. */
  choose(judged: Judged): ReturnType<typeof chooseTargets>;
  /** It is owed to this target from now on, until it is accepted or given up. */
  enqueue(ref: number, target: Target): void;
  /** One attempt now, told and recorded. `ref` is null for what is not in the journal. */
  ask(ref: number | null, parcel: Parcel, target: Target): Promise<Attempt>;
  /** Takes up what earlier runs still owe; returns how many deliveries that are. */
  resume(): number;
  owed(): number;
  idle(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}
