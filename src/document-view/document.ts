import { isJsonObject, type JsonObject, stringifyJson } from '../jws/json.js';
import { fieldsOf } from '../notification/catalogue/fields.js';
import type { PayloadDocument } from '../notification/document.js';
import { outerPayload } from '../notification/facts.js';
import { REASONS } from '../notification/reasons.js';
import { showText } from '../terminal/escape.js';
import { joinParts, labelWidthOf, layRows, laySentence, type Row, type View } from '../terminal/layout.js';
import { rowsOf } from './fields.js';
import {
  headlineOf,
  isSignedByXcode,
  layEvent,
  layFailure,
  layRecognised,
  problemToFailure,
  repeatAnswer,
} from './headline.js';
import { certificateRows, containerOf, historyRows, notificationRows } from './sections.js';
import type { ValueContext } from './values.js';

interface DocumentView extends View {
  /** A verdict is shown beside this; else a line says that nothing is verified. */
  readonly verified: boolean;
  /** Adds a line with the source: set where there are several payloads. */
  readonly showSource: boolean;
  /** Adds the certificates (always shown of a token that could not be opened), and each field of a nested payload whose value is already shown above. */
  readonly verbose: boolean;
  /** Does not repeat the event at the end, where it would be out of sight on a terminal. */
  readonly isPage?: boolean;
}

/** Rows under one heading. `path`: the token they come from, or a remark. */
interface Group {
  readonly title: string | null;
  readonly path: string | null;
  readonly rows: readonly Row[];
  /** Its labels line up among themselves, not with the fields of the payloads. */
  readonly apart?: boolean;
}

/**
 * One payload as text: problems, the event, every field in aligned groups, and that nothing of it is verified; the event once more where
 * it is out of sight. Ends in a newline.
 */
export function describeDocument(document: PayloadDocument, view: DocumentView): string {
  const { recognised } = document;
  const isForeign = recognised !== undefined && recognised.format !== 'decoded-payload';
  if (isForeign) return joinParts([layRecognised(recognised, view), layRemarks(document, view)]);
  const isOpened = outerPayload(document) !== null;
  const parts = [
    ...(recognised === undefined ? [] : [layRecognised(recognised, view)]),
    ...layProblems(document, view),
    isOpened ? layEvent(document, view) : [],
    ...layGroups(groupsOf(document, view), view),
    layRemarks(document, view),
  ];
  return isOpened && view.isPage !== true
    ? repeatAnswer(joinParts(parts), [headlineOf(document, view)])
    : joinParts(parts);
}

/** Each token that could not be opened, with the reason and the next step. */
function layProblems({ problems = [] }: PayloadDocument, view: View): readonly (readonly string[])[] {
  const { yellow } = view.paint;
  return problems.map((problem) => [
    `${yellow.bold(problem.code)}  ${yellow(REASONS[problem.code].title)}`,
    ...layFailure(problemToFailure(problem), view),
  ]);
}

function groupsOf(document: PayloadDocument, { nowMs, verbose }: DocumentView): readonly Group[] {
  const explained = new Set<string>();
  const shown = new Map<string, string>();
  const outer = outerPayload(document);
  const nested = NESTED.filter(({ field }) => isJsonObject(document[field]) && document[field] !== outer);
  const slots = nested.map(({ slot }) => slot);
  if (outer !== null && !verbose) rememberValues(shown, outer, document.kind);
  const groups: readonly Group[] = [
    { title: null, path: null, rows: outer === null ? [] : outerRows(outer, document, slots, { nowMs, explained }) },
    ...nested.map(({ field, slot, title }) => {
      const payload = document[field] ?? {};
      const known = verbose ? [] : namesShown(shown, payload, field);
      if (!verbose) rememberValues(shown, payload, field);
      return {
        title,
        path: pathOf(document, slot),
        rows: [
          ...rowsOf(payload, field, { nowMs, explained, currency: payload.currency }, new Set(known)),
          ...(known.length === 0 ? [] : [{ label: 'same as above', value: known.join(', '), tone: 'quiet' } as const]),
        ],
      };
    }),
    { title: 'Delivery', path: null, rows: historyRows(document, nowMs), apart: true },
    {
      title: 'Certificates',
      path: 'names as claimed by the token',
      rows: verbose || outer === null ? certificateRows(document) : [],
      apart: true,
    },
  ];
  return groups.filter(({ rows }) => rows.length > 0);
}

