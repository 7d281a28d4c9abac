import { type Attempt, type AuditReport, type Doubt, isSuccess, type Sent } from '../../audit/report.js';
import type { OutputStream } from '../../cli/deps.js';
import { adviseOnIntermediary } from '../../intermediary/identify.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { groupDigits } from '../../terminal/format.js';
import { joinParts, layRows, laySentence, type Row, type View } from '../../terminal/layout.js';
import { padTo, widthOf, wrapText } from '../../terminal/width.js';

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

/** Text report: the verdict, controls, one line per forgery, findings explained, and the verdict again after a long report. */
export function describeAudit(report: AuditReport, view: View): string {
  const { paint } = view;
  const of = (believed: boolean | null): readonly Attempt[] =>
    report.attempts.filter((attempt) => attempt.believed === believed);
  const verdict = layVerdict(report, view);
  const details = [
    titled(
      'Controls',
      report.controls.flatMap((control) => layControl(control, view)),
      view,
    ),
    titled(
      'Rejected',
      of(false).flatMap((attempt) => layAttempt(attempt, view)),
      view,
    ),
    titled('Inconclusive', layUndecided(of(null), report, view), view),
    titled('Observations (not findings)', layRows(report.observations.map(toRow), view), view),
    titled('Not sent', layNotSent(report, view), view),
    ...groupFindings(of(true)).map((group) => layFindings(group, view)),
  ];
  const isLong = details.flat().length > SCREEN_LINES;
  return joinParts([
    [`${paint.bold('audit')}  ${escapeText(report.url)}`, ...verdict],
    ...details,
    [...(isLong ? verdict : []), ...layAfterword(report, view)],
  ]);
}

/** A longer report repeats its verdict at the end. */
const SCREEN_LINES = 20;

