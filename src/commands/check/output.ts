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
  /** The steps of one group. */
  readonly tell: (steps: readonly CheckedStep[]) => void;
  /** The verdict and all reports. Throws usage `ERR_REPORT_WRITE`, once all that can be written is. */
  end(report: CheckReport): void;
}

type OutletDeps = Pick<Deps, 'stdout' | 'stderr' | 'now' | 'env' | 'cwd'>;

const RENDERERS: Readonly<Record<ReportKind, (report: CheckReport) => string>> = {
  json: checkToJson,
  junit: checkToJunit,
  github: checkToAnnotations,
  markdown: checkToMarkdown,
};

/** Where what is found goes: for people to stdout, or to stderr where a report has stdout; with --json to nobody. */
export function openCheckOutput(
  plans: readonly ReportPlan[],
  options: Pick<CheckOptions, 'json' | 'strict'>,
  deps: OutletDeps,
): CheckOutput {
  const stream = options.json ? null : plans.some(({ file }) => file === null) ? deps.stderr : deps.stdout;
  const screen = stream === null ? null : openScreen(stream, deps);
  return {
    tell: (steps) => screen?.tell(steps),
    end(report) {
      screen?.end(report, options.strict);
      writeAll(plans, report, deps);
    },
  };
}

interface Screen {
  tell(steps: readonly CheckedStep[]): void;
  end(report: CheckReport, isStrict: boolean): void;
}

/** One block a group, with an empty line between them, each URL above its own. */
function openScreen(stream: OutputStream, { now }: OutletDeps): Screen {
  const view = (): View => ({ paint: stream.paint, columns: stream.columns, nowMs: now() });
  let url: string | null = null;
  return {
    tell(steps) {
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

function writeAll(plans: readonly ReportPlan[], report: CheckReport, deps: OutletDeps): void {
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

/** The page of the run that GitHub shows: a runner names its file. What cannot be written there is no reason to fail. */
function appendSummary(report: CheckReport, { env, stderr }: OutletDeps): void {
  const file = env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  try {
    appendFileSync(file, checkToMarkdown(report));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    stderr.write(
      `${stderr.paint.yellow('warning:')} the step summary ${escapeText(file)} cannot be written (${code})\n`,
    );
  }
}
