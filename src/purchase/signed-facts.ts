import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { MAX_DATE_MS } from '../notification/kind.js';
import type { Commitment, SignedOffer, SignedPrice } from './purchase.js';

/** Fields of a transaction that the fold reads; null where a field is missing or of another type. */
export interface TransactionFacts {
  readonly id: string | null;
  readonly originalId: string | null;
  /** previousOriginalTransactionId: of the subscription that was migrated to this one. */
  readonly previousId: string | null;
  readonly productId: string | null;
  readonly type: string | null;
  readonly ownership: string | null;
  readonly reason: string | null;
  readonly purchaseMs: number | null;
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  readonly revocationType: string | null;
  /** Milliunits: 40000 is 40 %. */
  readonly revokedPercentage: number | null;
  readonly isUpgraded: boolean;
  readonly quantity: number | null;
  readonly revokedSeats: number | null;
  /** Seats were added within the period: further transactions share its expiry. */
  readonly sharesPeriod: boolean;
  /** Items of the Advanced Commerce API are refunded one by one. */
  readonly hasItems: boolean;
  readonly price: SignedPrice | null;
  readonly offer: SignedOffer | null;
  readonly commitment: Commitment | null;
}

/** Fields of a renewal info that the fold reads; null where a field is missing or of another type. */
export interface RenewalFacts {
  readonly originalId: string | null;
  readonly productId: string | null;
  readonly nextProductId: string | null;
  readonly isOn: boolean | null;
  readonly isInBillingRetry: boolean | null;
  readonly graceUntilMs: number | null;
  readonly expirationIntent: number | null;
  readonly renewalMs: number | null;
  readonly price: SignedPrice | null;
  readonly offer: SignedOffer | null;
  readonly priceIncrease: 'pending' | 'accepted' | null;
  readonly commitmentRenews: boolean | null;
}

/** Never throws, whatever the payload contains. */
export function transactionFacts(payload: JsonObject): TransactionFacts {
  const commitment = objectOf(payload.commitmentInfo);
  const seats = objectOf(payload.multiSeatInfo);
  return {
    id: idOf(payload.transactionId),
    originalId: idOf(payload.originalTransactionId),
    previousId: idOf(payload.previousOriginalTransactionId),
    productId: signedText(payload.productId),
    type: signedText(payload.type),
    ownership: signedText(payload.inAppOwnershipType),
    reason: signedText(payload.transactionReason),
    purchaseMs: signedDateMs(payload.purchaseDate),
    expiresMs: signedDateMs(payload.expiresDate),
    revokedMs: signedDateMs(payload.revocationDate),
    revocationType: signedText(payload.revocationType),
    revokedPercentage: signedCount(payload.revocationPercentage),
    isUpgraded: payload.isUpgraded === true,
    quantity: signedCount(payload.quantity),
    revokedSeats: signedCount(seats?.revokedSeatQuantity),
    sharesPeriod: payload.additionalTransactionReason === 'SEAT_ADDITION',
    hasItems: isJsonObject(payload.advancedCommerceInfo),
    price: priceOf(payload.price, payload.currency),
    offer: offerOf(payload),
    commitment: commitment === null ? null : commitmentOf(commitment),
  };
}

/** Never throws, whatever the payload contains. */
export function renewalFacts(payload: JsonObject): RenewalFacts {
  return {
    originalId: idOf(payload.originalTransactionId),
    productId: signedText(payload.productId),
    nextProductId: signedText(payload.autoRenewProductId),
    isOn: switchOf(payload.autoRenewStatus),
    isInBillingRetry: typeof payload.isInBillingRetryPeriod === 'boolean' ? payload.isInBillingRetryPeriod : null,
    graceUntilMs: signedDateMs(payload.gracePeriodExpiresDate),
    expirationIntent: signedCount(payload.expirationIntent),
    renewalMs: signedDateMs(payload.renewalDate),
    price: priceOf(payload.renewalPrice, payload.currency),
    offer: offerOf(payload),
    priceIncrease: priceIncreaseOf(payload.priceIncreaseStatus),
    commitmentRenews: switchOf(objectOf(payload.commitmentInfo)?.commitmentAutoRenewStatus),
  };
}

/** A text that is not empty. */
export function signedText(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Whole milliseconds within the range of Date; adding 0 makes -0 a 0, which JSON keeps. */
export function signedDateMs(value: Json | undefined): number | null {
  return typeof value === 'number' && Math.abs(value) <= MAX_DATE_MS ? Math.trunc(value) + 0 : null;
}

/** Ids are texts of Apple's; other tools write them as numbers. */
function idOf(value: Json | undefined): string | null {
  const isNumber = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  return isNumber ? String(value) : signedText(value);
}

function objectOf(value: Json | undefined): JsonObject | null {
  return isJsonObject(value) ? value : null;
}

/** A whole number from 0. */
export function signedCount(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value + 0 : null;
}

function switchOf(value: Json | undefined): boolean | null {
  return value === 1 || value === 0 ? value === 1 : null;
}

function priceIncreaseOf(value: Json | undefined): RenewalFacts['priceIncrease'] {
  if (value === 0) return 'pending';
  return value === 1 ? 'accepted' : null;
}

function priceOf(amount: Json | undefined, currency: Json | undefined): SignedPrice | null {
  const code = signedText(currency);
  if (typeof amount !== 'number' || !Number.isFinite(amount) || code === null) return null;
  return { amountMilliunits: amount + 0, currency: code };
}

function offerOf(payload: JsonObject): SignedOffer | null {
  const type = signedCount(payload.offerType);
  if (type === null) return null;
  return {
    type,
    identifier: signedText(payload.offerIdentifier),
    discountType: signedText(payload.offerDiscountType),
    period: signedText(payload.offerPeriod),
  };
}

/** Null without the number of the period: the other fields alone say nothing. */
function commitmentOf(info: JsonObject): Commitment | null {
  const period = signedCount(info.billingPeriodNumber);
  const periods = signedCount(info.totalBillingPeriods);
  if (period === null || periods === null) return null;
  return { period, periods, endsAtMs: signedDateMs(info.commitmentExpiresDate), renews: null };
}
