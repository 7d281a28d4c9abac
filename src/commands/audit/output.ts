import type { AuditReport } from '../../audit/report.js';
import type { Deps } from '../../cli/deps.js';
import { reportToGithub } from '../../reports/github.js';
import { type ReportKind, type ReportPlan, writeReports } from '../../reports/report-files.js';
import { auditToAnnotations, auditToMarkdown } from './github.js';
import { auditToHtml } from './html.js';
import { auditToJson, auditToJunit } from './reports.js';
import { describeAudit } from './view.js';

const RENDERERS: Readonly<Record<ReportKind, (report: AuditReport) => string>> = {
  json: auditToJson,
  junit: auditToJunit,
  github: auditToAnnotations,
  markdown: auditToMarkdown,
  html: auditToHtml,
};

type OutputDeps = Pick<Deps, 'stdout' | 'stderr' | 'now' | 'env' | 'cwd'>;

/**
 * Prints the text report on stdout, or on stderr if a report goes to stdout (none with --json), then writes the reports. Throws ToolError
 * (usage) `ERR_REPORT_WRITE` after the others are written.
 */
export function outputAudit(
  report: AuditReport,
  plans: readonly ReportPlan[],
  { json, verbose }: { readonly json: boolean; readonly verbose: boolean },
  deps: OutputDeps,
): void {
  const { stdout, stderr, now } = deps;
  const stream = plans.some(({ file }) => file === null) ? stderr : stdout;
  const view = { paint: stream.paint, columns: stream.columns, nowMs: now(), verbose };
  if (!json) stream.write(describeAudit(report, view));
  const markdown = (): string => auditToMarkdown(report);
  reportToGithub(plans, { annotations: () => auditToAnnotations(report), markdown }, deps);
  writeReports(plans, (kind) => RENDERERS[kind](report), deps);
}
