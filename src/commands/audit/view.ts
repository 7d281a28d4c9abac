import type { AuditReport, ForgeryAttempt } from '../../audit/report.js';
import type { OutputStream } from '../../cli/deps.js';
import { escapeText } from '../../terminal/escape.js';
import { groupDigits } from '../../terminal/format.js';
import { joinParts, laySentence, type View } from '../../terminal/layout.js';
import { keepStart, padTo, widthOf } from '../../terminal/width.js';
import { layDetails, statusCell, suffixOf, WIDEST_ID } from './details.js';
import { findingsOf } from './findings.js';
import { asSentence, describeDiagnosis, describeLimits, describeVerdict, hintOf } from './verdict.js';

/** Preamble for stderr, before anything is sent. `rootPath` is null if the root was named just before. */
export function describeAuditStart(
  { rootPath, control, isAppKnown }: { rootPath: string | null; control: boolean; isAppKnown: boolean },
  { paint, columns }: Pick<OutputStream, 'paint' | 'columns'>,
): string {
  const sentences = [
    `Sending forgeries with made-up ids, at most 20 requests a second.${rootPath === null ? '' : ` Test root: ${escapeText(rootPath)}`}`,
    ...(control && !isAppKnown ? ['No bundle id is configured: using com.example.app.'] : []),
  ];
  return `${sentences
    .flatMap((sentence) => laySentence(sentence, { columns }))
    .map((line) => paint.dim(line))
    .join('\n')}\n\n`;
}

/**
 * Text report: verdict and diagnosis, one table of the accepted forgeries, and the verdict again. On a terminal the report fits 24 lines of
 * 80 cells. `verbose` adds every other request, and explains each finding.
 */
export function describeAudit(report: AuditReport, view: View & { readonly verbose: boolean }): string {
  const { paint, verbose } = view;
  const verdict = layVerdict(report, view);
  const diagnosis = layDiagnosis(report, view);
  const opening = [`${paint.bold('audit')}  ${escapeText(report.url)}`, ...verdict, ...diagnosis];
  const afterword = layAfterword(report, view);
  const details = verbose ? layDetails(report, view) : [];
  const notes = verbose ? [] : layNotes(report, view);
  const findings = findingsOf(report);
  const isBounded = !verbose && Number.isFinite(view.columns);
  // Empty lines between the parts, the table's head and its last line, the verdict, and the prompt of the shell.
  const room = SCREEN_LINES - opening.length - notes.length - afterword.length - verdict.length - 6;
  const table = layTable(findings, isBounded ? Math.max(FEWEST_ROWS, room) : findings.length, view);
  const isLong = [...table, ...details.flat()].length > 0;
  return joinParts([opening, table, ...details, notes, [...(isLong ? verdict : []), ...afterword]]);
}

const SCREEN_LINES = 24;

const FEWEST_ROWS = 3;

function layVerdict(report: AuditReport, view: View): readonly string[] {
  const text = escapeText(asSentence(describeVerdict(report)));
  return laySentence(text, view, true).map((line) => view.paint.bold(line));
}

function layDiagnosis(report: AuditReport, view: View): readonly string[] {
  const sentence = describeDiagnosis(report);
  if (sentence === null || report.diagnosis === null) return [];
  const fix = laySentence(`Fix: ${report.diagnosis.fix}`, view);
  return [...laySentence(sentence, view).map((line) => view.paint.bold(line)), ...fix];
}

const SEVERITY_WIDTH = 'severity'.length;

/** Severity, id, status and title of each finding on one line; titles are cut at the width of a terminal. */
function layTable(findings: readonly ForgeryAttempt[], most: number, view: View): readonly string[] {
  if (findings.length === 0) return [];
  const { paint } = view;
  const shown = findings.length > most ? findings.slice(0, most - 1) : findings;
  const idWidth = Math.min(WIDEST_ID, Math.max(...shown.map(({ id }) => widthOf(id))));
  const head = `  ${padTo('severity', SEVERITY_WIDTH)}  ${padTo('id', idWidth)}  ${'status'}  title`;
  const rows = shown.map((attempt) => layRow(attempt, idWidth, view));
  const hidden = findings.length - shown.length;
  const rest = hidden === 0 ? [] : [paint.dim(`  … ${groupDigits(hidden)} more: add -v`)];
  return [paint.dim(keepStart(head, view.columns)), ...rows, ...rest];
}

function layRow(attempt: ForgeryAttempt, idWidth: number, view: View): string {
  const { severity, id, title } = attempt;
  const { paint, columns } = view;
  const colour = severity === 'critical' ? paint.red : paint.yellow;
  const mark = `✗ ${padTo(severity, SEVERITY_WIDTH)}`;
  const rest = `  ${padTo(id, idWidth)}  ${padTo(statusCell(attempt), 'status'.length)}  ${title}${suffixOf(attempt)}`;
  return `${colour(mark)}${keepStart(rest, columns - widthOf(mark))}`;
}

/** Counts of what the short report leaves out. */
function layNotes(report: AuditReport, view: View): readonly string[] {
  const count = (believed: boolean | null): number =>
    report.attempts.filter((attempt) => attempt.believed === believed).length;
  const parts = [
    `${count(false)} rejected`,
    ...(count(null) === 0 ? [] : [`${count(null)} inconclusive`]),
    ...(report.notSent.length === 0 ? [] : [`${report.notSent.length} not sent`]),
  ];
  const what = count(true) === 0 ? 'requests and observations' : 'impact, fixes, other requests and observations';
  return laySentence(`${asSentence(parts.join(', '))}. For ${what}: add -v`, view).map((line) => view.paint.dim(line));
}

function layAfterword(report: AuditReport, view: View): readonly string[] {
  const { doubt } = report;
  const sentences = [...(doubt === null ? [] : [hintOf(report, doubt)]), ...describeLimits(report)];
  return sentences.flatMap((sentence) => laySentence(sentence, view)).map((line) => view.paint.dim(line));
}
