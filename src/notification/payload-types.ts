// Written from src/notification/catalogue: npx vitest run test/unit/notification/payload-types.test.ts --update
// Fields are as Apple documents them, all optional; what Apple adds later is there under its name as a JSON value. Only a payload that
// `verify` calls valid has been compared with this.

import type { JsonObject } from '../jws/json.js';

/** Decoded `signedPayload` of an App Store Server Notification, version 2. */
export interface Notification extends JsonObject {
  /** Type of the event. Since 2.0. */
  readonly notificationType?: NotificationType;
  /** Detail of the type; only for types that have subtypes. Since 2.0. */
  readonly subtype?: NotificationSubtype;
  /** Identifies the notification; the same on every retry. Since 2.0. */
  readonly notificationUUID?: string;
  /** Format version; stays 2.0. Since 2.5. */
  readonly version?: string;
  /** When the App Store signed it. Milliseconds since the epoch. Since 2.5. */
  readonly signedDate?: number;
  /** The app and the signed purchase information. Since 2.0. */
  readonly data?: NotificationData;
  /** Result of a mass extension of renewal dates. Since 2.7. */
  readonly summary?: NotificationSummary;
  /** A token for purchases outside the App Store. Since 2.10. */
  readonly externalPurchaseToken?: ExternalPurchaseToken;
  /** The app and its signed app transaction. Since 2.19. */
  readonly appData?: AppData;
  /** Seats that were unclaimed. Since 2.23. */
  readonly unclaimInfo?: UnclaimInfo;
}

/** Value of `data` in Notification. */
export interface NotificationData extends JsonObject {
  /** App Apple ID, the number of the app; may be absent in Sandbox. Since 2.0. */
  readonly appAppleId?: number;
  /** Bundle id of the app. Since 2.0. */
  readonly bundleId?: string;
  /** Build of the app that the purchase belongs to. Since 2.0. */
  readonly bundleVersion?: string;
  /** Environment of the event: Production or Sandbox. Since 2.0. */
  readonly environment?: PayloadEnvironment;
  /** Signed transaction: the purchase. Compact JWS. Since 2.0. */
  readonly signedTransactionInfo?: string;
  /** Signed renewal info; subscriptions only. Compact JWS. Since 2.0. */
  readonly signedRenewalInfo?: string;
  /** State of the subscription when this was signed. Since 2.8. */
  readonly status?: SubscriptionStatus;
  /** Why the customer asks for a refund. Since 2.11. */
  readonly consumptionRequestReason?: ConsumptionRequestReason;
}

/** Value of `summary` in Notification. */
export interface NotificationSummary extends JsonObject {
  /** Your id for the mass extension. Since 2.7. */
  readonly requestIdentifier?: string;
  /** Environment of the event: Production or Sandbox. Since 2.7. */
  readonly environment?: PayloadEnvironment;
  /** App Apple ID, the number of the app; may be absent in Sandbox. Since 2.7. */
  readonly appAppleId?: number;
  /** Bundle id of the app. Since 2.7. */
  readonly bundleId?: string;
  /** Product whose renewal dates were extended. Since 2.7. */
  readonly productId?: string;
  /** Storefronts the extension was limited to; absent means all. Since 2.7. */
  readonly storefrontCountryCodes?: readonly string[];
  /** Subscriptions that were extended. Since 2.7. */
  readonly succeededCount?: number;
  /** Subscriptions that could not be extended. Since 2.7. */
  readonly failedCount?: number;
}

/** Value of `externalPurchaseToken` in Notification. */
export interface ExternalPurchaseToken extends JsonObject {
  /** Identifies the token; begins with SANDBOX in Sandbox. Since 2.10. */
  readonly externalPurchaseId?: string;
  /** When the token was created. Milliseconds since the epoch. Since 2.10. */
  readonly tokenCreationDate?: number;
  /** App Apple ID, the number of the app; may be absent in Sandbox. Since 2.10. */
  readonly appAppleId?: number;
  /** Bundle id of the app. Since 2.10. */
  readonly bundleId?: string;
  /** What the token covers; custom links only. Since 2.17. */
  readonly tokenType?: ExternalPurchaseTokenType;
  /** When the token expires; custom links only. Milliseconds since the epoch. Since 2.17. */
  readonly tokenExpirationDate?: number;
}

