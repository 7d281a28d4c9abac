/**
 * Type and format of a field. `date`: ms since the epoch. `money`: milliunits of the payload's currency.
 * `percent`: milliunits of a percent (67932 = 67.932 %). `period`: ISO 8601 duration. `jws`: a nested compact JWS.
 * An `enum` is open: Apple adds values without notice.
 */
export type FieldType =
  | 'string'
  | 'uuid'
  | 'integer'
  | 'boolean'
  | 'date'
  | 'money'
  | 'percent'
  | 'period'
  | 'jws'
  | 'object'
  | 'array'
  | 'strings'
  | 'enum'
  | 'code';

/** One documented field. `type: 'enum'` holds strings, `'code'` integers; both name their table in `values`. */
export interface FieldEntry {
  readonly name: string;
  readonly type: FieldType;
  /** Description in one short sentence. */
  readonly meaning: string;
  /** Version of App Store Server Notifications that introduced it; null if Apple documents none. */
  readonly since: string | null;
  /** Name of the table of values in `catalogue/values.ts`. */
  readonly values?: string;
  /** For `object` and `array` of objects: name of the object in `catalogue/fields.ts`. */
  readonly of?: string;
}

export interface ValueEntry {
  readonly value: string | number;
  readonly meaning: string;
  readonly since: string | null;
}

/** A notificationType with one of its subtypes; subtype null: sent without one. */
export interface EventEntry {
  readonly type: string;
  readonly subtype: string | null;
  readonly since: string | null;
  /** Headline: `Subscription renewed`. */
  readonly title: string;
  /** One sentence that explains the event to a reader who does not know the type, with a full stop. */
  readonly meaning: string;
  /** Object that the payload contains. */
  readonly carries: 'data' | 'data without tokens' | 'summary' | 'externalPurchaseToken' | 'appData' | 'unclaimInfo';
  /** Expected nested tokens; `subscription only`: renewal info is sent for subscriptions only. */
  readonly transaction: boolean;
  readonly renewalInfo: boolean | 'subscription only';
}

/** One row of a field table: name, type, description, version that introduced it, and its value table or object. */
export function field(
  name: string,
  type: FieldType,
  meaning: string,
  since: string | null,
  link: Pick<FieldEntry, 'values' | 'of'> = {},
): FieldEntry {
  return { name, type, meaning, since, ...link };
}

/** One row of a value table. */
export function value(value: string | number, meaning: string, since: string | null): ValueEntry {
  return { value, meaning, since };
}

type EventRow = (
  type: string,
  subtype: string | null,
  since: string | null,
  title: string,
  meaning: string,
) => EventEntry;

/** Factory for the rows of events with the same content. Renewal info follows Apple's rule: auto-renewable subscriptions only. */
export function eventsThatCarry(
  carries: EventEntry['carries'],
  transaction: boolean,
  renewalInfo: EventEntry['renewalInfo'],
): EventRow {
  return (type, subtype, since, title, meaning) => ({
    type,
    subtype,
    since,
    title,
    meaning,
    carries,
    transaction,
    renewalInfo,
  });
}
