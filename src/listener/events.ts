import type { Delivery, PayloadDocument } from '../notification/document.js';
import type { LateArrival } from '../notification/late-arrival.js';
import type { VerifiedBody } from './verification/result.js';

/** The listener is ready. */
export interface ReadyEvent {
  readonly event: 'ready';
  readonly atMs: number;
  /** Local URL, including the path. */
  readonly url: string;
  /** URL for App Store Connect; null if unknown. */
  readonly publicUrl: string | null;
  /** Targets; `shown` is the displayable URL, `only` the filter (`events=REFUND`), null for none. */
  readonly targets: readonly { readonly name: string; readonly shown: string; readonly only: string | null }[];
  /** Path of the journal. */
  readonly journal: string;
  /** Deliveries pending from earlier runs. */
  readonly owed: number;
}

/** A complete body was received; it is not verified yet. */
export interface ReceivedEvent {
  readonly event: 'received';
  readonly atMs: number;
  readonly id: string;
  readonly bytes: number;
  readonly address: string | null;
}

/** The body was verified and answered. */
export interface VerifiedEvent {
  readonly event: 'verified';
  readonly atMs: number;
  readonly id: string;
  readonly result: VerifiedBody;
  /** Status of the answer; null for none, as with `--hang`. */
  readonly answered: number | null;
  readonly repeatOf: string | null;
  /** Id of the first receipt of the same notificationUUID, where that one has other content: then this is no repeat of it. */
  readonly sameUuidAs?: string;
  /** Only where it was signed long before it arrived. */
  readonly late?: LateArrival;
  /** Apple has asked about the same transaction before, in another CONSUMPTION_REQUEST; absent otherwise. */
  readonly askedAgain?: true;
  /** Names of the targets that it is forwarded to. */
  readonly targets: readonly string[];
  /** Targets whose filter matches but that do not get it, with the reason. */
  readonly withheld: readonly { readonly target: string; readonly why: string }[];
  /** Payload document; null unless `wantsDocuments`. */
  readonly document: PayloadDocument | null;
}

/** One delivery attempt has finished. `forwarded`: the target accepted it. */
export interface DeliveryEvent extends Delivery {
  readonly event: 'forwarded' | 'failed';
  readonly atMs: number;
  readonly id: string;
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly type: string;
  /** No further automatic attempt. */
  readonly final: boolean;
  readonly nextAtMs: number | null;
  /** Cause of the failure; may quote the peer. */
  readonly detail: string | null;
}

/** A request was refused before verification: wrong method or path, too large, incomplete, not from Apple. */
export interface RefusedEvent {
  readonly event: 'refused';
  readonly atMs: number;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly address: string | null;
}

/** Notice about the run: a paused target, a full disk, a tunnel that exited. */
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
  /** Pending deliveries. */
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