/** Value of `appData` in Notification. */
export interface AppData extends JsonObject {
  /** App Apple ID, the number of the app; may be absent in Sandbox. Since 2.19. */
  readonly appAppleId?: number;
  /** Bundle id of the app. Since 2.19. */
  readonly bundleId?: string;
  /** Environment of the event: Production or Sandbox. Since 2.19. */
  readonly environment?: PayloadEnvironment;
  /** Signed app transaction. Compact JWS. Since 2.19. */
  readonly signedAppTransactionInfo?: string;
}

/** Value of `unclaimInfo` in Notification. */
export interface UnclaimInfo extends JsonObject {
  /** Claim ids (seatClaimId) of the seats, new for every claim. Since 2.23. */
  readonly unclaimSeatIds?: readonly string[];
  /** App Apple ID, the number of the app; may be absent in Sandbox. Since 2.23. */
  readonly appAppleId?: number;
  /** Bundle id of the app. Since 2.23. */
  readonly bundleId?: string;
  /** Environment of the event: Production or Sandbox. Since 2.23. */
  readonly environment?: PayloadEnvironment;
}

/** Decoded `signedTransactionInfo` (JWSTransactionDecodedPayload). */
export interface Transaction extends JsonObject {
  /** Identifies this purchase or renewal. Since 2.0. */
  readonly transactionId?: string;
  /** Identifies the original purchase; the same through all renewals. Since 2.0. */
  readonly originalTransactionId?: string;
  /** Identifies the subscription period across devices. Since 2.0. */
  readonly webOrderLineItemId?: string;
  /** Bundle id of the app. Since 2.0. */
  readonly bundleId?: string;
  /** Product purchased. Since 2.0. */
  readonly productId?: string;
  /** Group the subscription belongs to. Since 2.0. */
  readonly subscriptionGroupIdentifier?: string;
  /** When the purchase was charged or restored. Milliseconds since the epoch. Since 2.0. */
  readonly purchaseDate?: number;
  /** When the original purchase was made. Milliseconds since the epoch. Since 2.0. */
  readonly originalPurchaseDate?: number;
  /** When the subscription expires or renews. Milliseconds since the epoch. Since 2.0. */
  readonly expiresDate?: number;
  /** Quantity purchased; with seats, their number. Since 2.0. */
  readonly quantity?: number;
  /** Kind of product. Since 2.0. */
  readonly type?: TransactionType;
  /** Your id for the customer, if the app set one. Since 2.0. */
  readonly appAccountToken?: string;
  /** Purchased, or received through sharing. Since 2.0. */
  readonly inAppOwnershipType?: InAppOwnershipType;
  /** When the App Store signed it. Milliseconds since the epoch. Since 2.0. */
  readonly signedDate?: number;
  /** When it was refunded or revoked; with seats, when all of them were. Milliseconds since the epoch. Since 2.0. */
  readonly revocationDate?: number;
  /** Why it was refunded or revoked. Since 2.0. */
  readonly revocationReason?: RevocationReason;
  /** Type of the refund or revocation. Since 2.20. */
  readonly revocationType?: RevocationType;
  /** Share of the price that was refunded. In thousandths of a percent. Since 2.20. */
  readonly revocationPercentage?: number;
  /** True if an upgrade replaced it. Since 2.0. */
  readonly isUpgraded?: boolean;
  /** Type of the offer applied. Since 2.0. */
  readonly offerType?: OfferType;
  /** Identifier of the offer or offer code; absent for introductory offers. Since 2.0. */
  readonly offerIdentifier?: string;
  /** Payment mode of the offer. Since 2.9. */
  readonly offerDiscountType?: OfferDiscountType;
  /** Duration of the offer. ISO 8601 duration. Since 2.15. */
  readonly offerPeriod?: string;
  /** Environment of the purchase. */
  readonly environment?: PayloadEnvironment;
  /** Country or region of the App Store, three letters. Since 2.8. */
  readonly storefront?: string;
  /** Apple's identifier of that storefront. Since 2.8. */
  readonly storefrontId?: string;
  /** Purchase by the customer, or automatic renewal. Since 2.8. */
  readonly transactionReason?: TransactionReason;
  /** Currency of the price, ISO 4217. Since 2.9. */
  readonly currency?: string;
  /** Price for the whole quantity; with seats, the average per seat. In thousandths of the currency. Since 2.9. */
  readonly price?: number;
  /** Identifies the customer's copy of the app. Since 2.15. */
  readonly appTransactionId?: string;
  /** originalTransactionId before a migration. Since 2.16. */
  readonly previousOriginalTransactionId?: string;
  /** Items sold through the Advanced Commerce API. Since 2.14. */
  readonly advancedCommerceInfo?: AdvancedCommerceTransactionInfo;
  /** Billed up front or monthly. Since 2.21. */
  readonly billingPlanType?: BillingPlanType;
  /** Progress of a commitment over several periods. Since 2.21. */
  readonly commitmentInfo?: TransactionCommitmentInfo;
  /** Seats and their prices. Since 2.23. */
  readonly multiSeatInfo?: TransactionMultiSeatInfo;
  /** Why more than one transaction covers the period. Since 2.23. */
  readonly additionalTransactionReason?: AdditionalTransactionReason;
  /** Binds it to one device, base64; only in tokens from a device. */
  readonly deviceVerification?: string;
  /** Used to compute deviceVerification. */
  readonly deviceVerificationNonce?: string;
}

