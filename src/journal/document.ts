import { isJsonObject, parseJson } from '../jws/json.js';
import { buildLegacyDocument, buildUnreadableDocument, toProblem } from '../notification/build-document.js';
import type { Check, DocumentContext, PayloadDocument, Verification } from '../notification/document.js';
import { buildVerdictDocument } from '../notification/internal-error.js';
import { detectKind } from '../notification/kind.js';
import { OUTER_PATH } from '../notification/open.js';
import type { VerificationContext } from '../notification/verification-context.js';
import type { VerifyOptions } from '../notification/verify.js';
import type { DeliveryRecord, JournalEntry, RecordedVerdict } from './record.js';

/**
 * Builds the document of a journal entry, with its outermost JWS, the receipt and every delivery. The checks run again on the bytes, as of
 * the time of receipt: a recorded verdict is not made better by them, and `valid` only stands where they confirm it, since a journal can come
 * with a clone. `body` is the body as received; of a rejected one the stored part.
 */
export function documentOf(
  entry: JournalEntry,
  body: Uint8Array,
  context: VerificationContext,
  options: Partial<VerifyOptions> = {},
): PayloadDocument {
  const { atMs, id, verdict } = entry.type === 'receipt' ? entry.receipt : entry.rejected;
  const origin = { source: `journal:${id}`, repaired: [], context: contextOf(entry) };
  const parsed = parseBody(body);
  // Without a verdict there was no token to verify, or more than one: none of them is picked now.
  const jws = verdict !== null && isJsonObject(parsed) ? tokenOfBody(parsed) : null;
  if (verdict !== null && jws !== null) {
    const document = buildVerdictDocument(jws, origin, { kind: 'notification', nowMs: atMs, ...options }, context);
    return { ...document, verification: withRecordedVerdict(verdict, document.verification) };
  }
  const recorded = verdict === null || verdict.verdict === 'valid' ? null : withRecordedVerdict(verdict, null);
  if (isJsonObject(parsed) && detectKind(parsed) === 'notificationV1') {
    return buildLegacyDocument(origin, parsed, recorded);
  }
  const message = entry.type === 'rejected' ? entry.rejected.message : 'the recorded body holds no token';
  return buildUnreadableDocument(origin, toProblem(OUTER_PATH, 'MALFORMED_JWS', message), recorded);
}

function contextOf(entry: JournalEntry): DocumentContext {
  const deliveries = entry.deliveries.map(toDelivery);
  if (entry.type === 'rejected') {
    const { id, atMs, answered } = entry.rejected;
    return { received: { id, atMs, answered, repeatOf: null }, deliveries };
  }
  const { id, atMs, repeatOf } = entry.receipt;
  return { received: { id, atMs, answered: entry.answered, repeatOf }, deliveries };
}

function toDelivery({ target, attempt, httpStatus, ms, outcome }: DeliveryRecord): DocumentDelivery {
  return { target, attempt, httpStatus, ms, outcome };
}

type DocumentDelivery = NonNullable<DocumentContext['deliveries']>[number];

function parseBody(body: Uint8Array): unknown {
  try {
    return parseJson(
      Buffer.from(body)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Value of `signedPayload` in any letter case, as the listener accepts it. */
export function tokenOfBody(body: Readonly<Record<string, unknown>>): string | null {
  const key = Object.keys(body).find((name) => name.toLowerCase() === OUTER_PATH.toLowerCase());
  const value = key === undefined ? null : body[key];
  return typeof value === 'string' ? value : null;
}

/**
 * Combines the recorded verdict with the checks run now. A check that fails now and did not fail then was recorded under other roots or
 * settings: it is reported as skipped, with the reason.
 */
function withRecordedVerdict({ failed, ...verdict }: RecordedVerdict, current: Verification | null): Verification {
  if (verdict.verdict === 'valid' && current !== null && current.verdict !== 'valid') {
    return { ...current, checks: current.checks.map(noteRecorded) };
  }
  const isSame = (a: Check) => (b: Check) => a.id === b.id && a.token === b.token;
  const checks = (current?.checks ?? []).map(
    (check) => failed.find(isSame(check)) ?? (check.ok === false ? skippedCheck(check) : check),
  );
  const others = failed.filter((check) => !checks.some(isSame(check)));
  return { ...verdict, checks: [...checks, ...others] };
}

/** A check that fails now although the record says that all passed: under other roots or settings, or on other bytes. */
function noteRecorded(check: Check): Check {
  if (check.ok !== false) return check;
  const detail = check.detail === undefined ? RECORDED_AS_VALID : `${check.detail}; ${RECORDED_AS_VALID}`;
  return { ...check, detail };
}

const RECORDED_AS_VALID = 'recorded as valid, under other roots or of other bytes';

function skippedCheck({ id, token, found, detail }: Check): Check {
  const result = found ?? detail;
  const now = result === undefined ? '' : ` (now: ${result})`;
  return { id, token, ok: null, detail: `passed when received, under other roots or settings${now}` };
}
