import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ChalkInstance } from 'chalk';
import { escapeText } from '../terminal/escape.js';
import type { ReportPlan } from './report-files.js';

/** Escapes text for a log, including the command syntax of build servers. */
export function logText(text: string): string {
  return escapeText(text).replace(CI_COMMAND, '$& ');
}

/** `##[error]` (GitHub reads it anywhere in a line), `##vso[…]` (Azure), `##teamcity[…]`. */
const CI_COMMAND = /##(?=\w*\[)/g;

/**
 * Workflow command that GitHub's runner turns into an annotation, without a newline. Line breaks of `message` are kept, so untrusted
 * parts must be escaped with {@link logText} first. Source: GitHub's documentation, "Workflow commands for GitHub Actions".
 */
export function toAnnotation(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${level} title=${encodeProperty(logText(title))}::${encodeData(message)}`;
}

function encodeData(text: string): string {
  const lines = text.split('\n').map(logText).join('\n');
  return lines.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function encodeProperty(text: string): string {
  return encodeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

interface GithubReport {
  /** Workflow commands, one a line. */
  annotations(): string;
  markdown(): string;
}

interface GithubDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stderr: { readonly paint: ChalkInstance; write(text: string): unknown };
}

/**
 * Prints annotations on stderr, which the runner of GitHub Actions reads as it reads stdout, and appends to the step summary. Outside of
 * GitHub Actions only where `--report github` was given. Nothing is written twice: no annotations where `--report github` writes them, no
 * summary where `--report markdown` goes to stdout or to the summary itself.
 */
export function reportToGithub(plans: readonly ReportPlan[], report: GithubReport, deps: GithubDeps): void {
  const { env, stderr } = deps;
  const isAsked = plans.some(({ kind }) => kind === 'github');
  if (!isAsked && env.GITHUB_ACTIONS !== 'true') return;
  if (!isAsked) stderr.write(report.annotations());
  const file = env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '' || plans.some((plan) => isSummary(plan, file, deps))) return;
  try {
    appendFileSync(file, report.markdown());
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    stderr.write(`${stderr.paint.yellow('warning:')} cannot write the step summary ${escapeText(file)} (${code})\n`);
  }
}

/** Markdown on stdout is usually redirected into the summary. */
function isSummary({ kind, file }: ReportPlan, summary: string, { cwd }: GithubDeps): boolean {
  return (kind === 'markdown' && file === null) || (file !== null && resolve(cwd, file) === resolve(cwd, summary));
}
