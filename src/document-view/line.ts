import type { Check, PayloadDocument, Problem, Verification } from '../notification/document.js';
import { factsOf } from '../notification/facts.js';
import { REASONS } from '../notification/reasons.js';
import { escapeText, showText } from '../terminal/escape.js';
import { formatSecond } from '../terminal/format.js';
import { laySentence, type View } from '../terminal/layout.js';
import { keepEnd, padTo, widthOf } from '../terminal/width.js';

/** Long enough for `invalid`; the rare `undetermined` pushes the rest of its line. */
const VERDICT_WIDTH = 7;

const ENVIRONMENT_WIDTH = 'Production'.length;

/** Fits DID_CHANGE_RENEWAL_PREF and everything shorter; longer ones push the rest of their line, as far as it has room. */
const NARROW_TYPE_WIDTH = 24;

const WIDE_TYPE_WIDTH = 34;

const PRODUCT_WIDTH = 32;

/** A source cut to less than this says nothing. */
const LEAST_SOURCE_WIDTH = 12;

const WIDE = 120;

const GAP = '  ';

/**
 * One payload of many on one line: verdict (where there is one), moment it was signed, type, environment, and as far as `columns` allow
 * product or app, and source. What failed or could not be opened is told below it, indented. Each line ends in a newline.
 */
export function describeLine(document: PayloadDocument, view: Pick<View, 'paint' | 'columns'>): string {
  const facts = factsOf(document);
  const { verification } = document;
  const isWide = view.columns >= WIDE;
  const before = [
    ...(verification === undefined ? [] : [padTo(verification.verdict, VERDICT_WIDTH)]),
    formatSecond(facts.signedAtMs),
  ];
  const after = [
    padTo(showText(facts.environment ?? '–'), ENVIRONMENT_WIDTH),
    ...(isWide
      ? [padTo(keepEnd(showText(facts.productId ?? facts.bundleId ?? '–'), PRODUCT_WIDTH), PRODUCT_WIDTH)]
      : []),
  ];
  const taken = [...before, ...after].reduce((sum, cell) => sum + widthOf(cell) + GAP.length, 0);
  const type = padTo(keepEnd(showText(facts.type), view.columns - taken), isWide ? WIDE_TYPE_WIDTH : NARROW_TYPE_WIDTH);
  const line = withSource([...before, type, ...after].join(GAP), document.source, view);
  return `${paintVerdict(line, verification, view)}\n${describeFault(document, view)}`;
}

function withSource(start: string, source: string, { columns }: Pick<View, 'columns'>): string {
  const room = columns - widthOf(start) - GAP.length;
  return room < LEAST_SOURCE_WIDTH ? start.trimEnd() : `${start}${GAP}${keepEnd(showText(source), room)}`;
}

function paintVerdict(line: string, verification: Verification | undefined, { paint }: Pick<View, 'paint'>): string {
  if (verification === undefined || paint.level === 0) return line;
  const { verdict } = verification;
  const colour = verdict === 'valid' ? paint.green : verdict === 'invalid' ? paint.red.bold : paint.yellow;
  return colour(verdict) + line.slice(verdict.length);
}

/** What is wrong and where, then what to do: wrapped, as a stream may hold thousands and each must stay readable. */
function describeFault(document: PayloadDocument, view: Pick<View, 'paint' | 'columns'>): string {
  const { verification, problems = [] } = document;
  const failed = verification?.checks.find(({ ok, reason }) => ok === false && reason === verification.reason);
  if (failed === undefined && problems.length === 0) return '';
  const faults = [...(failed === undefined ? [] : [faultOf(failed)]), ...problems.map(problemToFault)];
  const source = showText(document.source);
  const lines = faults.flatMap(({ code, what, hint }) => [
    ...laySentence(`${code}  ${source}  ${what}`, { columns: view.columns - GAP.length }, true),
    ...(hint === undefined
      ? []
      : laySentence(`hint: ${escapeText(hint)}`, { columns: view.columns - GAP.length }, true).map((line) =>
          view.paint.dim(line),
        )),
  ]);
  return lines.map((line) => `${GAP}${line}\n`).join('');
}

interface Fault {
  readonly code: string;
  readonly what: string;
  readonly hint: string | undefined;
}

function faultOf({ reason, id, token, expected, found, hint }: Check): Fault {
  const said = found === undefined ? (reason === undefined ? '' : REASONS[reason].title) : showText(found);
  const wanted = expected === undefined ? '' : `, expected ${showText(expected)}`;
  return { code: reason ?? id, what: `${showText(token)} ${id}: ${said}${wanted}`, hint };
}

function problemToFault({ code, token, message, hint }: Problem): Fault {
  return { code, what: `${showText(token)}: ${showText(message)}`, hint };
}
