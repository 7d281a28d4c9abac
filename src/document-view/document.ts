import { isJsonObject, type JsonObject } from '../jws/json.js';
import type { PayloadDocument } from '../notification/document.js';
import { outerPayload } from '../notification/facts.js';
import { REASONS } from '../notification/reasons.js';
import { showText } from '../terminal/escape.js';
import { joinParts, labelWidthOf, layRows, laySentence, type Row, type View } from '../terminal/layout.js';
import { rowsOf } from './fields.js';
import { isSignedByXcode, layEvent, layFailure, problemToFailure } from './headline.js';
import { certificateRows, historyRows, notificationRows } from './sections.js';
import type { ValueContext } from './values.js';

interface DocumentView extends View {
  /** Whether a verdict stands beside this; else the last line says that nothing is verified. */
  readonly verified: boolean;
  /** Adds a line with the source: wanted where there are several. */
  readonly showSource: boolean;
}

/** Rows under one heading. `path`: the token they come from. */
interface Group {
  readonly title: string | null;
  readonly path: string | null;
  readonly rows: readonly Row[];
  /** Its labels line up by themselves, not with the fields of the payloads. */
  readonly apart?: boolean;
}

/**
 * What one payload says, for people: what could not be opened, what happened, then every field in aligned groups, who signed, and that
 * nothing of it is verified. Ends in a newline.
 */
export function describeDocument(document: PayloadDocument, view: DocumentView): string {
  const groups = groupsOf(document, view);
  const payload = outerPayload(document);
  const parts = [
    ...layProblems(document, view),
    payload === null ? [] : layEvent(document, view),
    ...layGroups(groups, view),
    layRemarks(document, view),
  ];
  return joinParts(parts);
}

/** What could not be opened, in full and first: which token, what is wrong with it, what to do. */
function layProblems({ problems = [] }: PayloadDocument, view: View): readonly (readonly string[])[] {
  const { yellow } = view.paint;
  return problems.map((problem) => [
    `${yellow.bold(problem.code)}  ${yellow(REASONS[problem.code].title)}`,
    ...layFailure(problemToFailure(problem), view),
  ]);
}

function groupsOf(document: PayloadDocument, { nowMs }: View): readonly Group[] {
  const explained = new Set<string>();
  const outer = outerPayload(document);
  const nested = NESTED.filter(({ field }) => isJsonObject(document[field]) && document[field] !== outer);
  const slots = nested.map(({ slot }) => slot);
  const groups: readonly Group[] = [
    { title: null, path: null, rows: outer === null ? [] : outerRows(outer, document, slots, { nowMs, explained }) },
    ...nested.map(({ field, slot, title }) => {
      const payload = document[field] ?? {};
      return {
        title,
        path: pathOf(document, slot),
        rows: rowsOf(payload, field, { nowMs, explained, currency: payload.currency }),
      };
    }),
    { title: 'Delivery', path: null, rows: historyRows(document, nowMs), apart: true },
    { title: 'Certificates', path: 'as the token names them', rows: certificateRows(document), apart: true },
  ];
  return groups.filter(({ rows }) => rows.length > 0);
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

/** The payloads' groups share one width of labels, so that values line up down the whole page. */
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

/** The quiet end: what was mended, where it stood, and that this is a claim. */
function layRemarks(document: PayloadDocument, view: DocumentView): readonly string[] {
  const { paint } = view;
  const repairs = describeRepairs(document.repaired ?? []);
  return [
    ...(view.showSource ? [paint.dim(`Source: ${showText(document.source)}`)] : []),
    ...(repairs === null ? [] : laySentence(`Repaired: ${repairs}`, view, true).map((line) => paint.dim(line))),
    ...(view.verified ? [] : laySentence(notVerified(document), view).map((line) => paint.yellow(line))),
  ];
}

function notVerified(document: PayloadDocument): string {
  if (document.kind === 'notificationV1') return 'Not verified, and cannot be: a version 1 body carries no signature.';
  if (isSignedByXcode(document)) return 'Not verified, and cannot be: Xcode signs with a certificate of its own.';
  if (outerPayload(document) === null) return 'Its payload could not be decoded.';
  return 'Not verified: `storewire verify` proves whether Apple signed this.';
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['line-wraps', 'line wraps'],
  ['quotes', 'quotes around it'],
  ['json-escapes', 'JSON escapes'],
  ['percent-encoding', '%2E and other percent signs'],
  ['bom', 'a byte order mark'],
  ['crlf', 'CRLF line ends'],
  ['bearer', 'the word Bearer'],
]);

/** What pasting had done to a payload, in words: `line wraps, JSON escapes`. Null where it came intact. */
export function describeRepairs(repaired: readonly string[]): string | null {
  return repaired.length === 0 ? null : repaired.map((repair) => WORDS.get(repair) ?? showText(repair)).join(', ');
}
