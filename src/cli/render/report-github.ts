import type { CheckedStep } from '../../endpoint/verdict.js';
import type { CheckReport } from '../check/report.js';
import { logText, reasonOf, remarksOf, sentenceOf, VERDICT_WORDS } from './check-text.js';

/**
 * Annotations, as GitHub's runner reads them off a log: an error for each failure and each step without an answer, a warning for each
 * warning, a notice with the verdict. Source: GitHub's documentation, "Workflow commands for GitHub Actions".
 */
export function checkToAnnotations(report: CheckReport): string {
  const verdict = `${VERDICT_WORDS[report.verdict]}${report.url === null ? '' : ` ${report.url}`}: ${reasonOf(report)}`;
  return [...report.steps.flatMap(annotate), command('notice', 'storewire check', verdict), ''].join('\n');
}

function annotate(step: CheckedStep): readonly string[] {
  const { id, status, error, url } = step;
  const level = status === 'fail' || error !== undefined ? 'error' : status === 'warn' ? 'warning' : null;
  if (level === null) return [];
  const place = url === null ? [] : [`at ${url}`];
  const remarks = remarksOf(step).map(({ label, text }) => `${label}: ${text}`);
  return [command(level, `storewire ${id}`, [sentenceOf(step), ...place, ...remarks].map(logText).join('\n'))];
}

function command(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${level} title=${encodeProperty(logText(title))}::${encodeData(message)}`;
}

/** Line ends of ours stay ones; those of others are escapes by now. */
function encodeData(text: string): string {
  const lines = text.split('\n').map(logText).join('\n');
  return lines.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function encodeProperty(text: string): string {
  return encodeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
