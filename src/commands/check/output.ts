import type { Deps, OutputStream } from '../../cli/deps.js';
import type { CheckedStep } from '../../endpoint-check/step.js';
import { reportToGithub } from '../../reports/github.js';
import { type REPORT_KINDS, type ReportPlan, writeReports } from '../../reports/report-files.js';
import type { View } from '../../terminal/layout.js';
import type { CheckOptions, CheckReport } from './model.js';
import { checkToAnnotations, checkToJson, checkToJunit, checkToMarkdown } from './reports.js';
import { describeCheckVerdict, describeSteps, describeUrl } from './view.js';

interface CheckOutput {
  /** Prints the steps of one group. */
  readonly addSteps: (steps: readonly CheckedStep[]) => void;
  /** Prints the verdict and writes all reports. Throws ToolError (usage) `ERR_REPORT_WRITE` after the others are written. */
  end(report: CheckReport): void;
}

type OutputDeps = Pick<Deps, 'stdout' | 'stderr' | 'now' | 'env' | 'cwd'>;

type CheckReportKind = (typeof REPORT_KINDS)[number];

const RENDERERS: Readonly<Record<CheckReportKind, (report: CheckReport) => string>> = {
  json: checkToJson,
  junit: checkToJunit,
  github: checkToAnnotations,
  markdown: checkToMarkdown,
};

/** Text goes to stdout, or to stderr if a report goes to stdout; none with --json. */
export function openCheckOutput(
  plans: readonly ReportPlan<CheckReportKind>[],
  options: Pick<CheckOptions, 'json' | 'strict'>,
  deps: OutputDeps,
): CheckOutput {
  const stream = options.json ? null : plans.some(({ file }) => file === null) ? deps.stderr : deps.stdout;
  const screen = stream === null ? null : openScreen(stream, deps);
  return {
    addSteps: (steps) => screen?.addSteps(steps),
    end(report) {
      screen?.end(report, options.strict);
      const markdown = (): string => checkToMarkdown(report);
      reportToGithub(plans, { annotations: () => checkToAnnotations(report), markdown }, deps);
      writeReports(plans, (kind) => RENDERERS[kind](report), deps);
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
      stream.write(describeCheckVerdict(report, isStrict, view()));
    },
  };
}

const OUTSIDE = /^(?:url|dns|tls|http)$/;
