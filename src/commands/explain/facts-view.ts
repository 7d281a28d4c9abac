import { APPLE_LIBRARIES, type StatusReading } from '../../notification/catalogue/verification-statuses.js';
import { VERSIONS } from '../../notification/catalogue/versions.js';
import type { Row } from '../../terminal/layout.js';
import {
  type AttemptEntry,
  type CheckEntry,
  type CodeEntry,
  capitalise,
  type Entry,
  type ErrorEntry,
  type FieldPlace,
  type FieldValueEntry,
  type ListedEvent,
  type PayloadFieldEntry,
  type ReasonEntry,
  type StatusEntry,
  type SubtypeEntry,
  type TypeEntry,
} from './reference/entry.js';

/** A group of rows, with a heading where one is needed. */
export interface ExplainedFacts {
  readonly heading?: string;
  readonly rows: readonly Row[];
}

/** The facts of an entry in groups, without its name, title and meaning. */
export function explainedFactsOf(entry: Entry): readonly ExplainedFacts[] {
  switch (entry.chapter) {
    case 'types':
      return typeFacts(entry);
    case 'subtypes':
      return subtypeFacts(entry);
    case 'fields':
      return fieldFacts(entry);
    case 'values':
      return [{ rows: valueFacts(entry) }];
    case 'attempts':
      return [{ rows: attemptFacts(entry) }];
    case 'errors':
      return [{ rows: errorFacts(entry) }];
    case 'codes':
      return [{ rows: codeFacts(entry) }];
    case 'reasons':
      return reasonFacts(entry);
    case 'checks':
      return [{ heading: 'Reasons for failure', rows: checkFacts(entry) }];
    case 'statuses':
      return statusFacts(entry);
  }
}

function typeFacts({ events, since, term }: TypeEntry): readonly ExplainedFacts[] {
  const isPair = events.length === 1 && events[0]!.subtype !== null;
  const subtypes = isPair ? [] : events.map((event) => eventRow(event.subtype ?? 'no subtype', event, since));
  const rows = [...carriesRows(events), ...sinceRows(since), ...tryRows(events, term)];
  return [{ rows: subtypes }, { rows }];
}

function subtypeFacts({ events, since }: SubtypeEntry): readonly ExplainedFacts[] {
  return [{ rows: events.map((event) => eventRow(event.type, event, since)) }, { rows: sinceRows(since) }];
}

function eventRow(label: string, { title, meaning, since, former }: ListedEvent, known: string | null): Row {
  const when = former ? ' (until January 2024)' : since === known || since === null ? '' : ` (since ${since})`;
  return { label, value: `${title}${when}`, remark: meaning };
}

/** One row if all events have the same content, else one row each. */
function carriesRows(events: readonly ListedEvent[]): readonly Row[] {
  const each = events.map((event) => ({ subtype: event.subtype, carries: describeContent(event) }));
  if (new Set(each.map(({ carries }) => carries)).size === 1) return [{ label: 'carries', value: each[0]!.carries }];
  return each.map(({ subtype, carries }) => ({ label: 'carries', value: `${subtype ?? 'no subtype'}: ${carries}` }));
}

function describeContent({ carries, transaction, renewalInfo }: ListedEvent): string {
  const tokens = [
    ...(transaction ? ['signedTransactionInfo'] : []),
    ...(renewalInfo === false ? [] : [`signedRenewalInfo${renewalInfo === true ? '' : ' (subscriptions only)'}`]),
  ];
  if (carries === 'data without tokens') return 'data, without nested tokens';
  return tokens.length === 0 ? carries : `${carries} with ${tokens.join(' and ')}`;
}

function tryRows(events: readonly ListedEvent[], term: string): readonly Row[] {
  if (events.every(({ former }) => former)) return [];
  const needsSubtype = !term.includes('.') && events.every(({ subtype }) => subtype !== null);
  const name = needsSubtype ? `${term}.${events[0]!.subtype}` : term;
  return [{ label: 'try', value: `storewire trigger ${name} --print | storewire decode` }];
}

/** One place as rows; several places grouped by the type and values they share, which are shown once. */
function fieldFacts({ places, title }: PayloadFieldEntry): readonly ExplainedFacts[] {
  const [only, ...others] = places;
  if (only !== undefined && others.length === 0) {
    const rows = [{ label: 'type', value: TYPES[only.type] }, ...pathRows(only.paths), ...sinceRows(only.since)];
    return [{ rows }, { rows: valueRows(only) }];
  }
  const kinds = [...new Set(places.map(kindOfPlace))];
  return kinds.flatMap((kind): readonly ExplainedFacts[] => {
    const alike = places.filter((place) => kindOfPlace(place) === kind);
    const first = alike[0]!;
    return [
      { heading: `${capitalise(TYPES[first.type])}, in`, rows: alike.flatMap((place) => placeRows(place, title)) },
      { rows: valueRows(first) },
    ];
  });
}

function kindOfPlace({ type, values }: FieldPlace): string {
  return [type, ...values.map(({ value, meaning }) => `${value} ${meaning}`)].join('\n');
}

