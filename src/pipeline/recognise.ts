import type { Claim } from '../input/claim.js';
import type { Unit, UnitBatch } from '../input/unit.js';
import type { Check, PayloadDocument, Recognised } from '../notification/document.js';
import { MOST_INSPECTED, NOTHING_UNREADABLE, type Unreadable } from './job.js';

/** A payload without its token. */
const DECODED: Recognised = {
  format: 'decoded-payload',
  title: 'a payload that is already decoded',
  explanation: 'It carries no signature, so it cannot be verified; only tokens nested in it can.',
  hint: 'Pass the value of signedPayload, as the App Store posted it.',
  facts: [],
};

/** Recognises a token that the App Store did not sign, and replaces the general explanation by its format. */
export async function recognise(claim: Claim, document: PayloadDocument, nowMs: number): Promise<PayloadDocument> {
  if (claim.type === 'decoded') return { ...document, recognised: DECODED };
  if (claim.type !== 'token') return document;
  const recognised = await detect(claim.text, nowMs);
  if (recognised === null) return document;
  const { problems, verification } = document;
  const [first, ...others] = problems ?? [];
  const { title, hint } = recognised;
  return {
    ...document,
    recognised,
    ...(first === undefined ? {} : { problems: [{ ...first, message: title, hint }, ...others] }),
    ...(verification === undefined
      ? {}
      : { verification: { ...verification, checks: explain(verification.checks, recognised) } }),
  };
}

/** The first failed check of the outer token says what was found; the others follow from it. */
function explain(checks: readonly Check[], { title, explanation, hint }: Recognised): readonly Check[] {
  const first = checks.findIndex(({ ok }) => ok === false);
  return checks.map((check, index) =>
    index === first ? { ...check, found: title, detail: explanation, hint } : check,
  );
}

/** Loaded on use: a run of good payloads needs none of it. */
async function detect(text: string, nowMs: number): Promise<Recognised | null> {
  const { detectFormat } = await import('../format-detection/detect.js');
  const found = detectFormat(text, nowMs);
  if (found === null) return null;
  const { id, title, explanation, hint, facts } = found;
  return { format: id, title, explanation, hint, facts };
}

const MARKS_OF_TOKENS = /signedPayload|eyJhbGciOi|eyJ4NWMi|eyJraWQi/g;

/** A unit without a claim: its recognised format, and the number of tokens in it that were not read. */
export async function inspectSkipped(
  batch: UnitBatch,
  unit: Unit,
  soFar: Unreadable,
  nowMs: number,
): Promise<Unreadable> {
  const text = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + unit.start, unit.end - unit.start).toString(
    'utf8',
  );
  const unread = text.match(MARKS_OF_TOKENS)?.length ?? 0;
  const isInspected = soFar.recognised === null && soFar.inspected < MOST_INSPECTED;
  const found = isInspected ? await detect(text, nowMs) : null;
  const source = unit.line === null ? unit.origin : `${unit.origin}:${unit.line}`;
  return {
    ...NOTHING_UNREADABLE,
    unread: unread > 0 ? 1 : 0,
    firstUnread: unread > 0 ? source : null,
    inspected: isInspected ? 1 : 0,
    recognised: found === null ? null : { source, ...found },
  };
}
