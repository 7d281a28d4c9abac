import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ToolError } from '../errors.js';

export const REPORT_KINDS = ['json', 'junit', 'github', 'markdown'] as const;

export type ReportKind = (typeof REPORT_KINDS)[number];

/** One report and the file it goes to; null for stdout. */
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
 * Reports and files belong together in the order they were given; a report without a file goes to stdout, which has room for one.
 * `--json` is the JSON report on stdout. Throws usage `ERR_USAGE_REPORT`.
 */
export function planReports({ report, reportFile, json }: ReportFlags): readonly ReportPlan[] {
  if (reportFile.length > report.length) {
    throw reportError(
      'there are more files than reports',
      'Give --report json, junit, github or markdown before each.',
    );
  }
  const plans = report.map((kind, index) => ({ kind, file: reportFile[index] ?? null }));
  const all = json ? [...plans, { kind: 'json', file: null } as const] : plans;
  if (all.filter(({ file }) => file === null).length > 1) {
    throw reportError('more than one report would go to stdout', 'Give all but the last a --report-file.');
  }
  const files = all.flatMap(({ file }) => file ?? []);
  if (new Set(files).size < files.length)
    throw reportError('two reports would go to one file', 'Give each a --report-file of its own.');
  return all;
}

function reportError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_REPORT', message, { hint });
}

/** Writes a report whole, its folder made where it is not there. Throws usage `ERR_REPORT_WRITE`. */
export function writeReport(file: string, text: string, cwd: string): void {
  const path = resolve(cwd, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ToolError('usage', 'ERR_REPORT_WRITE', `the report ${file} cannot be written (${code})`, {
      hint: 'Give a --report-file that may be written.',
      cause,
    });
  }
}
