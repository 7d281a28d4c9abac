import {
  type AuditReport,
  type AuditResponse,
  type Control,
  type ForgeryAttempt,
  isSuccess,
  type Observation,
} from '../../audit/report.js';
import type { IntermediaryKind } from '../../intermediary/mark.js';
import { type JunitCase, toJunit } from '../../reports/junit.js';
import { toJsonLine } from '../../terminal/json.js';
import { describeDiagnosis, describeVerdict, hintOf } from './verdict.js';

/** The JSON document of `audit`. Its field names are public and keep the spelling of their first release. */
export interface PrintedAudit
  extends Pick<
    AuditReport,
    | 'url'
    | 'verdict'
    | 'doubt'
    | 'sameRefusal'
    | 'interrupted'
    | 'observations'
    | 'notSent'
    | 'notMade'
    | 'trustsAuthority'
  > {
  readonly diagnosis: string | null;
  readonly guard: { readonly name: string; readonly kind: IntermediaryKind; readonly fix: string | null } | null;
  readonly counts: AttemptCounts;
  readonly attempts: readonly PrintedAttempt[];
  readonly controls: readonly PrintedControl[];
}

type PrintedAttempt = PrintedAnswer<Omit<ForgeryAttempt, 'impact' | 'requires'>> & {
  readonly gain: string;
  readonly rests: ForgeryAttempt['requires'];
};

type PrintedControl = PrintedAnswer<Omit<Control, 'kind'>> & { readonly kind: 'rubbish' | 'good' };

type PrintedAnswer<Sent extends Pick<AuditResponse, 'text' | 'intermediary'>> = Omit<Sent, 'text' | 'intermediary'> & {
  readonly answer: string;
  readonly intermediary: string | null;
};

interface AttemptCounts {
  readonly sent: number;
  readonly believed: number;
  readonly refused: number;
  readonly undecided: number;
}

export function auditToJson(report: AuditReport): string {
  const { url, verdict, doubt, guard, diagnosis, attempts, controls, startedAtMs, elapsedMs, ...rest } = report;
  return toJsonLine({
    url,
    verdict,
    doubt,
    diagnosis: diagnosis?.text ?? null,
    guard: guard === null ? null : { name: guard.name, kind: guard.kind, fix: hintOf({ guard, url }, 'guarded') },
    counts: countAttempts(attempts),
    attempts: attempts.map(({ id, believed, httpStatus, severity, title, fix, impact, requires, ...more }) => ({
      ...{ id, believed, httpStatus, severity, title, fix, gain: impact, rests: requires },
      ...renameText(more),
    })),
    controls: controls.map(({ kind, ...control }) => ({ ...renameText(control), kind: JSON_KIND[kind] })),
    ...rest,
  } satisfies PrintedAudit);
}

/** Values of `kind` in JSON. */
const JSON_KIND: Readonly<Record<Control['kind'], PrintedControl['kind']>> = { invalid: 'rubbish', valid: 'good' };

/** Number of forgeries sent, accepted, rejected and inconclusive. */
function countAttempts(attempts: AuditReport['attempts']): AttemptCounts {
  const count = (believed: boolean | null): number => attempts.filter((each) => each.believed === believed).length;
  return { sent: attempts.length, believed: count(true), refused: count(false), undecided: count(null) };
}

function renameText<T extends Pick<AuditResponse, 'text' | 'intermediary'>>({
  text,
  intermediary,
  ...sent
}: T): PrintedAnswer<T> {
  return { ...sent, answer: text, intermediary: intermediary?.name ?? null };
}

const STATUS_OF_VERDICT = { safe: 'pass', unsafe: 'fail', inconclusive: 'error' } as const;

/** JUnit XML: a case for the verdict and for each request. An accepted forgery is a failure, an inconclusive one an error. */
export function auditToJunit(report: AuditReport): string {
  const { url, controls, attempts, observations, startedAtMs, elapsedMs } = report;
  return toJunit({
    name: `storewire audit ${url}`,
    startedAtMs,
    seconds: elapsedMs / 1_000,
    cases: [
      verdictCase(report),
      ...controls.map(controlCase),
      ...attempts.map(attemptCase),
      ...observations.map(observationCase),
    ],
  });
}

function verdictCase(report: AuditReport): JunitCase {
  const { verdict, doubt, diagnosis } = report;
  const sentence = describeDiagnosis(report);
  return {
    ...{ id: 'verdict', group: 'audit', status: STATUS_OF_VERDICT[verdict], seconds: null },
    message: sentence === null ? describeVerdict(report) : `${describeVerdict(report)}. ${sentence}`,
    detail: [
      ...(diagnosis === null ? [] : [`Fix: ${diagnosis.fix}`]),
      ...(doubt === null ? [] : [hintOf(report, doubt)]),
    ],
  };
}

function controlCase(control: Control): JunitCase {
  const { id, kind, title, ms } = control;
  const isRight = kind === 'valid' ? isSuccess(control) : control.httpStatus !== null && !isSuccess(control);
  const what = kind === 'valid' ? 'a valid notification' : 'garbage input';
  const verb = control.httpStatus === null ? 'no result of' : isSuccess(control) ? 'accepted' : 'rejected';
  const message = `${verb} ${what} (${title}): ${describeAnswer(control)}`;
  // A TEST may be accepted and a renewal rejected: only the verdict decides.
  const status = isRight ? 'pass' : 'warn';
  return { id, group: 'audit.control', status, message, detail: [], seconds: ms / 1_000 };
}

function attemptCase(attempt: ForgeryAttempt): JunitCase {
  const { id, severity, title, believed, impact, fix, appleCheck, ms } = attempt;
  const status = believed === null ? 'error' : believed ? 'fail' : 'pass';
  const verb = believed === null ? 'inconclusive' : believed ? 'accepted a forgery' : 'rejected';
  return {
    ...{ id, group: `audit.${severity}`, status, seconds: ms / 1_000 },
    message: `${verb}: ${title} (${describeAnswer(attempt)})`,
    detail: believed === true ? [`Impact: ${impact}`, `Fix: ${fix}`, `Apple's libraries: ${appleCheck}`] : [],
  };
}

function observationCase({ id, title, seen, note }: Observation): JunitCase {
  const status = seen === null ? 'skip' : 'pass';
  const message = seen === null ? note : `${title}: ${seen}`;
  return { id, group: 'audit.observed', status, message, detail: seen === null ? [] : [note], seconds: null };
}

/** Response and effect of one request. Not escaped. */
export function describeAnswer({
  httpStatus,
  tookEffect,
  failure,
}: Pick<ForgeryAttempt, 'httpStatus' | 'tookEffect' | 'failure'>): string {
  const answer = httpStatus === null ? `no response (${failure ?? 'unknown'})` : `answered ${httpStatus}`;
  return tookEffect === null ? answer : `${answer}, ${tookEffect ? 'took effect' : 'took no effect'}`;
}
