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

/** A field name at the end of a line is none: its value is in the next one, which is a unit of its own. */
const MARKS_OF_TOKENS = /signedPayload(?=\W*\w)|eyJhbGciOi|eyJ4NWMi|eyJraWQi/;

/** Follows an odd line: a printed object or a wrapped receipt has many. */
const MOST_FOLLOWING_BYTES = 256 * 1024;

/** A unit without a claim: its recognised format, and the number of tokens in it that were not read. */
export async function inspectSkipped(
  batch: UnitBatch,
  unit: Unit,
  soFar: Unreadable,
  nowMs: number,
): Promise<Unreadable> {
  const text = textOf(batch, unit.start, unit.end);
  const hasMarks = MARKS_OF_TOKENS.test(text);
  const isInspected = soFar.recognised === null && soFar.inspected < MOST_INSPECTED;
  const source = unit.line === null ? unit.origin : `${unit.origin}:${unit.line}`;
  return {
    ...NOTHING_UNREADABLE,
    unread: hasMarks ? 1 : 0,
    firstUnread: hasMarks ? source : null,
    inspected: isInspected ? 1 : 0,
    recognised: isInspected ? await detectUnit(batch, unit, text, source, nowMs) : null,
  };
}

/** The format of a unit, or of the first unit with what follows it. */
async function detectUnit(
  batch: UnitBatch,
  unit: Unit,
  text: string,
  source: string,
  nowMs: number,
): Promise<Unreadable['recognised']> {
  const isFirst = unit === batch.units[0];
  const hasMore = isFirst && unit.end < (batch.units.at(-1)?.end ?? 0);
  const end = Math.min(batch.bytes.length, unit.start + MOST_FOLLOWING_BYTES);
  const all = hasMore ? await detect(textOf(batch, unit.start, end), nowMs) : null;
  if (all !== null && !HOLDS.test(all.title)) return { source: unit.origin, ...all };
  const own = await detect(text, nowMs);
  const isSaid = own !== null && (unit.whole || HOLDS.test(own.title) || !ONLY_WHOLE.has(own.format));
  const found = isSaid ? own : all;
  return found === null ? null : { source: found === all ? unit.origin : source, ...found };
}

/** The title of a finding inside something else; a single line says better which. */
const HOLDS = /^(?:JSON|text) with /;

/** Formats of a word that was given as a payload; in a line of other text it may be anything. */
const ONLY_WHOLE: ReadonlySet<string> = new Set([
  'attestation',
  'base64-json',
  'empty-value',
  'hex',
  'masked-token',
  'object-as-text',
  'transaction-id',
]);

function textOf({ bytes }: UnitBatch, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
