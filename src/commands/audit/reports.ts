import {
  type Answer,
  type Attempt,
  type AuditReport,
  type Control,
  isTaken,
  type Observation,
} from '../../audit/report.js';
import { type JunitCase, toJunit } from '../../reports/junit.js';
import { toJsonLine } from '../../terminal/json.js';
import { DOUBTS, describeVerdict } from './view.js';

/** The one document of `audit --json`: what was believed, and all that was sent. */
export function auditToJson({ url, verdict, doubt, attempts, controls, ...rest }: AuditReport): string {
  return toJsonLine({
    url,
    verdict,
    doubt,
    counts: countAttempts(attempts),
    attempts: attempts.map(({ id, believed, httpStatus, severity, title, fix, ...more }) => ({
      ...{ id, believed, httpStatus, severity, title, fix },
      ...renameText(more),
    })),
    controls: controls.map(renameText),
    ...rest,
  });
}

/** How many forgeries were sent, and how many of them were believed, not believed, or could not be judged. */
function countAttempts(attempts: AuditReport['attempts']): Readonly<Record<string, number>> {
  const count = (believed: boolean | null): number => attempts.filter((each) => each.believed === believed).length;
  return { sent: attempts.length, believed: count(true), refused: count(false), undecided: count(null) };
}

function renameText<T extends Pick<Answer, 'text'>>({ text, ...sent }: T): object {
  return { ...sent, answer: text };
}

const STATUS_OF_VERDICT = { safe: 'pass', unsafe: 'fail', inconclusive: 'error' } as const;

/** One case for the verdict, and one for each thing that was sent: what was believed has failed, what cannot be told is an error. */
export function auditToJunit(report: AuditReport): string {
  const { url, controls, attempts, observations } = report;
  return toJunit({
    name: `storewire audit ${url}`,
    cases: [
      verdictCase(report),
      ...controls.map(controlCase),
      ...attempts.map(attemptCase),
      ...observations.map(observationCase),
    ],
  });
}

function verdictCase(report: AuditReport): JunitCase {
  const { verdict, doubt } = report;
  return {
    ...{ id: 'verdict', group: 'audit', status: STATUS_OF_VERDICT[verdict], seconds: null },
    message: describeVerdict(report),
    detail: doubt === null ? [] : [DOUBTS[doubt].hint],
  };
}

function controlCase(control: Control): JunitCase {
  const { id, kind, title, ms } = control;
  const isRight = kind === 'good' ? isTaken(control) : control.httpStatus !== null && !isTaken(control);
  const message = `${title}: ${saidTo(control)}`;
  // A TEST may be taken where a renewal is not: the verdict says what it comes to.
  const status = isRight ? 'pass' : 'warn';
  return { id, group: 'audit.control', status, message, detail: [], seconds: ms / 1_000 };
}

function attemptCase(attempt: Attempt): JunitCase {
  const { id, severity, title, believed, gain, fix, appleCheck, ms } = attempt;
  const status = believed === null ? 'error' : believed ? 'fail' : 'pass';
  return {
    ...{ id, group: `audit.${severity}`, status, seconds: ms / 1_000 },
    message: `${title}: ${saidTo(attempt)}`,
    detail: believed === true ? [`Gain: ${gain}`, `Fix: ${fix}`, `Apple's libraries: ${appleCheck}`] : [],
  };
}

function observationCase({ id, title, seen, note }: Observation): JunitCase {
  const status = seen === null ? 'skip' : 'pass';
  const message = seen === null ? note : `${title}: ${seen}`;
  return { id, group: 'audit.observed', status, message, detail: seen === null ? [] : [note], seconds: null };
}

function saidTo({ httpStatus, tookEffect, failure }: Pick<Attempt, 'httpStatus' | 'tookEffect' | 'failure'>): string {
  const answer = httpStatus === null ? `no answer (${failure ?? 'unknown'})` : `answered ${httpStatus}`;
  return tookEffect === null ? answer : `${answer}, ${tookEffect ? 'took effect' : 'took no effect'}`;
}
