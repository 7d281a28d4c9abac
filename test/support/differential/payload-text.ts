import type { JsonObject } from '../../../src/jws/json.js';
import { type Changeable, withValueAt } from '../full-payloads.js';
import type { Base, Bench, Place } from './bench.js';
import type { Case } from './case.js';
import { headerWith, signTexts } from './token-parts.js';

export type Path = readonly (string | number)[];

const MARK = '@@ raw JSON @@';

/**
 * The JSON of a payload with raw text in one place, so that numbers and strings can be spelt in ways JSON.stringify never
 * would. Null takes the field away.
 */
export function jsonWith(payload: JsonObject, path: Path, raw: string | null): string {
  const copy = payload as Changeable;
  if (raw === null) return JSON.stringify(withValueAt(copy, path, undefined));
  return JSON.stringify(withValueAt(copy, path, MARK)).replace(`"${MARK}"`, () => raw);
}

/** A case in which one token says this text, correctly signed. */
export function textCase({ chain }: Bench, base: Base, place: Place, what: string, text: string): Case {
  const { name, kind, environment } = base;
  const jws = place.put(signTexts(headerWith(chain.x5c), text, chain));
  return { name: `${name}, ${place.path}: ${what}`, kind, environment, jws };
}

/** A value as short as a test's name can bear. */
export function shown(raw: string | null): string {
  if (raw === null) return 'absent';
  return raw.length > 40 ? `${raw.slice(0, 40)}…` : raw;
}