function layVerdict(report: AuditReport, view: View): readonly string[] {
  const text = describeVerdict(report);
  return laySentence(text.charAt(0).toUpperCase() + text.slice(1), view).map((line) => view.paint.bold(line));
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

const WIDEST_ID = 'forged.intermediate-without-oid'.length;

function statusOf({ httpStatus }: Pick<Sent, 'httpStatus'>): string {
  return padTo(httpStatus === null ? '–' : String(httpStatus), STATUS_WIDTH);
}

/** Effect and failure of one request, after its title. */
function suffixOf({ tookEffect, failure }: Pick<Sent, 'tookEffect' | 'failure'>): string {
  const effect = tookEffect === null ? '' : tookEffect ? ', took effect' : ', took no effect';
  return failure === null ? effect : `${effect}: ${showText(failure)}`;
}

function layControl(control: AuditReport['controls'][number], view: View): readonly string[] {
  const { paint } = view;
  const isRight = control.kind === 'valid' ? isSuccess(control) : control.httpStatus !== null && !isSuccess(control);
  const head = `${isRight ? '✓' : '!'} ${statusOf(control)}`;
  const colour = isRight ? paint.green : paint.yellow;
  return layBeside(head, colour(head), control.title + suffixOf(control), view);
}

function layAttempt(attempt: Attempt, view: View): readonly string[] {
  const { paint } = view;
  const isRefused = attempt.believed === false;
  const mark = `${isRefused ? '✓' : '?'} ${statusOf(attempt)}`;
  const colour = isRefused ? paint.green : paint.yellow;
  const id = padTo(attempt.id, WIDEST_ID);
  return layBeside(`${mark}  ${id}`, `${colour(mark)}  ${id}`, attempt.title + suffixOf(attempt), view);
}

/** If garbage input is answered 2xx, the forgeries answered alike are only counted. */
function layUndecided(undecided: readonly Attempt[], { doubt }: AuditReport, view: View): readonly string[] {
  const alike = undecided.filter((attempt) => doubt === 'answers-before-it-checks' && isSuccess(attempt));
  const others = undecided.filter((attempt) => !alike.includes(attempt));
  const mark = '? 2xx';
  const text = `${alike.length === 1 ? '1 forgery' : `${groupDigits(alike.length)} forgeries`} answered like garbage input`;
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

/** Findings with the same impact and fix are explained once, most severe first. */
function groupFindings(findings: readonly Attempt[]): readonly (readonly Attempt[])[] {
  const groups = new Map<string, Attempt[]>();
  for (const finding of findings) {
    const { severity, impact, fix } = finding;
    const key = [severity, impact, fix].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].sort(([one], [other]) => rankOf(one) - rankOf(other));
}

const SEVERITIES = ['critical', 'high', 'medium'] as const;

function rankOf(attempt: Attempt | undefined): number {
  return attempt === undefined ? SEVERITIES.length : SEVERITIES.indexOf(attempt.severity);
}

function layFindings(group: readonly Attempt[], view: View): readonly string[] {
  const [first] = group;
  const checks = [...new Set(group.map(({ appleCheck }) => appleCheck))];
  const rows: Row[] = [
    { label: 'impact', value: first?.impact ?? '' },
    { label: 'fix', value: first?.fix ?? '' },
    ...checks.map((value) => ({ label: 'Apple', value })),
  ];
  return [...group.flatMap((attempt) => layFinding(attempt, view)), ...layRows(rows, view)];
}

function layFinding(attempt: Attempt, view: View): readonly string[] {
  const { paint } = view;
  const { severity, id, title } = attempt;
  const colour = severity === 'critical' ? paint.red : paint.yellow;
  const mark = `✗ ${severity}`;
  const status = statusOf(attempt);
  const head = `${mark}  ${status}  ${id}`;
  return layBeside(head, `${colour(mark)}  ${status}  ${paint.bold(id)}`, title + suffixOf(attempt), view);
}

function layAfterword(report: AuditReport, view: View): readonly string[] {
  const { doubt } = report;
  const sentences = [...(doubt === null ? [] : [hintOf(report, doubt)]), ...describeLimits(report)];
  return sentences.flatMap((sentence) => laySentence(sentence, view)).map((line) => view.paint.dim(line));
}

/** Reasons of an inconclusive verdict, with the next step. */
export const DOUBTS: Readonly<Record<Doubt, { readonly why: string; readonly hint: string }>> = {
  'answers-before-it-checks': {
    why: 'it answers 2xx to garbage input as well, so a 2xx proves nothing',
    hint: 'Pass --effect COMMAND, which exits 0 if an attempt took effect; or verify before answering.',
  },
  'refuses-everything': {
    why: 'it rejects a valid notification as well, so a rejection proves nothing',
    hint: 'Trust the root of storewire authority --pem in the endpoint, and pass the --bundle-id, --app-apple-id and --environment that it expects.',
  },
  'effect-of-rubbish': {
    why: '--effect reports that garbage input took effect',
    hint: 'It must exit 0 only if STOREWIRE_NOTIFICATION_UUID or STOREWIRE_ORIGINAL_TRANSACTION_ID is in your data.',
  },
  'effect-never-seen': {
    why: '--effect reports no effect of a valid notification either',
    hint: 'Check that it looks in the right place, and that the endpoint trusts the root of storewire authority --pem.',
  },
  'nothing-there': {
    why: 'every response was 404, 503 or similar: no notification endpoint found',
    hint: 'Check the path and that the endpoint runs. For details: storewire check URL',
  },
  guarded: {
    why: 'something in front of the handler answered, so nothing is known of the handler',
    hint: 'Let the path through, then run the audit again. For details: storewire check URL',
  },
  unanswered: {
    why: 'some requests got no response or were rate limited',
    hint: 'Make sure that the endpoint stays up and accepts 20 requests a second, then run the audit again.',
  },
  deadline: { why: 'timed out before everything was sent', hint: 'Raise --timeout.' },
};

/** The verdict on one line. */
export function describeVerdict({ verdict, doubt, guard, attempts }: AuditReport): string {
  const accepted = attempts.filter((attempt) => attempt.believed === true).length;
  const all = attempts.length === 1 ? '1 forgery' : `${groupDigits(attempts.length)} forgeries`;
  if (verdict === 'unsafe') return `unsafe: accepted ${accepted} of ${all}`;
  if (guard !== null) return `inconclusive: not answered by the handler but by ${guard.name}`;
  if (doubt !== null) return `inconclusive: ${DOUBTS[doubt].why}`;
  return `safe: accepted none of ${all}`;
}

/** The next step of an inconclusive verdict. */
export function hintOf({ guard, url }: Pick<AuditReport, 'guard' | 'url'>, doubt: Doubt): string {
  return guard === null ? DOUBTS[doubt].hint : `${adviseOnIntermediary(guard, new URL(url))} Then run the audit again.`;
}

/** Limits of the verdict; empty if there are none. */
function describeLimits({ verdict, attempts, trustsAuthority }: AuditReport): readonly string[] {
  if (verdict === 'inconclusive') return [];
  const untested = attempts.filter(({ requires, believed }) => requires === 'authority' && believed === false).length;
  if (trustsAuthority === true || untested === 0) return [];
  const alternative = attempts.some(({ requires }) => requires === 'apple')
    ? ''
    : ', or --genuine FILE with App Store tokens';
  return [
    `${untested} of the rejected forgeries are signed by the test authority: an endpoint that trusts only Apple rejects them for their root, before their own defect is checked.`,
    `To also test the checks after root trust: --control with the root of storewire authority --pem trusted by the endpoint${alternative}.`,
  ];
}