/** Value of `commitmentInfo` in Transaction. */
export interface TransactionCommitmentInfo extends JsonObject {
  /** Number of this period within the commitment. Since 2.21. */
  readonly billingPeriodNumber?: number;
  /** Number of periods in the commitment. Since 2.21. */
  readonly totalBillingPeriods?: number;
  /** When the commitment ends. Milliseconds since the epoch. Since 2.21. */
  readonly commitmentExpiresDate?: number;
  /** Price of the whole commitment. In thousandths of the currency. Since 2.21. */
  readonly commitmentPrice?: number;
}

/** Value of `multiSeatInfo` in Transaction. */
export interface TransactionMultiSeatInfo extends JsonObject {
  /** Who manages the seat invitations: Apple or you. Since 2.23. */
  readonly invitationManagement?: InvitationManagement;
  /** Seats by price. Since 2.23. */
  readonly priceTiers?: readonly PriceTier[];
  /** Seats that were refunded. Since 2.23. */
  readonly revokedSeatQuantity?: number;
}

/** Value of `priceTiers` in TransactionMultiSeatInfo, `renewalPriceTiers` in RenewalMultiSeatInfo. */
export interface PriceTier extends JsonObject {
  /** Price of one seat. In thousandths of the currency. Since 2.23. */
  readonly price?: number;
  /** Seats at this price. Since 2.23. */
  readonly quantity?: number;
}