function placeRows({ paths, meaning, since }: FieldPlace, title: string): readonly Row[] {
  const value = meaning === title ? '' : meaning;
  return paths.map((path) => ({ label: path, value, remark: since === null ? null : `since ${since}` }));
}

function valueRows({ values }: FieldPlace): readonly Row[] {
  return values.map(({ value, meaning }) => ({ label: String(value), value: meaning }));
}

const TYPES: Readonly<Record<FieldPlace['type'], string>> = {
  string: 'string',
  uuid: 'string, a UUID',
  integer: 'integer',
  boolean: 'boolean',
  date: 'integer, milliseconds since 1970',
  money: 'integer, thousandths of the currency: 1990 is 1.99',
  percent: 'integer, thousandths of a percent: 67932 is 67.932 %',
  period: 'string, an ISO 8601 duration: P1M is one month',
  jws: 'string, a nested JWS',
  object: 'object',
  array: 'array of objects',
  strings: 'array of strings',
  enum: 'string, one of the values below; Apple adds values without notice',
  code: 'integer, one of the values below; Apple adds values without notice',
};

function valueFacts({ paths, since }: FieldValueEntry): readonly Row[] {
  return [...pathRows(paths), ...sinceRows(since)];
}

function pathRows(paths: readonly string[]): readonly Row[] {
  return paths.map((path, index) => ({ label: index === 0 ? 'in' : '', value: path }));
}

function attemptFacts({ cause, hint, formerly }: AttemptEntry): readonly Row[] {
  const named = formerly === null ? [] : [{ label: 'formerly', value: formerly }];
  return [{ label: 'cause', value: cause }, ...hintRows(hint), ...named];
}

function errorFacts({ httpStatus, retryable, exit, toolCode, hint }: ErrorEntry): readonly Row[] {
  return [
    ...hintRows(hint),
    ...(httpStatus === null ? [] : [{ label: 'HTTP', value: String(httpStatus) }]),
    { label: 'retry', value: retryable ? 'may succeed later' : 'not retryable' },
    ...(exit === null ? [] : [{ label: 'exit code', value: String(exit) }]),
    ...(toolCode === null ? [] : [{ label: 'error code', value: toolCode }]),
  ];
}

function codeFacts({ exits, hint, area }: CodeEntry): readonly Row[] {
  return [...hintRows(hint), { label: 'exit code', value: exits.join(' or ') }, { label: 'area', value: area }];
}

function reasonFacts({ check, hint, apple }: ReasonEntry): readonly ExplainedFacts[] {
  const libraries = APPLE_LIBRARIES.map((library): Row => {
    const status = apple[library];
    if (status === null) return { label: library, value: 'not checked', tone: 'quiet' };
    return { label: library, value: status.status, remark: status.number === null ? null : `(${status.number})` };
  });
  return [
    { rows: [...hintRows(hint), { label: 'check', value: check }] },
    { heading: "Status in Apple's libraries", rows: libraries },
  ];
}

function checkFacts({ reasons }: CheckEntry): readonly Row[] {
  return reasons.map(({ code, title }) => ({ label: code, value: title }));
}

function statusFacts({ hint, readings, reasons, term }: StatusEntry): readonly ExplainedFacts[] {
  const byNumber = readings.every(({ number }) => String(number) === term);
  const libraries = APPLE_LIBRARIES.flatMap((library) => {
    const own = readings.filter((reading) => reading.library === library);
    return own.length === 0
      ? []
      : [
          {
            label: library,
            value: describeReadings(own, byNumber),
            remark: byNumber && own[0]!.numbers === 'ordinal' ? '(ordinal)' : null,
          },
        ];
  });
  const ours = reasons.map((reason) => ({ label: reason.code, value: reason.libraries.join(', ') }));
  return [
    { rows: hintRows(hint) },
    { heading: byNumber ? 'Name by library' : 'Number by library', rows: libraries },
    { heading: 'storewire reason codes', rows: ours },
  ];
}

/** For a name `6 since 2.0.0, 5 before`; for a number `INVALID_CERTIFICATE since 2.0.0, FAILURE before`. */
function describeReadings(readings: readonly StatusReading[], byNumber: boolean): string {
  const [first, ...rest] = readings;
  const parts = readings.map((reading) => {
    const label = byNumber ? reading.name : describeNumber(reading);
    if (reading.until !== null) return `${label} before${reading === first ? ` ${reading.until}` : ''}`;
    return reading.from === null ? label : `${label} since ${reading.from}`;
  });
  return rest.length === 0 ? parts.join('') : parts.join(', ');
}

function describeNumber({ number, numbers }: StatusReading): string {
  if (number === null) return 'by name only';
  return numbers === 'ordinal' ? `ordinal ${number}` : String(number);
}

function hintRows(hint: string): readonly Row[] {
  return hint === '' ? [] : [{ label: 'hint', value: hint }];
}

/** `2.8 (2023-06)`: the version of App Store Server Notifications and its date. */
function sinceRows(since: string | null): readonly Row[] {
  if (since === null) return [];
  const date = VERSIONS.find(({ version }) => version === since)?.date;
  return [{ label: 'since', value: `version ${since}`, remark: date === undefined ? null : date }];
}
