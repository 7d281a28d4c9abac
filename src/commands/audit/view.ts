import { type Attempt, type AuditReport, type Doubt, isTaken, type Sent } from '../../audit/report.js';
import type { OutputStream } from '../../cli/deps.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { countOf, groupDigits } from '../../terminal/format.js';
import { joinParts, layRows, laySentence, type Row, type View } from '../../terminal/layout.js';
import { padTo, widthOf, wrapText } from '../../terminal/width.js';

/** For stderr, before anything is sent: what is about to be done, and under whose name. */
export function describeAuditStart(
  { rootPath, control, isAppKnown }: { rootPath: string; control: boolean; isAppKnown: boolean },
  { paint, columns }: Pick<OutputStream, 'paint' | 'columns'>,
): string {
  const sentences = [
    `Forgeries with made-up ids, at most 20 requests a second. Where Apple's part is played, ${escapeText(rootPath)} is the root.`,
    ...(control && !isAppKnown ? ['No --bundle-id is set: com.example.app is written in.'] : []),
  ];
  return `${sentences
    .flatMap((sentence) => laySentence(sentence, { columns }))
    .map((line) => paint.dim(line))
    .join('\n')}\n\n`;
}

/** The whole report for people: controls, the rest in a line each, findings with their explanation, and the verdict last. */
export function describeAudit(report: AuditReport, view: View): string {
  const { paint } = view;
  const of = (believed: boolean | null): readonly Attempt[] =>
    report.attempts.filter((attempt) => attempt.believed === believed);
  const verdict = describeVerdict(report);
  return joinParts([
    [`${paint.bold('audit')}  ${escapeText(report.url)}`],
    titled(
      'control',
      report.controls.flatMap((control) => layControl(control, view)),
      view,
    ),
    titled(
      'not believed',
      of(false).flatMap((attempt) => layAttempt(attempt, view)),
      view,
    ),
    titled('cannot be told', layUndecided(of(null), report, view), view),
    titled('observed, no fault by itself', layRows(report.observations.map(toRow), view), view),
    titled('not tried', layNotTried(report, view), view),
    ...groupFindings(of(true)).map((group) => layFindings(group, view)),
    [
      ...laySentence(verdict.charAt(0).toUpperCase() + verdict.slice(1), view).map((line) => paint.bold(line)),
      ...layAfterword(report, view),
    ],
  ]);
}

function titled(title: string, lines: readonly string[], { paint }: View): readonly string[] {
  return lines.length === 0 ? [] : [paint.bold(title), ...lines];
}

const NARROWEST = 24;

/** A head, and beside it a text that is wrapped below itself. What is untrusted in it never begins a line. */
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

/** What is said of one request behind its title. */
function restOf({ tookEffect, failure }: Pick<Sent, 'tookEffect' | 'failure'>): string {
  const effect = tookEffect === null ? '' : tookEffect ? ', took effect' : ', took no effect';
  return failure === null ? effect : `${effect}: ${showText(failure)}`;
}

function layControl(control: AuditReport['controls'][number], view: View): readonly string[] {
  const { paint } = view;
  const isRight = control.kind === 'good' ? isTaken(control) : control.httpStatus !== null && !isTaken(control);
  const head = `${isRight ? '✓' : '!'} ${statusOf(control)}`;
  const colour = isRight ? paint.green : paint.yellow;
  return layBeside(head, colour(head), control.title + restOf(control), view);
}

function layAttempt(attempt: Attempt, view: View): readonly string[] {
  const { paint } = view;
  const isRefused = attempt.believed === false;
  const mark = `${isRefused ? '✓' : '?'} ${statusOf(attempt)}`;
  const colour = isRefused ? paint.green : paint.yellow;
  const id = padTo(attempt.id, WIDEST_ID);
  return layBeside(`${mark}  ${id}`, `${colour(mark)}  ${id}`, attempt.title + restOf(attempt), view);
}

/** Where rubbish is answered 2xx, they are all alike, and only their number counts. */
function layUndecided(undecided: readonly Attempt[], { doubt }: AuditReport, view: View): readonly string[] {
  const alike = undecided.filter((attempt) => doubt === 'answers-before-it-checks' && isTaken(attempt));
  const others = undecided.filter((attempt) => !alike.includes(attempt));
  const mark = '? 2xx';
  const text = `${countOf(alike.length, 'attempt')} to forge a notification, answered as rubbish is`;
  return [
    ...(alike.length === 0 ? [] : layBeside(mark, view.paint.yellow(mark), text, view)),
    ...others.flatMap((attempt) => layAttempt(attempt, view)),
  ];
}