/** Decoded `signedRenewalInfo` (JWSRenewalInfoDecodedPayload). */
export interface RenewalInfo extends JsonObject {
  /** Identifies the original purchase; the same through all renewals. Since 2.0. */
  readonly originalTransactionId?: string;
  /** Product of the current period. Since 2.0. */
  readonly productId?: string;
  /** Product that will renew. Since 2.0. */
  readonly autoRenewProductId?: string;
  /** Auto-renewal, on or off. Since 2.0. */
  readonly autoRenewStatus?: AutoRenewStatus;
  /** True while Apple retries a failed renewal. Since 2.0. */
  readonly isInBillingRetryPeriod?: boolean;
  /** Status of a price increase. Since 2.0. */
  readonly priceIncreaseStatus?: PriceIncreaseStatus;
  /** When the billing grace period ends. Milliseconds since the epoch. Since 2.0. */
  readonly gracePeriodExpiresDate?: number;
  /** Why the subscription expired. Since 2.0. */
  readonly expirationIntent?: ExpirationIntent;
  /** Type of the offer at the next renewal. Since 2.0. */
  readonly offerType?: OfferType;
  /** Identifier of the offer at the next renewal. Since 2.0. */
  readonly offerIdentifier?: string;
  /** Payment mode of the offer. Since 2.12. */
  readonly offerDiscountType?: OfferDiscountType;
  /** Duration of the offer. ISO 8601 duration. Since 2.15. */
  readonly offerPeriod?: string;
  /** When the App Store signed it. Milliseconds since the epoch. Since 2.0. */
  readonly signedDate?: number;
  /** Environment of the purchase. */
  readonly environment?: PayloadEnvironment;
  /** Start of the current subscription; lapses up to 60 days are ignored. Milliseconds since the epoch. Since 2.5. */
  readonly recentSubscriptionStartDate?: number;
  /** When it renews next. Milliseconds since the epoch. Since 2.8. */
  readonly renewalDate?: number;
  /** Currency of the renewal price, ISO 4217. Since 2.12. */
  readonly currency?: string;
  /** Price of the next renewal; absent while renewal is off. In thousandths of the currency. Since 2.12. */
  readonly renewalPrice?: number;
  /** Win-back offers the customer may use, best first. Since 2.13. */
  readonly eligibleWinBackOfferIds?: readonly string[];
  /** Your id for the customer, if the app set one. Since 2.15. */
  readonly appAccountToken?: string;
  /** Identifies the customer's copy of the app. Since 2.15. */
  readonly appTransactionId?: string;
  /** Items that will renew through the Advanced Commerce API. Since 2.14. */
  readonly advancedCommerceInfo?: AdvancedCommerceRenewalInfo;
  /** Billing plan of the next renewal. Since 2.21. */
  readonly renewalBillingPlanType?: BillingPlanType;
  /** The commitment that follows the current one. Since 2.21. */
  readonly commitmentInfo?: RenewalCommitmentInfo;
  /** Seats at the next renewal. Since 2.23. */
  readonly renewalQuantity?: number;
  /** Seats and their prices at the next renewal. Since 2.23. */
  readonly multiSeatInfo?: RenewalMultiSeatInfo;
  /** Binds it to one device, base64; only in tokens from a device. */
  readonly deviceVerification?: string;
  /** Used to compute deviceVerification. */
  readonly deviceVerificationNonce?: string;
}

/** Value of `commitmentInfo` in RenewalInfo. */
export interface RenewalCommitmentInfo extends JsonObject {
  /** Product of the next commitment. Since 2.21. */
  readonly commitmentAutoRenewProductId?: string;
  /** Auto-renewal of the commitment, on or off. Since 2.21. */
  readonly commitmentAutoRenewStatus?: AutoRenewStatus;
  /** Billing plan of the next commitment. Since 2.21. */
  readonly commitmentRenewalBillingPlanType?: BillingPlanType;
  /** When the next commitment begins. Milliseconds since the epoch. Since 2.21. */
  readonly commitmentRenewalDate?: number;
  /** Price of the next commitment. In thousandths of the currency. Since 2.21. */
  readonly commitmentRenewalPrice?: number;
}

/** Value of `multiSeatInfo` in RenewalInfo. */
export interface RenewalMultiSeatInfo extends JsonObject {
  /** Seats by price at the next renewal. Since 2.23. */
  readonly renewalPriceTiers?: readonly PriceTier[];
}

