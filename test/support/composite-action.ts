import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';

/** The parts of an `action.yml` that a runner goes by. */
export interface CompositeAction {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

interface Step {
  readonly id: string;
  readonly shell: string;
  readonly env: Readonly<Record<string, string>>;
  readonly run: string;
}

export interface ActionRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Markdown of the job's summary. */
  readonly summary: string;
  /** As the calling workflow gets them. */
  readonly outputs: Readonly<Record<string, string>>;
}

export function readAction(folder: string): CompositeAction {
  return parse(readFileSync(path.join(folder, 'action.yml'), 'utf8'));
}

/**
 * Runs the action in `folder` as a GitHub runner does: defaults for inputs that are not given, expressions replaced in `env` and in the
 * outputs, each step a script file for `bash --noprofile --norc -eo pipefail`, outputs read from the file GITHUB_OUTPUT and
 * the summary from GITHUB_STEP_SUMMARY.
 * `temp` is the runner's folder for temporary files, `env` that of the job.
 */
export async function runAction(
  folder: string,
  given: Readonly<Record<string, string>>,
  { temp, workspace, env }: { readonly temp: string; readonly workspace: string; readonly env: NodeJS.ProcessEnv },
): Promise<ActionRun> {
  const { inputs, outputs, runs } = readAction(folder);
  const values: Record<string, string> = {};
  for (const [name, input] of Object.entries(inputs)) values[`inputs.${name}`] = given[name] ?? input.default ?? '';
  const files = mkdtempSync(path.join(temp, 'runner-'));
  const summaryFile = path.join(files, 'summary.md');
  writeFileSync(summaryFile, '');
  mkdirSync(workspace, { recursive: true });
  let [status, stdout, stderr]: [number | null, string, string] = [0, '', ''];
  for (const step of runs.steps) {
    const script = path.join(files, `${step.id}.sh`);
    const outputFile = path.join(files, `${step.id}.output`);
    writeFileSync(script, step.run);
    writeFileSync(outputFile, '');
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: workspace,
      env: {
        ...env,
        ...Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, evaluate(value, values)])),
        GITHUB_ACTION_PATH: folder,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summaryFile,
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: temp,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    [status, stdout, stderr] = [code, stdout + out, stderr + err];
    for (const line of readFileSync(outputFile, 'utf8').split('\n').slice(0, -1)) {
      const equals = line.indexOf('=');
      values[`steps.${step.id}.outputs.${line.slice(0, equals)}`] = line.slice(equals + 1);
    }
    if (status !== 0) break;
  }
  const shown = Object.entries(outputs).map(([name, { value }]) => [name, evaluate(value, values)]);
  return { status, stdout, stderr, summary: readFileSync(summaryFile, 'utf8'), outputs: Object.fromEntries(shown) };
}

/** Replaces `${{ inputs.url }}` and the like by what they stand for; throws for an expression that nothing was said about. */
function evaluate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{\{ (.+?) \}\}/g, (_all, expression: string) => {
    const value = values[expression];
    if (value === undefined && !expression.startsWith('steps.')) throw new Error(`unknown expression ${expression}`);
    return value ?? '';
  });
}
