import { isJsonObject, type JsonObject } from '../../jws/json.js';
import type { BuiltNotification } from './assemble.js';

/**
 * True while further billing periods of a commitment follow. Turning renewal off then ends the commitment after its last period: every
 * period until then is billed. Source: docs, "Managing the life cycle of monthly subscriptions with a 12-month commitment".
 */
function isWithinCommitment({ transaction }: BuiltNotification): boolean {
  const { billingPeriodNumber: number, totalBillingPeriods: total } = infoOf(transaction) ?? {};
  return typeof number === 'number' && typeof total === 'number' && number < total;
}

/** Start that the periods of a commitment are counted from, so that the last day of a month is kept; null without a commitment. */
export function commitmentAnchor({ transaction }: BuiltNotification): number | null {
  const startMs = transaction?.originalPurchaseDate;
  return infoOf(transaction) !== null && typeof startMs === 'number' ? startMs : null;
}

/** The transaction of the next billing period. */
export function nextBillingPeriod(transaction: JsonObject): JsonObject {
  if (!isWithinCommitment({ notification: {}, transaction })) return transaction;
  const info = infoOf(transaction) ?? {};
  const number = info.billingPeriodNumber;
  if (typeof number !== 'number') return transaction;
  return { ...transaction, commitmentInfo: { ...info, billingPeriodNumber: number + 1 } };
}

const STATUS_CHANGES: Readonly<Record<string, boolean>> = {
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED': true,
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED': false,
};

/** True if the event turns the renewal of a commitment on or off and leaves the billing of its periods alone. */
export function changesCommitment(key: string, base: BuiltNotification): boolean {
  return key in STATUS_CHANGES && isWithinCommitment(base);
}

/** Renewal info after the renewal of the commitment was turned on or off. */
export function changeCommitment(key: string, { transaction, renewalInfo = {} }: BuiltNotification): JsonObject {
  const info = infoOf(transaction) ?? {};
  const {
    commitmentRenewalBillingPlanType: _plan,
    commitmentRenewalDate: _date,
    commitmentRenewalPrice: _price,
    ...next
  } = infoOf(renewalInfo) ?? {};
  const isOn = STATUS_CHANGES[key] === true;
  const renewal: JsonObject = isOn
    ? {
        commitmentRenewalBillingPlanType: transaction?.billingPlanType,
        commitmentRenewalDate: info.commitmentExpiresDate,
        commitmentRenewalPrice: info.commitmentPrice,
      }
    : {};
  return { ...renewalInfo, commitmentInfo: { ...next, commitmentAutoRenewStatus: isOn ? 1 : 0, ...renewal } };
}

function infoOf(payload: JsonObject | undefined): JsonObject | null {
  const info = payload?.commitmentInfo;
  return isJsonObject(info) ? info : null;
}