/** Value of `advancedCommerceInfo` in Transaction. */
export interface AdvancedCommerceTransactionInfo extends JsonObject {
  /** Name and description shown to the customer. Since 2.14. */
  readonly descriptors?: AdvancedCommerceDescriptors;
  /** Tax as estimated at the purchase. In thousandths of the currency. Since 2.14. */
  readonly estimatedTax?: number;
  /** Items sold. Since 2.14. */
  readonly items?: readonly AdvancedCommerceTransactionItem[];
  /** Length of one period. ISO 8601 duration. Since 2.14. */
  readonly period?: AdvancedCommercePeriod;
  /** Your id for the request that created it. Since 2.14. */
  readonly requestReferenceId?: string;
  /** Tax category of what was sold. Since 2.14. */
  readonly taxCode?: string;
  /** Price without tax. In thousandths of the currency. Since 2.14. */
  readonly taxExclusivePrice?: number;
  /** Tax rate as a decimal number. Since 2.14. */
  readonly taxRate?: string;
}

/** Value of `items` in AdvancedCommerceTransactionInfo. */
export interface AdvancedCommerceTransactionItem extends JsonObject {
  /** Your id for the item. Since 2.14. */
  readonly SKU?: string;
  /** Description shown to the customer. Since 2.14. */
  readonly description?: string;
  /** Name shown to the customer. Since 2.14. */
  readonly displayName?: string;
  /** Offer that applies to the item. Since 2.14. */
  readonly offer?: AdvancedCommerceOffer;
  /** Price of the item. In thousandths of the currency. Since 2.14. */
  readonly price?: number;
  /** Refunds of the item. Since 2.14. */
  readonly refunds?: readonly AdvancedCommerceRefund[];
  /** When the item was refunded. Milliseconds since the epoch. Since 2.14. */
  readonly revocationDate?: number;
}

/** Value of `advancedCommerceInfo` in RenewalInfo. */
export interface AdvancedCommerceRenewalInfo extends JsonObject {
  /** Version of the subscription state; include it in change requests. Since 2.14. */
  readonly consistencyToken?: string;
  /** Name and description shown to the customer. Since 2.14. */
  readonly descriptors?: AdvancedCommerceDescriptors;
  /** Items that will renew. Since 2.14. */
  readonly items?: readonly AdvancedCommerceRenewalItem[];
  /** Length of one period. ISO 8601 duration. Since 2.14. */
  readonly period?: AdvancedCommercePeriod;
  /** Your id for the request that created it. Since 2.14. */
  readonly requestReferenceId?: string;
  /** Tax category of what was sold. Since 2.14. */
  readonly taxCode?: string;
}

/** Value of `items` in AdvancedCommerceRenewalInfo. */
export interface AdvancedCommerceRenewalItem extends JsonObject {
  /** Your id for the item. Since 2.14. */
  readonly SKU?: string;
  /** Description shown to the customer. Since 2.14. */
  readonly description?: string;
  /** Name shown to the customer. Since 2.14. */
  readonly displayName?: string;
  /** Offer that applies to the item. Since 2.14. */
  readonly offer?: AdvancedCommerceOffer;
  /** Price of the item. In thousandths of the currency. Since 2.14. */
  readonly price?: number;
  /** Pending price increase. Since 2.20. */
  readonly priceIncreaseInfo?: AdvancedCommercePriceIncreaseInfo;
}

/** Value of `descriptors` in AdvancedCommerceTransactionInfo, `descriptors` in AdvancedCommerceRenewalInfo. */
export interface AdvancedCommerceDescriptors extends JsonObject {
  /** Description shown to the customer. Since 2.14. */
  readonly description?: string;
  /** Name shown to the customer. Since 2.14. */
  readonly displayName?: string;
}

/** Value of `offer` in AdvancedCommerceTransactionItem, `offer` in AdvancedCommerceRenewalItem. */
export interface AdvancedCommerceOffer extends JsonObject {
  /** Length of one offer period. ISO 8601 duration. Since 2.14. */
  readonly period?: AdvancedCommerceOfferPeriod;
  /** Number of periods the offer lasts. Since 2.14. */
  readonly periodCount?: number;
  /** Price of one offer period. In thousandths of the currency. Since 2.14. */
  readonly price?: number;
  /** Purpose of the offer. Since 2.14. */
  readonly reason?: AdvancedCommerceOfferReason;
}

