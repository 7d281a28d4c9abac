import type { Delivery, PayloadDocument } from '../notification/document.js';
import type { VerifiedBody } from './verification/result.js';

/** Everything is ready: what to paste, and where what arrives goes. */
export interface ReadyEvent {
  readonly event: 'ready';
  readonly atMs: number;
  /** Where this process listens, path included. */
  readonly url: string;
  /** The URL Apple would be given; null where none is known. */
  readonly publicUrl: string | null;
  /** Targets by name, as far as they may be shown, and what they are sent of all there is (`events=REFUND`); null for everything. */
  readonly targets: readonly { readonly name: string; readonly shown: string; readonly only: string | null }[];
  /** Path of the journal. */
  readonly journal: string;
  /** Deliveries still owed from before. */
  readonly owed: number;
}

/** A body came in whole; nothing is known of it yet. */
export interface ReceivedEvent {
  readonly event: 'received';
  readonly atMs: number;
  readonly id: string;
  readonly bytes: number;
  readonly address: string | null;
}

/** It was result and answered. */
export interface VerifiedEvent {
  readonly event: 'verified';
  readonly atMs: number;
  readonly id: string;
  readonly result: VerifiedBody;
  /** Null where no answer was given, as with `--hang`. */
  readonly answered: number | null;
  readonly repeatOf: string | null;
  /** Names of the targets it goes to now. */
  readonly targets: readonly string[];
  /** Targets it does not go to though their filters would let it, and why. */
  readonly withheld: readonly { readonly target: string; readonly why: string }[];
  /** The document of section 3; where documents are wanted. */
  readonly document: PayloadDocument | null;
}

/** One attempt to hand it on is over. `forwarded`: the target accepted it. */
export interface DeliveryEvent extends Delivery {
  readonly event: 'forwarded' | 'failed';
  readonly atMs: number;
  readonly id: string;
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly type: string;
  /** No further attempt comes by itself. */
  readonly final: boolean;
  readonly nextAtMs: number | null;
  /** In words; may quote the peer. */
  readonly detail: string | null;
}

/** A request that never became a notification: wrong method or path, too large, broken off, from elsewhere than Apple. */
export interface RefusedEvent {
  readonly event: 'refused';
  readonly atMs: number;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly address: string | null;
}

/** Something about the run that whoever watches must know: a target that rests, a full disk, a tunnel that ended. */
export interface NoticeEvent {
  readonly event: 'notice';
  readonly atMs: number;
  readonly code: string;
  readonly message: string;
}

export interface ListenerCounts {
  readonly received: number;
  readonly verified: number;
  readonly repeats: number;
  readonly refused: number;
  readonly forwarded: number;
  readonly failed: number;
  /** Deliveries that are still owed. */
  readonly owed: number;
}

export interface StoppedEvent {
  readonly event: 'stopped';
  readonly atMs: number;
  readonly reason: string;
  readonly counts: ListenerCounts;
}

export type ListenerEvent =
  | ReadyEvent
  | ReceivedEvent
  | VerifiedEvent
  | DeliveryEvent
  | RefusedEvent
  | NoticeEvent
  | StoppedEvent;
