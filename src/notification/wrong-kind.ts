import { type CheckFinding, failed } from './check.js';
import type { Kind } from './document.js';
import type { OpenedToken } from './open.js';

/** Each kind with its article. */
const NOUNS: Readonly<Record<Kind, string>> = {
  notification: 'a notification',
  transaction: 'a transaction',
  renewalInfo: 'renewal info',
  appTransaction: 'an app transaction',
  realtimeRequest: 'a retention message request',
  notificationV1: 'a version 1 notification',
  unknown: 'a payload of unknown kind',
};

/** Where each kind comes from. */
const ORIGINS: Readonly<Record<Kind, string>> = {
  notification: 'signedPayload of a request by the App Store',
  transaction: 'signedTransactionInfo, Transaction.jwsRepresentation',
  renewalInfo: 'signedRenewalInfo',
  appTransaction: 'AppTransaction.shared',
  realtimeRequest: 'sent to the Retention Messaging URL',
  notificationV1: 'unsigned',
  unknown: 'unknown',
};

/** The failed check of a token that is of another kind than `expected`, in words that fit the two kinds. */
export function wrongKind({ kind, slot, path }: OpenedToken, expected: Kind): CheckFinding {
  const finding = failed('WRONG_KIND', expected, kind);
  // The table's own words are about this pair.
  if (slot === null && expected === 'notification' && kind === 'transaction') return finding;
  const pair = `this is ${NOUNS[kind]}; ${NOUNS[expected]} is something else (${ORIGINS[expected]})`;
  if (slot !== null) {
    return { ...finding, detail: pair, hint: `Reject it: the App Store puts only ${NOUNS[expected]} in ${path}.` };
  }
  if (expected === 'notification' && kind !== 'realtimeRequest') {
    return { ...finding, detail: `${pair}, and ${NOUNS[kind]} in its place proves nothing` };
  }
  return {
    ...finding,
    detail: kind === 'unknown' ? pair : `${pair}: use --kind ${kind}`,
    hint: 'To verify it as its own kind, leave --kind out.',
  };
}
