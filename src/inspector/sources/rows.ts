import type { DeliveryRecord, JournalEntry, RecordedFacts } from '../../journal/record.js';
import type { JsonObject } from '../../jws/json.js';
import type { Delivery, PayloadDocument } from '../../notification/document.js';
import { factsOf } from '../../notification/facts.js';
import type { InspectorRow, TargetChip } from '../wire.js';

/** Builds the row of a journal entry from what was recorded; nothing is verified for a list. */
export function rowOfEntry(entry: JournalEntry, position: number): InspectorRow {
  const isReceipt = entry.type === 'receipt';
  const { id, atMs, facts, verdict } = isReceipt ? entry.receipt : entry.rejected;
  const reason = isReceipt ? null : entry.rejected.reason;
  // A record that was not written here may claim any verdict: the detail verifies it.
  const isClaimed = entry.isForeign === true;
  return {
    id,
    position,
    atMs,
    type: clip(facts?.type ?? 'not a notification'),
    ...factFields(facts),
    verdict: isClaimed ? null : (verdict?.verdict ?? null),
    reason: isClaimed ? null : (verdict?.reason ?? reason),
    answered: isReceipt ? entry.answered : entry.rejected.answered,
    isRepeat: isReceipt && (entry.receipt.repeatOf ?? null) !== null,
    isSynthetic: isReceipt && entry.receipt.synthetic,
    isRejected: !isReceipt,
    targets: chipsOf(isReceipt ? entry.receipt.targets : [], entry.deliveries),
  };
}

function factFields(
  facts: RecordedFacts | null,
): Pick<InspectorRow, 'productId' | 'bundleId' | 'environment' | 'originalTransactionId' | 'uuid'> {
  return {
    productId: clip(facts?.productId ?? null),
    bundleId: clip(facts?.bundleId ?? null),
    environment: clip(facts?.environment ?? null),
    originalTransactionId: clip(facts?.originalTransactionId ?? null),
    uuid: clip(facts?.uuid ?? null),
  };
}

/** Longer than any of Apple's: every page holds thousands of rows, and an input may have strings of megabytes. */
const MAX_CHARACTERS = 256;

function clip<T extends string | null>(text: T): T | string {
  return text !== null && text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/** Builds the row of a document of an input. */
export function rowOfDocument(document: PayloadDocument, id: string, position: number): InspectorRow {
  const { verification, received, deliveries = [], notification, transaction, renewalInfo, problems = [] } = document;
  const { type, productId, bundleId, environment, signedAtMs } = factsOf(document);
  return {
    id,
    position,
    atMs: received?.atMs ?? signedAtMs,
    type: clip(document.recognised === undefined ? type : document.recognised.title),
    ...{ productId: clip(productId), bundleId: clip(bundleId), environment: clip(environment) },
    originalTransactionId: clip(textField(transaction ?? renewalInfo, 'originalTransactionId')),
    uuid: clip(textField(notification, 'notificationUUID')),
    verdict: verification?.verdict ?? null,
    reason: verification?.reason ?? problems[0]?.code ?? null,
    answered: received?.answered ?? null,
    isRepeat: (received?.repeatOf ?? null) !== null,
    isSynthetic: verification?.root === SYNTHETIC_ROOT || hasTestCertificate(document),
    isRejected: false,
    targets: chipsOf([], deliveries),
  };
}

/** Name of the test authority's root in verdicts. */
const SYNTHETIC_ROOT = 'test authority';

/** Of any test authority, whose root may have been given with `--root`: verified, and synthetic all the same. */
function hasTestCertificate({ tokens }: PayloadDocument): boolean {
  return tokens.some(({ header }) => JSON.stringify(header?.x5c ?? null).includes('CN=storewire TEST'));
}

/** More do not fit into a row; the Deliveries tab has all. */
const MAX_CHIPS = 50;

/** One chip a target: accepted where any attempt was, else by the last attempt. `intended`: targets that may not have been tried. */
function chipsOf(
  intended: readonly string[],
  deliveries: readonly (Delivery & Partial<Pick<DeliveryRecord, 'final' | 'run'>>)[],
): readonly TargetChip[] {
  const names = [...new Set([...intended, ...deliveries.map(({ target }) => target)])];
  return names.slice(0, MAX_CHIPS).map((target) => {
    const name = clip(target);
    const attempts = deliveries.filter((each) => each.target === target);
    const accepted = attempts.findLast(({ outcome }) => outcome === 'accepted');
    const last = accepted ?? attempts.at(-1);
    if (last === undefined) return { name, state: 'pending', httpStatus: null };
    const { httpStatus, final, run } = last;
    if (accepted !== undefined) return { name, state: 'accepted', httpStatus };
    return { name, state: final === false && run === undefined ? 'pending' : 'failed', httpStatus };
  });
}

/** Id of the purchase of a document, as `timeline` groups it; null where it has none. */
export function purchaseIdOf({ transaction, renewalInfo, notification }: PayloadDocument): string | null {
  const ids = transaction ?? renewalInfo ?? (notification?.data as JsonObject | undefined);
  return textField(ids, 'originalTransactionId') ?? textField(transaction, 'transactionId');
}

export function textField(payload: JsonObject | undefined, field: string): string | null {
  const value = payload?.[field];
  return typeof value === 'string' && value !== '' ? value : null;
}