/** Value of `refunds` in AdvancedCommerceTransactionItem. */
export interface AdvancedCommerceRefund extends JsonObject {
  /** Amount refunded. In thousandths of the currency. Since 2.14. */
  readonly refundAmount?: number;
  /** When it was refunded. Milliseconds since the epoch. Since 2.14. */
  readonly refundDate?: number;
  /** Why it was refunded. Since 2.14. */
  readonly refundReason?: AdvancedCommerceRefundReason;
  /** In full or in part. Since 2.14. */
  readonly refundType?: AdvancedCommerceRefundType;
}

/** Value of `priceIncreaseInfo` in AdvancedCommerceRenewalItem. */
export interface AdvancedCommercePriceIncreaseInfo extends JsonObject {
  /** Items whose increase depends on this one. Since 2.20. */
  readonly dependentSKUs?: readonly string[];
  /** Price after the increase. In thousandths of the currency. Since 2.20. */
  readonly price?: number;
  /** Status of the price increase. Since 2.20. */
  readonly status?: AdvancedCommercePriceIncreaseStatus;
}

/** Decoded `signedAppTransactionInfo` (JWSAppTransactionDecodedPayload). */
export interface AppTransaction extends JsonObject {
  /** Environment that signed it. */
  readonly receiptType?: PayloadEnvironment;
  /** App Apple ID, the number of the app. */
  readonly appAppleId?: number;
  /** Bundle id of the app. */
  readonly bundleId?: string;
  /** App version the transaction applies to. */
  readonly applicationVersion?: string;
  /** Apple's identifier of that version. */
  readonly versionExternalIdentifier?: number;
  /** When the App Store signed it. Milliseconds since the epoch. */
  readonly receiptCreationDate?: number;
  /** When the customer first purchased the app. Milliseconds since the epoch. */
  readonly originalPurchaseDate?: number;
  /** App version the customer first purchased. */
  readonly originalApplicationVersion?: string;
  /** Binds it to one device, base64. */
  readonly deviceVerification?: string;
  /** Used to compute deviceVerification. */
  readonly deviceVerificationNonce?: string;
  /** When the app was pre-ordered. Milliseconds since the epoch. */
  readonly preorderDate?: number;
  /** Identifies the customer's copy of the app. */
  readonly appTransactionId?: string;
  /** Platform of the first purchase of the app. */
  readonly originalPlatform?: OriginalPlatform;
  /** Store that the app was obtained from. */
  readonly storeType?: StoreType;
  /** When Xcode created it; Xcode only. Milliseconds since the epoch. */
  readonly requestDate?: number;
}

/** Decoded request of the Retention Messaging API (DecodedRealtimeRequestBody). */
export interface RealtimeRequest extends JsonObject {
  /** Subscription the customer may be about to cancel. */
  readonly originalTransactionId?: string;
  /** App Apple ID, the number of the app. */
  readonly appAppleId?: number;
  /** Product of the subscription. */
  readonly productId?: string;
  /** Locale to respond in. */
  readonly userLocale?: string;
  /** Identifies the request. */
  readonly requestIdentifier?: string;
  /** When the App Store signed it. Milliseconds since the epoch. */
  readonly signedDate?: number;
  /** Environment of the subscription. */
  readonly environment?: PayloadEnvironment;
}

/** Values of `notificationType` in Notification. Apple may add others. */
export type NotificationType =
  | 'CONSUMPTION_REQUEST'
  | 'DID_CHANGE_RENEWAL_PREF'
  | 'DID_CHANGE_RENEWAL_STATUS'
  | 'DID_FAIL_TO_RENEW'
  | 'DID_RENEW'
  | 'EXPIRED'
  | 'EXTERNAL_PURCHASE_TOKEN'
  | 'GRACE_PERIOD_EXPIRED'
  | 'METADATA_UPDATE'
  | 'MIGRATION'
  | 'PRICE_CHANGE'
  | 'OFFER_REDEEMED'
  | 'ONE_TIME_CHARGE'
  | 'PRICE_INCREASE'
  | 'REFUND'
  | 'REFUND_DECLINED'
  | 'REFUND_REVERSED'
  | 'RENEWAL_EXTENDED'
  | 'RENEWAL_EXTENSION'
  | 'RESCIND_CONSENT'
  | 'REVOKE'
  | 'SUBSCRIBED'
  | 'TEST'
  | 'UNCLAIM_SEATS'
  | (string & {});

