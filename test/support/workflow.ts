import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './bin.js';

type Permissions = Readonly<Record<string, string>>;

/** The parts of a GitHub workflow that tests look at. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly needs?: string | readonly string[];
  readonly permissions?: Permissions;
  readonly environment?: string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly WorkflowStep[];
}

export interface WorkflowStep {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

const FOLDER = path.join(ROOT, '.github/workflows');

/** Name of the file to its text. */
export function readWorkflows(): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(FOLDER).map((file) => [file, readFileSync(path.join(FOLDER, file), 'utf8')]));
}

export function readWorkflow(file: string): Workflow {
  return parse(readFileSync(path.join(FOLDER, file), 'utf8'));
}

export interface StepRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Text of GITHUB_OUTPUT. */
  readonly output: string;
}

/** Runs the script of a step as a runner does, in `cwd`; `env` stands for the variables of the step, whose expressions GitHub evaluates. */
export function runStep(
  job: Job,
  name: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
  programs: string | null = null,
): StepRun {
  const step = job.steps.find((each) => each.name === name);
  if (step?.run === undefined) throw new Error(`no step "${name}" with a script`);
  const missing = Object.keys(step.env ?? {}).filter((variable) => !(variable in env));
  if (missing.length > 0) throw new Error(`no value for ${missing.join(', ')}`);
  const files = mkdtempSync(path.join(tmpdir(), 'storewire-step-'));
  const [script, output] = [path.join(files, 'step.sh'), path.join(files, 'output')];
  writeFileSync(script, step.run);
  writeFileSync(output, '');
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: programs === null ? process.env.PATH : `${programs}:${process.env.PATH}`,
      HOME: files,
      npm_config_cache: path.join(files, 'npm'),
      npm_config_update_notifier: 'false',
      GITHUB_OUTPUT: output,
      RUNNER_TEMP: files,
      ...env,
    },
  });
  return { status, stdout, stderr, output: readFileSync(output, 'utf8') };
}
