import type { Check } from '../notification/document.js';
import { CHECK_IDS } from '../notification/reasons.js';
import { showText } from '../terminal/escape.js';
import { groupDigits } from '../terminal/format.js';
import { layRows, type Row, type View } from '../terminal/layout.js';
import { keepStart, padTo, widthOf } from '../terminal/width.js';

type Outcome = 'passed' | 'failed' | 'undetermined' | 'not looked at';

const SYMBOLS: Readonly<Record<Outcome, string>> = {
  passed: '✓',
  failed: '✗',
  undetermined: '?',
  'not looked at': '–',
};

const ID_WIDTH = Math.max(...CHECK_IDS.map((id) => id.length));

/** Columns of the matrix; a genuine notification has three tokens, what has more is told in the long list. */
const MOST_TOKENS = 9;

/**
 * The checks of all tokens as one table: a line for each check, a column for each token, then what was found. 18 lines where a list
 * would have 50, so that the verdict stays on the screen.
 */
export function layCheckMatrix(checks: readonly Check[], view: View): readonly string[] {
  const all = tokensOf(checks);
  const tokens = all.slice(0, MOST_TOKENS);
  const shown = CHECK_IDS.filter((id) => checks.some((check) => check.id === id));
  return [
    layTotals(checks, view),
    ...layTokens(tokens, all.length, view),
    ...shown.map((id) =>
      layMatrixRow(
        id,
        tokens.map((token) => checks.find((check) => check.id === id && check.token === token)),
        view,
      ),
    ),
  ];
}

/** Every check of every token with what was expected and found: nothing is left out. */
export function layCheckList(checks: readonly Check[], view: View): readonly string[] {
  return [
    layTotals(checks, view),
    ...tokensOf(checks).flatMap((token) => [
      '',
      `  ${view.paint.bold(showText(token))}`,
      ...checks.filter((check) => check.token === token).flatMap((check) => layListed(check, view)),
    ]),
  ];
}

function tokensOf(checks: readonly Check[]): readonly string[] {
  return [...new Set(checks.map(({ token }) => token))];
}

/** `Checks  ✓ 34 passed  ✗ 1 failed  – 13 not looked at`: totals, and what the symbols mean. */
function layTotals(checks: readonly Check[], view: View): string {
  const parts = (Object.keys(SYMBOLS) as Outcome[]).flatMap((outcome) => {
    const count = checks.filter((check) => outcomeOf(check) === outcome).length;
    return count === 0 ? [] : [`${paintSymbol(outcome, view)} ${groupDigits(count)} ${outcome}`];
  });
  return [view.paint.bold('Checks'), ...parts].join('  ');
}

function layTokens(tokens: readonly string[], count: number, { paint, columns }: View): readonly string[] {
  if (tokens.length < 2) return [];
  const names = tokens.map((token, index) => `  ${index + 1} ${showText(token)}`);
  const oneLine = names.join('');
  const more = count > tokens.length ? [`  and ${count - tokens.length} more tokens, shown by --verbose`] : [];
  const numbers = `  ${padTo('', ID_WIDTH)}  ${tokens.map((_, index) => index + 1).join(' ')}`;
  return [...(widthOf(oneLine) <= columns ? [oneLine] : names), ...more, numbers].map((line) => paint.dim(line));
}

function layMatrixRow(id: string, cells: readonly (Check | undefined)[], view: View): string {
  const symbols = cells.map((check) => (check === undefined ? ' ' : paintSymbol(outcomeOf(check), view)));
  const room = view.columns - (2 + ID_WIDTH + 2 + 2 * cells.length - 1 + 2);
  return `  ${padTo(id, ID_WIDTH)}  ${symbols.join(' ')}  ${paintFinding(cells, room, view)}`.trimEnd();
}

/** What was found, on one line: where some tokens failed, theirs; else what all have in common, or as much of what differs as fits. */
function paintFinding(cells: readonly (Check | undefined)[], room: number, { paint }: View): string {
  const checks = cells.filter((check) => check !== undefined);
  const worst = (['failed', 'undetermined', 'passed', 'not looked at'] as const).find((outcome) =>
    checks.some((check) => outcomeOf(check) === outcome),
  );
  const findings = [...new Set(checks.filter((check) => outcomeOf(check) === worst).map(findingOf))];
  const [first = '', ...rest] = findings;
  const text = rest.reduce(
    (line, finding) => (widthOf(line) + 2 + widthOf(finding) <= room ? `${line}, ${finding}` : line),
    keepStart(first, room),
  );
  if (worst === 'failed') return paint.red(text);
  if (worst === 'undetermined') return paint.yellow(text);
  return worst === 'passed' ? text : paint.dim(text);
}

function layListed(check: Check, view: View): readonly string[] {
  const margin = ' '.repeat(ID_WIDTH + 4);
  const more =
    check.ok === true ? [] : layRows(explanationOf(check), { ...view, columns: view.columns - margin.length });
  return [
    `  ${paintSymbol(outcomeOf(check), view)} ${padTo(check.id, ID_WIDTH)}  ${findingOf(check)}`,
    ...more.map((line) => margin + line),
  ];
}

/** What stands below a check that did not pass: all that its own line does not say. */
function explanationOf(check: Check): readonly Row[] {
  return (['expected', 'found', 'detail', 'hint'] as const).flatMap((label): readonly Row[] => {
    const value = check[label];
    return value === undefined || showText(value) === findingOf(check) ? [] : [{ label, value: showText(value) }];
  });
}

function findingOf(check: Check): string {
  return showText(check.found !== undefined && check.ok !== null ? check.found : (check.detail ?? check.found ?? ''));
}

/** What could not be learnt is no failure: nothing is known against the payload. */
function outcomeOf({ ok, reason }: Check): Outcome {
  if (ok === null) return 'not looked at';
  if (reason === 'REVOCATION_UNKNOWN') return 'undetermined';
  return ok ? 'passed' : 'failed';
}

function paintSymbol(outcome: Outcome, { paint }: Pick<View, 'paint'>): string {
  const colours = { passed: paint.green, failed: paint.red, undetermined: paint.yellow, 'not looked at': paint.dim };
  return colours[outcome](SYMBOLS[outcome]);
}
