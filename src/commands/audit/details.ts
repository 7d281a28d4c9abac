import { type AuditReport, type ForgeryAttempt, isSuccess, type SentRequest } from '../../audit/report.js';
import { showText } from '../../terminal/escape.js';
import { layRows, type Row, type View } from '../../terminal/layout.js';
import { padTo, widthOf, wrapText } from '../../terminal/width.js';
import { groupFindings } from './findings.js';
import { countForgeries } from './verdict.js';

/** The sections of `-v`: controls, every other request, observations, and each finding explained. */
export function layDetails(report: AuditReport, view: View): readonly (readonly string[])[] {
  const of = (believed: boolean | null): readonly ForgeryAttempt[] =>
    report.attempts.filter((attempt) => attempt.believed === believed);
  const controls = report.controls.flatMap((control) => layControl(control, view));
  const rejected = of(false).flatMap((attempt) => layAttempt(attempt, view));
  return [
    titled('Controls', controls, view),
    titled('Rejected', rejected, view),
    titled('Inconclusive', layUndecided(of(null), report, view), view),
    titled('Observations (not findings)', layRows(report.observations.map(toRow), view), view),
    titled('Not sent', layNotSent(report, view), view),
    ...groupFindings(of(true)).map((group) => layFindings(group, view)),
  ];
}

function titled(title: string, lines: readonly string[], { paint }: View): readonly string[] {
  return lines.length === 0 ? [] : [paint.bold(title), ...lines];
}

const NARROWEST = 24;

/** Text wrapped beside its head; continuation lines are marked, as untrusted text must not begin a line. */
function layBeside(head: string, paintedHead: string, text: string, { columns, paint }: View): readonly string[] {
  const at = widthOf(head) + 2;
  const [first = '', ...rest] = wrapText(text, Math.max(NARROWEST, columns - at));
  return [`${paintedHead}  ${first}`, ...rest.map((line) => `${' '.repeat(at - 2)}${paint.dim('↳')} ${line}`)];
}

const STATUS_WIDTH = 3;

export const WIDEST_ID = 'forged.intermediate-without-oid'.length;

export function statusCell({ httpStatus }: Pick<SentRequest, 'httpStatus'>): string {
  return padTo(httpStatus === null ? '–' : String(httpStatus), STATUS_WIDTH);
}

/** Effect and failure of one request, after its title. */
export function suffixOf({ tookEffect, failure }: Pick<SentRequest, 'tookEffect' | 'failure'>): string {
  const effect = tookEffect === null ? '' : tookEffect ? ', took effect' : ', took no effect';
  return failure === null ? effect : `${effect}: ${showText(failure)}`;
}

function layControl(control: AuditReport['controls'][number], view: View): readonly string[] {
  const { paint } = view;
  const isRight = control.kind === 'valid' ? isSuccess(control) : control.httpStatus !== null && !isSuccess(control);
  const head = `${isRight ? '✓' : '!'} ${statusCell(control)}`;
  const colour = isRight ? paint.green : paint.yellow;
  return layBeside(head, colour(head), control.title + suffixOf(control), view);
}

function layAttempt(attempt: ForgeryAttempt, view: View): readonly string[] {
  const { paint } = view;
  const isRefused = attempt.believed === false;
  const mark = `${isRefused ? '✓' : '?'} ${statusCell(attempt)}`;
  const colour = isRefused ? paint.green : paint.yellow;
  const id = padTo(attempt.id, WIDEST_ID);
  return layBeside(`${mark}  ${id}`, `${colour(mark)}  ${id}`, attempt.title + suffixOf(attempt), view);
}

/** If garbage input is answered 2xx, the forgeries answered alike are only counted. */
function layUndecided(undecided: readonly ForgeryAttempt[], { doubt }: AuditReport, view: View): readonly string[] {
  const alike = undecided.filter((attempt) => doubt === 'answers-before-it-checks' && isSuccess(attempt));
  const others = undecided.filter((attempt) => !alike.includes(attempt));
  const mark = '? 2xx';
  const text = `${countForgeries(alike.length)} answered like garbage input`;
  return [
    ...(alike.length === 0 ? [] : layBeside(mark, view.paint.yellow(mark), text, view)),
    ...others.flatMap((attempt) => layAttempt(attempt, view)),
  ];
}

function toRow({ title, seen, note }: AuditReport['observations'][number]): Row {
  return seen === null ? { label: title, value: note, tone: 'quiet' } : { label: title, value: seen, remark: note };
}

function layNotSent({ notMade, notSent }: AuditReport, view: View): readonly string[] {
  const rows: Row[] = notMade.map(({ id, why }) => ({ label: id, value: why, tone: 'quiet' }));
  if (notSent.length > 0) rows.push({ label: 'stopped early', value: notSent.join(', '), tone: 'quiet' });
  return layRows(rows, view);
}

function layFindings(group: readonly ForgeryAttempt[], view: View): readonly string[] {
  const [first] = group;
  const checks = [...new Set(group.map(({ appleCheck }) => appleCheck))];
  const rows: Row[] = [
    { label: 'impact', value: first?.impact ?? '' },
    { label: 'fix', value: first?.fix ?? '' },
    ...checks.map((value) => ({ label: 'Apple', value })),
  ];
  return [...group.flatMap((attempt) => layFinding(attempt, view)), ...layRows(rows, view)];
}

function layFinding(attempt: ForgeryAttempt, view: View): readonly string[] {
  const { paint } = view;
  const { severity, id, title } = attempt;
  const colour = severity === 'critical' ? paint.red : paint.yellow;
  const mark = `✗ ${severity}`;
  const status = statusCell(attempt);
  const head = `${mark}  ${status}  ${id}`;
  return layBeside(head, `${colour(mark)}  ${status}  ${paint.bold(id)}`, title + suffixOf(attempt), view);
}
