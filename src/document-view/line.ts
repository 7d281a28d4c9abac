import type { Check, PayloadDocument, Problem, Verification } from '../notification/document.js';
import { factsOf } from '../notification/facts.js';
import { REASONS } from '../notification/reasons.js';
import { escapeText, showText } from '../terminal/escape.js';
import { formatSecond, SECOND_WIDTH } from '../terminal/format.js';
import { layRows, laySentence, type View } from '../terminal/layout.js';
import { keepEnd, padTo, widthOf } from '../terminal/width.js';
import { purchaseCell, SHORT_PURCHASE_WIDTH } from './purchase-cell.js';

/** Fits `invalid`; the rare `undetermined` takes the rest from the event beside it. */
const VERDICT_WIDTH = 7;

const ENVIRONMENT_WIDTH = 'Production'.length;

/** Terminals from this width on have room for the signed date and the environment. */
const WIDE_COLUMNS = 120;

const NARROWEST_COLUMNS = 60;

const MAX_EVENT_WIDTH = 45;

const MAX_PRODUCT_WIDTH = 32;

/** Columns in a pipe, where nothing is cut: what is not longer lines up. */
const PIPE_COLUMNS = { event: 34, product: 24 };

const GAP = '  ';

type LineView = Pick<View, 'paint' | 'columns'>;

/**
 * One payload of many on one line: verdict (where there is one), event, product or app, originalTransactionId and source; on a wide
 * terminal and in a pipe also signed date and environment. Texts are cut to their columns on a terminal only. Failures and problems
 * follow on indented lines. Each line ends in a newline.
 */
export function describeLine(document: PayloadDocument, view: LineView): string {
  const { verification } = document;
  const facts = factsOf(document);
  const columns = planColumns(document, view);
  const align = (text: string, width: number): string =>
    padTo(columns.isCut ? keepLastWords(text, width) : text, width);
  const id = purchaseCell(originalIdOf(document), view.columns);
  const cells = [
    ...(verification === undefined ? [] : [padTo(verification.verdict, VERDICT_WIDTH)]),
    ...(columns.hasDate ? [formatSecond(facts.signedAtMs)] : []),
    align(showText(facts.type), columns.event),
    ...(columns.hasEnvironment ? [padTo(showText(facts.environment ?? '–'), ENVIRONMENT_WIDTH)] : []),
    align(showText(facts.productId ?? facts.bundleId ?? '–'), columns.product),
    padTo(id.text, id.width ?? 0),
    ...(columns.source > 0 ? [keepEnd(showText(document.source), columns.source)] : []),
  ];
  return `${paintVerdict(cells.join(GAP).trimEnd(), verification, view)}\n${describeFaults(document, view)}`;
}

interface Columns {
  readonly hasDate: boolean;
  readonly hasEnvironment: boolean;
  readonly event: number;
  readonly product: number;
  /** 0 leaves the source out. */
  readonly source: number;
  readonly isCut: boolean;
}

/** The source of what Apple's notification history returned: the same on each line, so that its place goes to the signed date. */
const HISTORY_SOURCE = 'history';

function planColumns({ verification, source }: PayloadDocument, view: LineView): Columns {
  const hasSource = source !== HISTORY_SOURCE;
  const isWide = view.columns >= WIDE_COLUMNS;
  const hasDate = isWide || !hasSource;
  if (!Number.isFinite(view.columns))
    return { ...PIPE_COLUMNS, hasDate, hasEnvironment: true, source: hasSource ? view.columns : 0, isCut: false };
  const verdict = verification === undefined ? 0 : Math.max(VERDICT_WIDTH, verification.verdict.length);
  const others = [
    SHORT_PURCHASE_WIDTH,
    ...(verdict > 0 ? [VERDICT_WIDTH] : []),
    ...(hasDate ? [SECOND_WIDTH] : []),
    ...(isWide ? [ENVIRONMENT_WIDTH] : []),
  ];
  const gaps = GAP.length * (others.length + (hasSource ? 2 : 1));
  const room = Math.max(NARROWEST_COLUMNS, view.columns) - gaps - others.reduce((sum, width) => sum + width, 0);
  const event = Math.min(MAX_EVENT_WIDTH, Math.floor(room * (hasSource ? 0.42 : 0.6)));
  const product = Math.min(MAX_PRODUCT_WIDTH, hasSource ? Math.floor(room * 0.31) : room - event);
  return {
    hasDate,
    hasEnvironment: isWide,
    event: event - Math.max(0, verdict - VERDICT_WIDTH),
    product,
    source: hasSource ? room - event - product : 0,
    isCut: true,
  };
}