function toRow({ title, seen, note }: AuditReport['observations'][number]): Row {
  return seen === null ? { label: title, value: note, tone: 'quiet' } : { label: title, value: seen, remark: note };
}

function layNotTried({ notMade, notSent }: AuditReport, view: View): readonly string[] {
  const rows: Row[] = notMade.map(({ id, why }) => ({ label: id, value: why, tone: 'quiet' }));
  if (notSent.length > 0) rows.push({ label: 'not sent', value: notSent.join(', '), tone: 'quiet' });
  return layRows(rows, view);
}

/** Findings that mean the same and are closed in the same way are explained once, the worst first. */
function groupFindings(findings: readonly Attempt[]): readonly (readonly Attempt[])[] {
  const groups = new Map<string, Attempt[]>();
  for (const finding of findings) {
    const { severity, gain, fix } = finding;
    const key = [severity, gain, fix].join('\n');
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
    { label: 'gain', value: first?.gain ?? '' },
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
  return layBeside(head, `${colour(mark)}  ${status}  ${paint.bold(id)}`, title + restOf(attempt), view);
}

function layAfterword(report: AuditReport, view: View): readonly string[] {
  const { doubt } = report;
  const sentences = [...(doubt === null ? [] : [DOUBTS[doubt].hint]), ...describeLimits(report)];
  return sentences.flatMap((sentence) => laySentence(sentence, view)).map((line) => view.paint.dim(line));
}

/** Why there is no verdict, and what to do about it. */
export const DOUBTS: Readonly<Record<Doubt, { readonly why: string; readonly hint: string }>> = {
  'answers-before-it-checks': {
    why: 'it answers 2xx to rubbish too, so a 2xx says nothing',
    hint: 'Give --effect COMMAND, which looks whether an attempt took effect (exit 0); or answer after checking.',
  },
  'refuses-everything': {
    why: 'it refuses a notification in order as well, so a refusal says nothing',
    hint: 'Trust the root of storewire authority --pem there, and give --bundle-id, --app-apple-id and --environment as it expects them.',
  },
  'effect-of-rubbish': {
    why: 'the program of --effect says that rubbish took effect',
    hint: 'It must end with 0 only where STOREWIRE_NOTIFICATION_UUID or STOREWIRE_ORIGINAL_TRANSACTION_ID is in your data.',
  },
  'effect-never-seen': {
    why: 'the program of --effect says that a notification in order took no effect either',
    hint: 'See that it looks in the right place, and that the root of storewire authority --pem is trusted there.',
  },
  'nothing-there': {
    why: 'nothing came back but 404, 503 or the like: no endpoint for notifications seems to be there',
    hint: 'Check the path, and that it runs; storewire check URL tells more.',
  },
  unanswered: {
    why: 'some were not answered, or were turned away for their number',
    hint: 'See that the endpoint stays up and takes 20 requests a second, then run it again.',
  },
  deadline: { why: 'the time was up before all was sent', hint: 'Give a longer --timeout.' },
};

/** The verdict in one sentence. */
export function describeVerdict({ verdict, doubt, attempts }: AuditReport): string {
  const believed = attempts.filter((attempt) => attempt.believed === true).length;
  const all = attempts.length === 1 ? '1 forgery' : `${groupDigits(attempts.length)} forgeries`;
  if (verdict === 'unsafe') return `unsafe: it believed ${believed} of ${all}`;
  if (doubt !== null) return `inconclusive: ${DOUBTS[doubt].why}`;
  return `safe: it believed none of ${all}`;
}

/** What the verdict leaves open; empty where it leaves nothing. */
function describeLimits({ verdict, attempts, trustsAuthority }: AuditReport): readonly string[] {
  if (verdict === 'inconclusive') return [];
  const resting = attempts.filter(({ rests, believed }) => rests === 'authority' && believed === false).length;
  if (trustsAuthority === true || resting === 0) return [];
  const others = attempts.some(({ rests }) => rests === 'apple')
    ? ''
    : ', or --genuine FILE with tokens of the App Store';
  return [
    `${resting} that were not believed are signed under the test authority, and an endpoint that trusts Apple alone refuses them before it comes to their defect.`,
    `To look behind that: --control where the root of storewire authority --pem is trusted${others}.`,
  ];
}
