import { appendFileSync } from 'node:fs';
import type { Deps, OutputStream } from '../../cli/deps.js';
import type { CheckedStep } from '../../endpoint-check/step.js';
import type { ToolError } from '../../errors.js';
import { type ReportKind, type ReportPlan, writeReport } from '../../reports/report-files.js';
import { escapeText } from '../../terminal/escape.js';
import type { View } from '../../terminal/layout.js';
import type { CheckOptions, CheckReport } from './model.js';
import { checkToAnnotations, checkToJson, checkToJunit, checkToMarkdown } from './reports.js';
import { describeSteps, describeUrl, describeVerdict } from './view.js';

interface CheckOutput {
  /** Prints the steps of one group. */
  readonly addSteps: (steps: readonly CheckedStep[]) => void;
  /** Prints the verdict and writes all reports. Throws ToolError (usage) `ERR_REPORT_WRITE` after the others are written. */
  end(report: CheckReport): void;
}

type OutputDeps = Pick<Deps, 'stdout' | 'stderr' | 'now' | 'env' | 'cwd'>;

const RENDERERS: Readonly<Record<ReportKind, (report: CheckReport) => string>> = {
  json: checkToJson,
  junit: checkToJunit,
  github: checkToAnnotations,
  markdown: checkToMarkdown,
};

/** Text goes to stdout, or to stderr if a report goes to stdout; none with --json. */
export function openCheckOutput(
  plans: readonly ReportPlan[],
  options: Pick<CheckOptions, 'json' | 'strict'>,
  deps: OutputDeps,
): CheckOutput {
  const stream = options.json ? null : plans.some(({ file }) => file === null) ? deps.stderr : deps.stdout;
  const screen = stream === null ? null : openScreen(stream, deps);
  return {
    addSteps: (steps) => screen?.addSteps(steps),
    end(report) {
      screen?.end(report, options.strict);
      writeAll(plans, report, deps);
    },
  };
}

interface Screen {
  addSteps(steps: readonly CheckedStep[]): void;
  end(report: CheckReport, isStrict: boolean): void;
}

/** Text output: one block per group, separated by empty lines, with the URL above the groups that check it. */
function openScreen(stream: OutputStream, { now }: OutputDeps): Screen {
  const view = (): View => ({ paint: stream.paint, columns: stream.columns, nowMs: now() });
  let url: string | null = null;
  return {
    addSteps(steps) {
      const [first] = steps;
      if (first === undefined) return;
      if (first.url !== null && first.url !== url && OUTSIDE.test(first.group)) {
        url = first.url;
        stream.write(describeUrl(url, view()));
      }
      stream.write(`${describeSteps(steps, view())}\n`);
    },
    end(report, isStrict) {
      stream.write(describeVerdict(report, isStrict, view()));
    },
  };
}

const OUTSIDE = /^(?:url|dns|tls|http)$/;

function writeAll(plans: readonly ReportPlan[], report: CheckReport, deps: OutputDeps): void {
  const failures = plans.flatMap(({ kind, file }) => {
    const text = RENDERERS[kind](report);
    if (file === null) deps.stdout.write(text);
    return file === null ? [] : attempt(() => writeReport(file, text, deps.cwd));
  });
  if (plans.some(({ kind }) => kind === 'github')) appendSummary(report, deps);
  if (failures[0] !== undefined) throw failures[0];
}

function attempt(write: () => void): readonly ToolError[] {
  try {
    write();
    return [];
  } catch (error) {
    return [error as ToolError];
  }
}

/** Appends to the step summary of GitHub Actions, whose file the runner names. A failure to write is a warning only. */
function appendSummary(report: CheckReport, { env, stderr }: OutputDeps): void {
  const file = env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  try {
    appendFileSync(file, checkToMarkdown(report));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    stderr.write(`${stderr.paint.yellow('warning:')} cannot write the step summary ${escapeText(file)} (${code})\n`);
  }
}
