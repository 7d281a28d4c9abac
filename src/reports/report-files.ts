import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ToolError } from '../errors.js';

/** Kinds that `check` writes. */
export const REPORT_KINDS = ['json', 'junit', 'github', 'markdown'] as const;

/** Kinds that `audit` writes. */
export const AUDIT_REPORT_KINDS = [...REPORT_KINDS, 'html'] as const;

/** Kinds that `history` writes. */
export const HISTORY_REPORT_KINDS = ['html'] as const;

export type ReportKind = (typeof AUDIT_REPORT_KINDS)[number];

/** One report and the file it goes to; null for stdout. */
export interface ReportPlan<Kind extends ReportKind = ReportKind> {
  readonly kind: Kind;
  readonly file: string | null;
}

export interface ReportFlags<Kind extends ReportKind = ReportKind> {
  readonly report: readonly Kind[];
  readonly reportFile: readonly string[];
  readonly json: boolean;
}

/**
 * Pairs reports with files in the order given; a report without a file goes to stdout, which takes one. `--json` is the JSON report on
 * stdout. Throws ToolError (usage) `ERR_USAGE_REPORT`.
 */
export function planReports<Kind extends ReportKind>({
  report,
  reportFile,
  json,
}: ReportFlags<Kind>): readonly ReportPlan<Kind | 'json'>[] {
  if (reportFile.length > report.length) {
    throw reportError('more --report-file than --report', 'Pass one --report for each --report-file.');
  }
  const plans = report.map((kind, index) => ({ kind, file: reportFile[index] ?? null }));
  const all: readonly ReportPlan<Kind | 'json'>[] = json ? [...plans, { kind: 'json', file: null } as const] : plans;
  if (all.filter(({ file }) => file === null).length > 1) {
    throw reportError('more than one report would go to stdout', 'Give each a --report-file, except one.');
  }
  const files = all.flatMap(({ file }) => file ?? []);
  const url = files.find(isUrlPath);
  if (url !== undefined) throw reportError('--report-file is a URL, not a file', 'Pass the path of a file.');
  if (new Set(files).size < files.length)
    throw reportError('two reports would go to the same file', 'Give each its own --report-file.');
  return all;
}

/** A path that begins so would be a folder named `https:`. */
export function isUrlPath(file: string): boolean {
  return /^https?:\/\//i.test(file);
}

function reportError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_REPORT', message, { hint });
}

/**
 * Writes each report to its file, or to stdout. Throws ToolError (usage) `ERR_REPORT_WRITE` for the first file that cannot be written,
 * after the others are.
 */
export function writeReports<Kind extends ReportKind>(
  plans: readonly ReportPlan<Kind>[],
  render: (kind: Kind) => string,
  { stdout, cwd }: { readonly stdout: { write(text: string): unknown }; readonly cwd: string },
): void {
  const failures: ToolError[] = [];
  for (const { kind, file } of plans) {
    const text = render(kind);
    if (file === null) stdout.write(text);
    else failures.push(...writeReport(file, text, cwd));
  }
  if (failures[0] !== undefined) throw failures[0];
}

/** Writes a report, and creates its folder if it is missing. Returns the error if that failed. */
function writeReport(file: string, text: string, cwd: string): readonly ToolError[] {
  const path = resolve(cwd, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return [];
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    const hint = 'Pass a --report-file in a folder with write permission.';
    return [
      new ToolError('usage', 'ERR_REPORT_WRITE', `the report ${file} cannot be written (${code})`, { hint, cause }),
    ];
  }
}
