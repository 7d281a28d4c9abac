import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ToolError } from '../errors.js';

export const REPORT_KINDS = ['json', 'junit', 'github', 'markdown'] as const;

export type ReportKind = (typeof REPORT_KINDS)[number];

/** One report with its file; null for stdout. */
export interface ReportPlan {
  readonly kind: ReportKind;
  readonly file: string | null;
}

export interface ReportFlags {
  readonly report: readonly ReportKind[];
  readonly reportFile: readonly string[];
  readonly json: boolean;
}

/**
 * Pairs `--report` and `--report-file` in the order they were given; a report without a file goes to stdout, which takes one report.
 * `--json` is the JSON report on stdout. Throws usage `ERR_USAGE_REPORT`.
 */
export function planReports({ report, reportFile, json }: ReportFlags): readonly ReportPlan[] {
  if (reportFile.length > report.length) {
    throw reportError(
      'more --report-file than --report',
      'Give --report json, junit, github or markdown for each file.',
    );
  }
  const plans = report.map((kind, index) => ({ kind, file: reportFile[index] ?? null }));
  const all = json ? [...plans, { kind: 'json', file: null } as const] : plans;
  if (all.filter(({ file }) => file === null).length > 1) {
    throw reportError('more than one report would go to stdout', 'Give each a --report-file, except one.');
  }
  const files = all.flatMap(({ file }) => file ?? []);
  if (new Set(files).size < files.length)
    throw reportError('two reports would go to the same file', 'Give each its own --report-file.');
  return all;
}

function reportError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_REPORT', message, { hint });
}

/** Writes a report, and creates its folder if it is missing. Throws usage `ERR_REPORT_WRITE`. */
export function writeReport(file: string, text: string, cwd: string): void {
  const path = resolve(cwd, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ToolError('usage', 'ERR_REPORT_WRITE', `the report ${file} cannot be written (${code})`, {
      hint: 'Give a --report-file in a folder with write permission.',
      cause,
    });
  }
}
