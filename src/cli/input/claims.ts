import type { Unit, UnitBatch } from './batch.js';
import type { Claim } from './claim.js';
import type { Draft } from './draft.js';
import { draftsOfLiteral } from './literal-claims.js';
import { draftsOfUnit } from './unit-drafts.js';

/** Everything in one unit that claims to be a payload, in order. Never throws: what is damaged is a claim that fails later. */
export function parseClaims(batch: UnitBatch, unit: Unit): readonly Claim[] {
  const place = unit.line === null ? unit.origin : `${unit.origin}:${unit.line}`;
  return draftsOf(batch, unit).map((draft, index) => {
    const ordinal = unit.ordinal + index;
    return { ...draft, source: ordinal === 1 ? place : `${place}#${ordinal}` };
  });
}

function draftsOf({ bytes }: UnitBatch, unit: Unit): Draft[] {
  const { start, end, form, whole } = unit;
  return form === 'literal'
    ? draftsOfLiteral(bytes.subarray(start, end), unit.origin === 'argument')
    : draftsOfUnit(bytes, { ...unit, form }, whole);
}
