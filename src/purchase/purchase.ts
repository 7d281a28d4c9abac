import type { PayloadDocument, VerdictWord } from '../notification/document.js';

/** Apple's words for a purchase; `unknown` where its notifications do not say, for example of a time that has no notification. */
export type PurchaseState =
  | 'active'
  | 'in-grace-period'
  | 'in-billing-retry'
  | 'expired'
  | 'revoked'
  | 'refunded'
  | 'migrated'
  | 'unknown';

/** An amount as signed: milliunits of the currency (ISO 4217). */
export interface SignedPrice {
  readonly amountMilliunits: number;
  readonly currency: string;
}

/** An offer as signed. `type`: Apple's offerType, 1 introductory, 2 promotional, 3 code, 4 win-back. */
export interface SignedOffer {
  readonly type: number;
  readonly identifier: string | null;
  readonly discountType: string | null;
  /** ISO 8601 duration, for example `P1M`. */
  readonly period: string | null;
}

/** One notification (or transaction, renewal info) of a purchase. Strings are as signed: untrusted. */
export interface PurchaseEvent {
  /** Position in the list of events, in the order of `signedDate`: 0, 1, 2, … */
  readonly index: number;
  /** `source` of the document. */
  readonly source: string;
  /** `TYPE.SUBTYPE`, or the kind of a payload that is no notification. */
  readonly type: string;
  readonly uuid: string | null;
  /** Null where the payload has no date. */
  readonly signedAtMs: number | null;
  /** Time of arrival: of the journal, else of the attempt that Apple's history reports as successful; null where it is not known. */
  readonly receivedAtMs: number | null;
  readonly transactionId: string | null;
  readonly productId: string | null;
  /** One phrase in plain words: the meaning of this event for this purchase. */
  readonly meaning: string;
  /** Null where nothing was verified. */
  readonly verdict: VerdictWord | null;
  /** State of the purchase right after this event. */
  readonly stateAfter: PurchaseState;
  /** Further notifications with this UUID and content. */
  readonly repeats: number;
}

/** A span of time in one state. Periods of a purchase are in order and do not overlap. */
export interface Period {
  readonly fromMs: number;
  /** Null for one that has no end: a one-time purchase, or the last state. */
  readonly toMs: number | null;
  readonly state: PurchaseState;
  readonly productId: string | null;
  readonly transactionId: string | null;
  readonly price: SignedPrice | null;
  readonly offer: SignedOffer | null;
  /** Indexes of the events it comes from; empty where there is none (state `unknown`). */
  readonly events: readonly number[];
  /** All of its events were verified. */
  readonly isVerified: boolean;
}

export interface NextRenewal {
  /** autoRenewStatus; null where no notification says. */
  readonly isOn: boolean | null;
  /** autoRenewProductId; null where nothing renews, or it is not known. */
  readonly productId: string | null;
  readonly atMs: number | null;
  readonly price: SignedPrice | null;
  readonly offer: SignedOffer | null;
  /** priceIncreaseStatus; null where there is none. */
  readonly priceIncrease: 'pending' | 'accepted' | null;
}

/** Progress of a commitment that is billed by the month (`commitmentInfo`). */
export interface Commitment {
  /** billingPeriodNumber, from 1. */
  readonly period: number;
  /** totalBillingPeriods. */
  readonly periods: number;
  readonly endsAtMs: number | null;
  /** commitmentAutoRenewStatus; null where no notification says. */
  readonly renews: boolean | null;
}

export type FindingId =
  | 'missing-period'
  | 'missing-notification'
  | 'undelivered'
  | 'recovery-without-failure'
  | 'out-of-order'
  | 'late-arrival'
  | 'repeats'
  | 'status-differs'
  | 'mixed-environments'
  | 'unverified';

export interface PurchaseFinding {
  readonly id: FindingId;
  /** One sentence, with dates in ISO 8601 UTC. Texts of a payload in it are raw: escape when printing. */
  readonly message: string;
  /** The next step for the user: one sentence; '' where there is none. */
  readonly hint: string;
  /** Indexes of the events it is about. */
  readonly events: readonly number[];
}

/** The life of one purchase. Survives JSON: this is what `timeline --json` prints. */
export interface PurchaseTimeline {
  /** originalTransactionId of a subscription; transactionId of a one-time purchase. */
  readonly id: string;
  readonly originalTransactionId: string | null;
  readonly kind: 'subscription' | 'one-time';
  readonly environment: string | null;
  readonly bundleId: string | null;
  /** Present product. */
  readonly productId: string | null;
  /** Transaction type as signed, for example `Auto-Renewable Subscription`. */
  readonly type: string | null;
  readonly ownership: string | null;
  readonly appAccountToken: string | null;
  /** Number of seats or items; null where it is not known. */
  readonly quantity: number | null;
  /** As of `asOfMs`. */
  readonly state: PurchaseState;
  /** Null where nothing signed says. */
  readonly stateSinceMs: number | null;
  /** When the state ends by itself, as far as signed: end of the period, of grace. */
  readonly stateUntilMs: number | null;
  readonly asOfMs: number;
  /** Null for a one-time purchase, and where no renewal info is known. */
  readonly renewal: NextRenewal | null;
  readonly commitment: Commitment | null;
  /** originalTransactionId of the subscription that this one was migrated to (Advanced Commerce); null where nothing says so. */
  readonly migratedTo: string | null;
  /** originalTransactionId of the subscription that was migrated to this one; null where nothing says so. */
  readonly migratedFrom: string | null;
  readonly periods: readonly Period[];
  readonly events: readonly PurchaseEvent[];
  readonly findings: readonly PurchaseFinding[];
}

/** Parts of a document that the fold reads: any document of `verify`, `decode`, `history` and `journal` fits. */
export type PurchaseDocument = Pick<
  PayloadDocument,
  | 'kind'
  | 'source'
  | 'notification'
  | 'transaction'
  | 'renewalInfo'
  | 'appTransaction'
  | 'verification'
  | 'sendAttempts'
  | 'received'
>;

export interface FoldedPurchases {
  /** In the order of their first event. */
  readonly purchases: readonly PurchaseTimeline[];
  /** Documents that belong to no purchase (TEST, a summary, app transactions), by their position in the input, with the reason. */
  readonly others: readonly { readonly index: number; readonly reason: string }[];
}
