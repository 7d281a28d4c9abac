import type { CheckedStep, Step } from '../../endpoint-check/step.js';
import { logText } from '../../reports/github.js';
import { laySentence, type View } from '../../terminal/layout.js';
import { padTo, widthOf, wrapText } from '../../terminal/width.js';
import type { CheckReport } from './model.js';
import { reasonOf, remarksOf, VERDICT_WORDS } from './reports.js';

const WORD_WIDTH = 'pass'.length;

const GAP = '  ';

const CONTINUED = '↳ ';

const NARROWEST = 24;

/** Steps of one group, aligned, with the expected value and the fix of those that did not pass. Ends in a newline. */
export function describeSteps(steps: readonly CheckedStep[], view: View): string {
  const entries = gather(steps);
  const labels = entries.flatMap(({ label, step }) => [label, ...remarksOf(step).map((remark) => remark.label)]);
  const width = Math.max(0, ...labels.map(widthOf));
  return `${entries.flatMap((entry) => layEntry(entry, width, view)).join('\n')}\n`;
}

/** One step, or a run of steps skipped for the same reason. */
interface Entry {
  readonly label: string;
  readonly step: CheckedStep;
}

function gather(steps: readonly CheckedStep[]): readonly Entry[] {
  const runs: CheckedStep[][] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last !== undefined && isSameSkip(last[0]!, step)) last.push(step);
    else runs.push([step]);
  }
  return runs.map((run) => ({ label: labelOf(run, steps.length), step: run[0]! }));
}

function isSameSkip(one: CheckedStep, other: CheckedStep): boolean {
  const isPlain = [one, other].every(({ status, error }) => status === 'skip' && error === undefined);
  return isPlain && one.group === other.group && one.seen === other.seen;
}

function labelOf(run: readonly CheckedStep[], all: number): string {
  const [{ id, group }] = run as [CheckedStep];
  if (run.length === 1) return id;
  return run.length === all ? `${group}.*` : `${id} +${run.length - 1}`;
}

function layEntry({ label: id, step }: Entry, width: number, view: View): readonly string[] {
  const { paint } = view;
  const word = paintWord(step, view);
  const head = `${GAP}${word}${GAP}${padTo(id, width)}${GAP}`;
  const margin = ' '.repeat(GAP.length + WORD_WIDTH + GAP.length);
  return [
    ...layText(head, width, step.seen ?? step.title, view),
    ...remarksOf(step).flatMap(({ label, text }) =>
      layText(`${margin}${paint.dim(padTo(label, width))}${GAP}`, width, text, view),
    ),
  ];
}

/** Text wrapped beside its label; continuation lines are marked, as untrusted text must not begin a line. */
function layText(head: string, width: number, text: string, { columns }: View): readonly string[] {
  const column = GAP.length + WORD_WIDTH + GAP.length + width + GAP.length;
  const [first = '', ...rest] = wrapText(logText(text), Math.max(NARROWEST, columns - column));
  return [`${head}${first}`, ...rest.map((line) => `${' '.repeat(column - CONTINUED.length)}${CONTINUED}${line}`)];
}

function paintWord({ status, error }: CheckedStep, { paint }: View): string {
  const colours: Readonly<Record<Step['status'], (text: string) => string>> = {
    pass: paint.green,
    warn: paint.yellow,
    fail: paint.red.bold,
    skip: error === undefined ? paint.dim : paint.yellow,
  };
  return colours[status](status);
}

/** Heading: the URL of the groups below. */
export function describeUrl(url: string, { paint }: View): string {
  return `${paint.bold(logText(url))}\n`;
}

/** Verdict and its reason. Ends in a newline. */
export function describeCheckVerdict(report: CheckReport, isStrict: boolean, view: View): string {
  const { verdict } = report;
  const { green, yellow, red, bold } = view.paint;
  const colour = { pass: green, warn: yellow, fail: red, undetermined: yellow }[verdict];
  const strict = verdict === 'warn' && isStrict ? '; --strict treats warnings as failures' : '';
  const [first = '', ...rest] = laySentence(
    `${VERDICT_WORDS[verdict]}  ${logText(reasonOf(report))}${strict}`,
    view,
    true,
  );
  const word = VERDICT_WORDS[verdict];
  return `${[`${colour.bold(word)}${bold(first.slice(word.length))}`, ...rest].join('\n')}\n`;
}
