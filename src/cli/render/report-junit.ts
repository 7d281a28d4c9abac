import type { CheckedStep } from '../../endpoint/verdict.js';
import type { CheckReport } from '../check/report.js';
import { hasSeveralUrls, remarksOf, sentenceOf } from './check-text.js';
import { type JunitCase, toJunit } from './junit.js';

/** The report as JUnit XML: a step that has no answer is an error, not a failure. */
export function checkToJunit(report: CheckReport): string {
  const name = report.url === null ? 'storewire check' : `storewire check ${report.url}`;
  const isSeveral = hasSeveralUrls(report);
  return toJunit({ name, cases: report.steps.map((step) => caseOf(step, isSeveral)) });
}

function caseOf(step: CheckedStep, isSeveral: boolean): JunitCase {
  const { id, group, status, url, error, ms } = step;
  return {
    id: isSeveral && url !== null ? `${id} ${url}` : id,
    group,
    status: error === undefined ? status : 'error',
    message: sentenceOf(step),
    detail: remarksOf(step).map(({ label, text }) => `${label}: ${text}`),
    seconds: ms === undefined ? null : ms / 1_000,
  };
}