/** Values of `subtype` in Notification. Apple may add others. */
export type NotificationSubtype =
  | 'ACCEPTED'
  | 'ACTIVE_TOKEN_REMINDER'
  | 'AUTO_RENEW_DISABLED'
  | 'AUTO_RENEW_ENABLED'
  | 'BILLING_RECOVERY'
  | 'BILLING_RETRY'
  | 'CREATED'
  | 'DECREASE_QUANTITY'
  | 'DOWNGRADE'
  | 'FAILURE'
  | 'GRACE_PERIOD'
  | 'INCREASE_QUANTITY'
  | 'INITIAL_BUY'
  | 'PENDING'
  | 'PRICE_INCREASE'
  | 'PRODUCT_NOT_FOR_SALE'
  | 'RESUBSCRIBE'
  | 'SEATS'
  | 'SUMMARY'
  | 'UNREPORTED'
  | 'UPGRADE'
  | 'VOLUNTARY'
  | (string & {});

/**
 * Values of `environment` in NotificationData, `environment` in NotificationSummary, `environment` in AppData
 * and others. Apple may add others.
 */
export type PayloadEnvironment = 'Production' | 'Sandbox' | 'Xcode' | 'LocalTesting' | (string & {});

/**
 * Values of `status` in NotificationData: 1 active; 2 expired; 3 in billing retry; 4 in billing grace period; 5
 * revoked. Apple may add others.
 */
export type SubscriptionStatus = 1 | 2 | 3 | 4 | 5 | (number & {});

/** Values of `type` in Transaction. Apple may add others. */
export type TransactionType =
  | 'Auto-Renewable Subscription'
  | 'Non-Consumable'
  | 'Consumable'
  | 'Non-Renewing Subscription'
  | (string & {});

/** Values of `inAppOwnershipType` in Transaction. Apple may add others. */
export type InAppOwnershipType = 'PURCHASED' | 'FAMILY_SHARED' | 'ASSIGNED' | (string & {});

/** Values of `transactionReason` in Transaction. Apple may add others. */
export type TransactionReason = 'PURCHASE' | 'RENEWAL' | (string & {});

/**
 * Values of `offerType` in Transaction, `offerType` in RenewalInfo: 1 introductory offer; 2 promotional offer; 3
 * offer code; 4 win-back offer. Apple may add others.
 */
export type OfferType = 1 | 2 | 3 | 4 | (number & {});

/** Values of `offerDiscountType` in Transaction, `offerDiscountType` in RenewalInfo. Apple may add others. */
export type OfferDiscountType = 'FREE_TRIAL' | 'PAY_AS_YOU_GO' | 'PAY_UP_FRONT' | 'ONE_TIME' | (string & {});

/**
 * Values of `autoRenewStatus` in RenewalInfo, `commitmentAutoRenewStatus` in RenewalCommitmentInfo: 0 off:
 * expires at the end of this period; 1 on: will renew. Apple may add others.
 */
export type AutoRenewStatus = 0 | 1 | (number & {});

/**
 * Values of `priceIncreaseStatus` in RenewalInfo: 0 consent requested, no response yet; 1 consented, or notified
 * where no consent is required. Apple may add others.
 */
export type PriceIncreaseStatus = 0 | 1 | (number & {});

/**
 * Values of `expirationIntent` in RenewalInfo: 1 the customer cancelled; 2 billing error; 3 no consent to a
 * price increase; 4 the product was not for sale at renewal; 5 another reason. Apple may add others.
 */
export type ExpirationIntent = 1 | 2 | 3 | 4 | 5 | (number & {});

