import type { PayloadDocument, VerdictWord } from '../notification/document.js';

/**
 * JSON between the server of the local page and the page. Strings of payloads are as signed: the page shows them as text nodes only.
 *
 * Every request to `/api/` has `Authorization: Bearer TOKEN`, with the token of the page's fragment; so the page reads `/api/events` by
 * fetch. The one exception is `timelineUrl`, which holds a ticket in its place: an image can send no header. A POST has
 * `Content-Type: application/json`. Without a valid token the answer is 401.
 */

/** A target of a notification, as a chip of its row. `pending`: an automatic attempt follows. */
export interface TargetChip {
  readonly name: string;
  readonly state: 'accepted' | 'pending' | 'failed';
  /** Of the last attempt; null where no response arrived, or none was made. */
  readonly httpStatus: number | null;
}

/** One row of the list. */
export interface InspectorRow {
  /** Id of the journal entry, or one that this run assigned. */
  readonly id: string;
  /** Position in the order of arrival, from 0: constant, and the SSE event id counts changes, not this. */
  readonly position: number;
  /** Time of arrival (ms), else of `signedDate`; null without either. */
  readonly atMs: number | null;
  /** `TYPE.SUBTYPE`, else the kind. */
  readonly type: string;
  readonly productId: string | null;
  readonly bundleId: string | null;
  readonly environment: string | null;
  readonly originalTransactionId: string | null;
  readonly uuid: string | null;
  readonly verdict: VerdictWord | null;
  /** Reason code of the verdict, or of the rejection. */
  readonly reason: string | null;
  /** HTTP status that the sender received; null where there was none. */
  readonly answered: number | null;
  readonly isRepeat: boolean;
  readonly isSynthetic: boolean;
  readonly isRejected: boolean;
  readonly targets: readonly TargetChip[];
}

/**
 * `GET /api/notifications?q=WORDS&offset=N&limit=N`: rows newest first. `q`: words that a row must all contain (in type, product, bundle id,
 * environment, ids, verdict, reason, target), or `field:word`.
 */
export interface InspectorPage {
  /** Event as of which the rows are: the `Last-Event-ID` for the first request of `/api/events`, so that no change in between is missed. */
  readonly eventId: string;
  /** Rows that match `q`. */
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly InspectorRow[];
  readonly setup: InspectorSetup;
}

/** What this run shows, and can do. */
export interface InspectorSetup {
  readonly version: string;
  /** `listen`: live beside a listener; `journal`: follows the journal; `input`: what was given, which does not change. */
  readonly source: 'listen' | 'journal' | 'input';
  /** URL of the listener on this machine; null where none runs. */
  readonly listenUrl: string | null;
  /** URL for App Store Connect, where a tunnel runs. */
  readonly publicUrl: string | null;
  /** Names of targets that a notification can be replayed to. */
  readonly targets: readonly string[];
  /** A sample can be sent to the listener, which accepts the test authority. */
  readonly canTrigger: boolean;
  /** Why not, in one sentence with the next step; null where `canTrigger`. */
  readonly whyNotTrigger: string | null;
  /** Types for the sample and for edits, `TYPE.SUBTYPE`. */
  readonly types: readonly string[];
}

/** `GET /api/notifications/ID`. */
export interface InspectorDetail {
  /** With the verdict of `document`, which is made when it is opened: that of the list was recorded. */
  readonly row: InspectorRow;
  /** As of `journal show --json`: payloads, tokens, verification, received, deliveries. Integers beyond 2^53 are strings of digits here. */
  readonly document: PayloadDocument;
  /** The words of `decode` or `verify`, without colours. */
  readonly summary: string;
  /** Body as received, or `{"signedPayload":…}`; null where the document has none. */
  readonly body: string | null;
  /** A curl command that posts the body to the listener or to localhost, for a POSIX shell; null without a body. */
  readonly curl: string | null;
  /** originalTransactionId, or transactionId of a one-time purchase; null for what belongs to no purchase. */
  readonly purchaseId: string | null;
  /**
   * `/api/timeline/ID.svg?ticket=…` of this notification's purchase, as the source of an image (`&w=N`: its width in CSS pixels); null for
   * what belongs to no purchase.
   */
  readonly timelineUrl: string | null;
  /** Responses of targets, by the order of `document.deliveries`. */
  readonly responses: readonly (string | null)[];
}

/**
 * Events of `GET /api/events` (SSE): `row` for a new or changed row; `reset` where earlier ids are unknown, too much has changed, or the
 * setup has, and the list must be read again. `data:` is this object as JSON, `id:` the next `Last-Event-ID`; a comment every 15 s keeps the
 * connection alive.
 */
export type InspectorEvent =
  | { readonly event: 'row'; readonly row: InspectorRow }
  | { readonly event: 'reset'; readonly total: number };

/** `POST /api/notifications/ID/replay` `{ "target": NAME }` */
export interface ReplayReply {
  readonly target: string;
  readonly outcome: 'accepted' | 'refused' | 'unreachable' | 'timed-out';
  readonly httpStatus: number | null;
  readonly ms: number;
  readonly detail: string | null;
}

/** `POST /api/trigger`: a sample (`type`), or an edited notification signed again (`like` and the payloads as edited). Sent to the listener. */
export interface TriggerCommand {
  readonly type?: string;
  readonly like?: string;
  readonly notification?: unknown;
  readonly transaction?: unknown;
  readonly renewalInfo?: unknown;
}

export interface TriggerReply {
  readonly httpStatus: number | null;
  readonly uuid: string | null;
  readonly message: string;
}

/** Every error of the API: status 4xx or 5xx. */
export interface InspectorError {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}
