import { APP_NOT_CHECKED } from '../notification/check-app.js';
import type { Check } from '../notification/document.js';
import { CHECK_IDS, isUndetermined } from '../notification/reasons.js';
import { showText } from '../terminal/escape.js';
import { groupDigits } from '../terminal/format.js';
import { laySentence, type View } from '../terminal/layout.js';
import { padTo, widthOf } from '../terminal/width.js';

type Outcome = 'passed' | 'failed' | 'undetermined' | 'skipped';

const SYMBOLS: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', undetermined: '?', skipped: '–' };

const OUTCOMES = Object.keys(SYMBOLS) as readonly Outcome[];

const HEADING = 'Checks';

const GAP = '  ';

const ID_WIDTH = Math.max(...CHECK_IDS.map((id) => id.length));

/** A genuine notification has three tokens. Columns beyond this would leave no room for the findings. */
const MAX_COLUMNS = 9;

const MIN_FINDING_WIDTH = 24;

/**
 * All checks on one line: `Checks  38 passed, 15 skipped (revocation: add --online; app: add --bundle-id)`. `namesFlags`: the command
 * that shows this takes the flags of `verify`, so that the ones that would have run a skipped check are named.
 */
export function layCheckTotals(checks: readonly Check[], namesFlags: boolean, view: View): readonly string[] {
  const counts = OUTCOMES.flatMap((outcome) => {
    const count = countOutcome(checks, outcome);
    return count === 0 ? [] : [`${groupDigits(count)} ${outcome}`];
  });
  const flags = namesFlags ? missingFlags(checks) : [];
  const reasons = flags.length === 0 ? '' : ` (${flags.join('; ')})`;
  const indent = ' '.repeat(HEADING.length + GAP.length);
  const lines = laySentence(counts.join(', ') + reasons, { columns: view.columns - indent.length });
  return lines.map((line, index) => (index === 0 ? `${view.paint.bold(HEADING)}${GAP}${line}` : indent + line));
}

/** The checks of all tokens as one table: a line for each check, a column for each token, then what was found. */
export function layCheckMatrix(checks: readonly Check[], view: View): readonly string[] {
  const all = [...new Set(checks.map(({ token }) => token))];
  const tokens = all.slice(0, MAX_COLUMNS);
  const ids = CHECK_IDS.filter((id) => checks.some((check) => check.id === id));
  return [
    layLegend(checks, view),
    ...layTokens(tokens, all.length - tokens.length, view),
    ...ids.flatMap((id) =>
      layMatrixRow(
        id,
        tokens.map((token) => checks.find((check) => check.id === id && check.token === token)),
        view,
      ),
    ),
  ];
}

/** The first flag that would have run the skipped checks of a group, as their details name it: `revocation: add --online`. */
function missingFlags(checks: readonly Check[]): readonly string[] {
  const groups = new Map<string, string>();
  // The line below the totals names the flag.
  const isAppNamed = checks.some(({ detail }) => detail?.startsWith(APP_NOT_CHECKED));
  for (const { id, ok, detail = '' } of checks) {
    const group = id.slice(0, id.indexOf('.'));
    const flag = ok === null ? /--[a-z][a-z-]*/.exec(detail)?.[0] : undefined;
    if (flag !== undefined && !groups.has(group) && !(isAppNamed && group === 'app')) groups.set(group, flag);
  }
  return [...groups].map(([group, flag]) => `${group}: add ${flag}`);
}

/** `Checks  ✓ 34 passed  ✗ 1 failed  – 13 skipped`: totals that explain the symbols below them. */
function layLegend(checks: readonly Check[], view: View): string {
  const parts = OUTCOMES.flatMap((outcome) => {
    const count = countOutcome(checks, outcome);
    return count === 0 ? [] : [`${paintSymbol(outcome, view)} ${groupDigits(count)} ${outcome}`];
  });
  return [view.paint.bold(HEADING), ...parts].join(GAP);
}

function layTokens(tokens: readonly string[], more: number, { paint, columns }: View): readonly string[] {
  if (tokens.length < 2) return [];
  const names = tokens.map((token, index) => `${GAP}${index + 1} ${showText(token)}`);
  const oneLine = names.join('');
  const numbers = `${GAP}${padTo('token', ID_WIDTH)}${GAP}${tokens.map((_, index) => index + 1).join(' ')}`;
  return [
    ...(widthOf(oneLine) <= columns ? [oneLine] : names),
    ...(more > 0 ? [`${GAP}and ${more} more tokens, shown by --json`] : []),
    numbers,
  ].map((line) => paint.dim(line));
}

function layMatrixRow(id: string, cells: readonly (Check | undefined)[], view: View): readonly string[] {
  const symbols = cells.map((check) => (check === undefined ? ' ' : paintSymbol(outcomeOf(check), view)));
  const margin = 2 * GAP.length + ID_WIDTH + 2 * cells.length - 1;
  const columns = Math.max(MIN_FINDING_WIDTH, view.columns - margin - GAP.length);
  const { text, paint } = findingOfRow(cells, view);
  return laySentence(text, { columns }, true).map((line, index) =>
    (index === 0
      ? `${GAP}${padTo(id, ID_WIDTH)}${GAP}${symbols.join(' ')}${GAP}${paint(line)}`
      : `${' '.repeat(margin)}${GAP}${paint(line)}`
    ).trimEnd(),
  );
}

/** The findings of a row, each once: those of the worst outcome, since they decide. */
function findingOfRow(
  cells: readonly (Check | undefined)[],
  { paint }: View,
): { readonly text: string; readonly paint: (text: string) => string } {
  const checks = cells.filter((check) => check !== undefined);
  const worst = (['failed', 'undetermined', 'passed', 'skipped'] as const).find((outcome) =>
    checks.some((check) => outcomeOf(check) === outcome),
  );
  const findings = new Set(checks.filter((check) => outcomeOf(check) === worst).map(findingOf));
  const colours = { failed: paint.red, undetermined: paint.yellow, passed: (text: string) => text, skipped: paint.dim };
  return { text: [...findings].join(', '), paint: colours[worst ?? 'skipped'] };
}

function findingOf(check: Check): string {
  return showText(check.found !== undefined && check.ok !== null ? check.found : (check.detail ?? check.found ?? ''));
}

/** An undetermined check, such as unknown revocation, is a failed one that says nothing against the payload. */
function outcomeOf({ ok, reason }: Check): Outcome {
  if (ok === null) return 'skipped';
  if (isUndetermined(reason)) return 'undetermined';
  return ok ? 'passed' : 'failed';
}

function countOutcome(checks: readonly Check[], outcome: Outcome): number {
  return checks.filter((check) => outcomeOf(check) === outcome).length;
}

function paintSymbol(outcome: Outcome, { paint }: Pick<View, 'paint'>): string {
  const colours = { passed: paint.green, failed: paint.red, undetermined: paint.yellow, skipped: paint.dim };
  return colours[outcome](SYMBOLS[outcome]);
}