/**
 * Values of `billingPlanType` in Transaction, `renewalBillingPlanType` in RenewalInfo,
 * `commitmentRenewalBillingPlanType` in RenewalCommitmentInfo. Apple may add others.
 */
export type BillingPlanType = 'BILLED_UPFRONT' | 'MONTHLY' | (string & {});

/** Values of `additionalTransactionReason` in Transaction. Apple may add others. */
export type AdditionalTransactionReason = 'SEAT_ADDITION' | (string & {});

/** Values of `invitationManagement` in TransactionMultiSeatInfo. Apple may add others. */
export type InvitationManagement = 'APPLE' | 'DEVELOPER' | (string & {});

/**
 * Values of `revocationReason` in Transaction: 0 another reason, or Family Sharing ended; 1 a problem within the
 * app. Apple may add others.
 */
export type RevocationReason = 0 | 1 | (number & {});

/** Values of `revocationType` in Transaction. Apple may add others. */
export type RevocationType = 'REFUND_FULL' | 'REFUND_PRORATED' | 'FAMILY_REVOKE' | 'ASSIGNMENT_REVOKE' | (string & {});

/** Values of `consumptionRequestReason` in NotificationData. Apple may add others. */
export type ConsumptionRequestReason =
  | 'UNINTENDED_PURCHASE'
  | 'FULFILLMENT_ISSUE'
  | 'UNSATISFIED_WITH_PURCHASE'
  | 'LEGAL'
  | 'OTHER'
  | (string & {});

/** Values of `tokenType` in ExternalPurchaseToken. Apple may add others. */
export type ExternalPurchaseTokenType =
  | 'SERVICES'
  | 'ACQUISITION'
  | 'CORE_TECHNOLOGY'
  | 'IN_APP'
  | 'LINK_OUT'
  | (string & {});

/** Values of `originalPlatform` in AppTransaction. Apple may add others. */
export type OriginalPlatform = 'iOS' | 'macOS' | 'tvOS' | 'visionOS' | (string & {});

/** Values of `storeType` in AppTransaction. Apple may add others. */
export type StoreType = 'CONSUMER' | (string & {});

/**
 * Values of `period` in AdvancedCommerceTransactionInfo, `period` in AdvancedCommerceRenewalInfo. Apple may add
 * others.
 */
export type AdvancedCommercePeriod = 'P1W' | 'P1M' | 'P2M' | 'P3M' | 'P6M' | 'P1Y' | (string & {});

/** Values of `period` in AdvancedCommerceOffer. Apple may add others. */
export type AdvancedCommerceOfferPeriod =
  | 'P3D'
  | 'P1W'
  | 'P2W'
  | 'P1M'
  | 'P2M'
  | 'P3M'
  | 'P6M'
  | 'P9M'
  | 'P1Y'
  | (string & {});

/** Values of `reason` in AdvancedCommerceOffer. Apple may add others. */
export type AdvancedCommerceOfferReason = 'ACQUISITION' | 'WIN_BACK' | 'RETENTION' | (string & {});

/** Values of `refundReason` in AdvancedCommerceRefund. Apple may add others. */
export type AdvancedCommerceRefundReason =
  | 'UNINTENDED_PURCHASE'
  | 'FULFILLMENT_ISSUE'
  | 'UNSATISFIED_WITH_PURCHASE'
  | 'LEGAL'
  | 'OTHER'
  | 'MODIFY_ITEMS_REFUND'
  | 'SIMULATE_REFUND_DECLINE'
  | (string & {});

/** Values of `refundType` in AdvancedCommerceRefund. Apple may add others. */
export type AdvancedCommerceRefundType = 'FULL' | 'PRORATED' | 'CUSTOM' | (string & {});

/** Values of `status` in AdvancedCommercePriceIncreaseInfo. Apple may add others. */
export type AdvancedCommercePriceIncreaseStatus = 'SCHEDULED' | 'PENDING' | 'ACCEPTED' | (string & {});