/** Documented fields of `payload` with a value that `shown` has under the same name. */
function namesShown(shown: ReadonlyMap<string, string>, payload: JsonObject, object: string): readonly string[] {
  return fieldsOf(object)
    .map(({ name }) => name)
    .filter((name) => Object.hasOwn(payload, name) && shown.get(name) === stringifyJson(payload[name]));
}

/** Adds the plain values of a payload, and those of the container of a notification, which is shown with them. */
function rememberValues(shown: Map<string, string>, payload: JsonObject, object: string): void {
  const container = object === 'notification' ? payload[containerOf(payload) ?? ''] : undefined;
  for (const values of [payload, ...(isJsonObject(container) ? [container] : [])])
    for (const [name, value] of Object.entries(values))
      if (typeof value !== 'object') shown.set(name, stringifyJson(value));
}

const NESTED = [
  { field: 'transaction', slot: 'signedTransactionInfo', title: 'Transaction' },
  { field: 'renewalInfo', slot: 'signedRenewalInfo', title: 'Renewal info' },
  { field: 'appTransaction', slot: 'signedAppTransactionInfo', title: 'App transaction' },
] as const;

const REDACTED = '[redacted]';

function outerRows(
  payload: JsonObject,
  { kind }: PayloadDocument,
  slots: readonly string[],
  context: Omit<ValueContext, 'currency'>,
): readonly Row[] {
  const values: ValueContext = { ...context, currency: payload.currency };
  if (kind === 'notification') return notificationRows(payload, values, slots);
  const secret = kind === 'notificationV1' && Object.hasOwn(payload, 'password');
  return rowsOf(secret ? { ...payload, password: REDACTED } : payload, kind, values);
}

function pathOf({ tokens }: PayloadDocument, slot: string): string | null {
  return tokens.find(({ path }) => path.endsWith(`.${slot}`))?.path ?? null;
}

/** Groups of payload fields share one label width, so that all values line up. */
function layGroups(groups: readonly Group[], view: View): readonly (readonly string[])[] {
  const rows = groups.filter(({ apart }) => apart !== true).flatMap((group) => group.rows);
  const width = labelWidthOf(rows, view.columns);
  return groups.map((group) => [
    ...layHeading(group, view),
    ...(group.apart === true ? layRows(group.rows, view) : layRows(group.rows, view, width)),
  ]);
}

function layHeading({ title, path }: Group, { paint }: View): readonly string[] {
  if (title === null) return [];
  return [path === null ? paint.bold(title) : `${paint.bold(title)}  ${paint.dim(showText(path))}`];
}

/** Source, repairs, and that nothing is verified. */
function layRemarks(document: PayloadDocument, view: DocumentView): readonly string[] {
  const { paint } = view;
  const repairs = describeRepairs(document.repaired ?? []);
  return [
    ...(view.showSource ? [paint.dim(`Source: ${showText(document.source)}`)] : []),
    ...(repairs === null ? [] : laySentence(`Repaired: ${repairs}`, view, true).map((line) => paint.dim(line))),
    ...(view.verified || document.recognised !== undefined || outerPayload(document) === null
      ? []
      : laySentence(notVerified(document), view).map((line) => paint.yellow(line))),
  ];
}

function notVerified(document: PayloadDocument): string {
  if (document.kind === 'notificationV1') return 'Not verified, and cannot be: a version 1 body has no signature.';
  if (isSignedByXcode(document)) return 'Not verified, and cannot be: Xcode signs with its own certificate.';
  return 'Not verified: `storewire verify` checks that Apple signed this.';
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['line-wraps', 'line wraps'],
  ['quotes', 'surrounding quotes'],
  ['json-escapes', 'JSON escapes'],
  ['percent-encoding', 'percent-encoding'],
  ['bom', 'byte order mark'],
  ['crlf', 'CRLF line ends'],
  ['bearer', 'Bearer prefix'],
  ['nested-json', 'JSON inside a string'],
  ['base64', 'base64'],
  ['string-literals', 'string literals on several lines'],
]);

/** Repaired damage in words: `line wraps, JSON escapes`. Null where there was none. */
export function describeRepairs(repaired: readonly string[]): string | null {
  return repaired.length === 0 ? null : repaired.map((repair) => WORDS.get(repair) ?? showText(repair)).join(', ');
}