const WORD_START = /(?<=[._-])[^._-]/g;

/** The last words of a type or product id in at most `width` cells: `…RENEWAL_STATUS.AUTO_RENEW_DISABLED`. */
export function keepLastWords(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  for (const { index } of text.matchAll(WORD_START))
    if (widthOf(text.slice(index)) < width) return `…${text.slice(index)}`;
  return keepEnd(text, width);
}

/** Ids are strings in every kind but version 1, which is shown without. */
function originalIdOf({ kind, transaction, renewalInfo, realtimeRequest }: PayloadDocument): string | null {
  if (kind === 'notificationV1') return null;
  const id = (transaction ?? renewalInfo ?? realtimeRequest)?.originalTransactionId;
  return typeof id === 'string' && id !== '' ? id : null;
}

function paintVerdict(line: string, verification: Verification | undefined, { paint }: LineView): string {
  if (verification === undefined || paint.level === 0) return line;
  const { verdict } = verification;
  const colour = verdict === 'valid' ? paint.green : verdict === 'invalid' ? paint.red.bold : paint.yellow;
  return colour(verdict) + line.slice(verdict.length);
}

/** One sentence for each failure, indented below the line. */
function describeFaults(document: PayloadDocument, { paint, columns }: LineView): string {
  const colour = document.verification?.verdict === 'invalid' ? paint.red : paint.yellow;
  const lines = faultsOf(document).flatMap(({ code, found }) =>
    laySentence(`${code}  ${found}`, { columns: columns - GAP.length }, true).map((line, index) =>
      index === 0 ? colour(code) + line.slice(code.length) : line,
    ),
  );
  return lines.map((line) => `${GAP}${line}\n`).join('');
}

interface Fault {
  readonly code: string;
  readonly found: string;
  readonly hint: string | undefined;
}

function faultsOf({ verification, problems = [] }: PayloadDocument): readonly Fault[] {
  const failed = verification?.checks.find(({ ok, reason }) => ok === false && reason === verification.reason);
  // The check of a token that could not be opened says the same as the problem.
  const others = problems.filter(({ code, token }) => failed?.reason !== code || failed.token !== token);
  return [...(failed === undefined ? [] : [checkToFault(failed)]), ...others.map(problemToFault)];
}

function checkToFault({ reason, id, token, expected, found, hint }: Check): Fault {
  const seen = found === undefined ? (reason === undefined ? '' : REASONS[reason].title) : showText(found);
  const wanted = expected === undefined ? '' : `, expected ${showText(expected)}`;
  return { code: reason ?? id, found: `${showText(token)} ${id}: ${seen}${wanted}`, hint };
}

function problemToFault({ code, token, message, hint }: Problem): Fault {
  return { code, found: `${showText(token)}: ${showText(message)}`, hint };
}

/** The first hint of each reason: a stream with a thousand alike shows it once, at its end. */
export type Hints = Readonly<Record<string, string>>;

/** Adds the hints of what {@link describeLine} shows of a document; the same object where it has none that is new. */
export function addHints(hints: Hints, document: PayloadDocument): Hints {
  let all = hints;
  for (const { code, hint } of faultsOf(document))
    if (hint !== undefined && !Object.hasOwn(all, code)) all = { ...all, [code]: hint };
  return all;
}

/** `Hints` and a row for each; '' without any. Ends in a newline. */
export function describeHints(hints: Hints, view: View): string {
  const rows = Object.entries(hints).map(([label, hint]) => ({ label, value: escapeText(hint) }));
  return rows.length === 0 ? '' : `${[view.paint.bold('Hints'), ...layRows(rows, view)].join('\n')}\n`;
}
