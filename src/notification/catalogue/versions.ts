/** One version of App Store Server Notifications. */
interface VersionEntry {
  readonly version: string;
  /** ISO 8601, as precise as known: a year, a month or a day. */
  readonly date: string;
  /** False if the date is inferred and not documented. */
  readonly dateConfirmed: boolean;
  /** Additions, by Apple's name or a short description. */
  readonly added: readonly string[];
}

function version(version: string, date: string, added: readonly string[], dateConfirmed = true): VersionEntry {
  return { version, date, dateConfirmed, added };
}

/**
 * Versions of App Store Server Notifications, oldest first. The `version` field of a payload stays "2.0" in all of them.
 * 2.1 to 2.4 added nothing visible in a payload. Source: apple.md section 5.
 */
export const VERSIONS: readonly VersionEntry[] = [
  version('2.0', '2021-10', ['Version 2 notifications']),
  version('2.5', '2022-06', ['TEST', 'version', 'signedDate', 'recentSubscriptionStartDate']),
  version('2.6', '2022-11', ['PRODUCT_NOT_FOR_SALE']),
  version('2.7', '2023-01', ['RENEWAL_EXTENSION', 'summary']),
  version('2.8', '2023-06', [
    'REFUND_REVERSED',
    'status',
    'storefront',
    'storefrontId',
    'transactionReason',
    'renewalDate',
  ]),
  version('2.9', '2023-10', ['price', 'currency', 'offerDiscountType']),
  version('2.10', '2024-02', ['EXTERNAL_PURCHASE_TOKEN']),
  version('2.11', '2024-04', ['consumptionRequestReason', 'CONSUMPTION_REQUEST for subscriptions']),
  version('2.12', '2024-06', ['ONE_TIME_CHARGE (Sandbox; Production since 27 May 2025)', 'renewalPrice']),
  version('2.13', '2024-07', ['win-back offers', 'eligibleWinBackOfferIds']),
  version('2.14', '2025-01', ['advancedCommerceInfo']),
  version('2.15', '2025-02', ['appTransactionId', 'offerPeriod']),
  version('2.16', '2025-03', ['METADATA_UPDATE', 'MIGRATION', 'previousOriginalTransactionId']),
  version('2.17', '2025-06', ['CREATED', 'ACTIVE_TOKEN_REMINDER', 'tokenType', 'tokenExpirationDate']),
  version('2.18', '2025-10', ['ONE_TIME discount type']),
  version('2.19', '2025-11', ['RESCIND_CONSENT', 'appData']),
  version('2.20', '2025-12', ['revocationType', 'revocationPercentage', 'priceIncreaseInfo']),
  version('2.21', '2026-04-27', ['billingPlanType', 'renewalBillingPlanType', 'commitmentInfo']),
  version('2.22', '2026-09-28', ['ASSIGNED', 'ASSIGNMENT_REVOKE (both Sandbox only)']),
  version(
    '2.23',
    '2026',
    ['UNCLAIM_SEATS', 'SEATS', 'INCREASE_QUANTITY', 'DECREASE_QUANTITY', 'multiSeatInfo', 'unclaimInfo'],
    false,
  ),
];
