import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit, worstOf } from '../../cli/exit.js';
import { ToolError } from '../../errors.js';
import type { VerifyOptions } from '../../notification/verify.js';
import type { Job } from '../../pipeline/job.js';
import {
  jobFilter,
  jobViewOf,
  outputOf,
  type PayloadDeps,
  runPayloads,
  unreadableError,
} from '../../pipeline/payloads.js';
import type { RunResult } from '../../pipeline/run.js';
import { appExpectations } from '../../session/app.js';
import { readTrustedRoots, rootWarnings } from '../../session/trust.js';
import { describeWarnings } from '../../session/warnings.js';
import { openSettings } from '../../settings/open.js';
import { type AppSettings, resolveApp } from '../../settings/resolve-app.js';
import type { VerifyFlags } from './flags.js';

export interface VerifyCommandOptions extends VerifyFlags {
  readonly inputs: readonly string[];
}

export type VerifyDeps = PayloadDeps & Pick<Deps, 'env' | 'platform' | 'userId'>;

export async function runVerify(options: VerifyCommandOptions, deps: VerifyDeps): Promise<Exit> {
  if (options.online && options.at !== undefined) throw onlineAtMoment();
  const open = openSettings({ ...deps, flags: options });
  const settings = resolveApp(open);
  const roots = await readTrustedRoots(settings.roots?.value ?? [], deps);
  if (!options.json) deps.stderr.write(describeWarnings([...open.warnings, ...rootWarnings(roots)], deps.stderr));
  const result = await runPayloads(options.inputs, planJob(options, settings, deps), roots, options, deps);
  const error = unreadableError(result, options);
  const code = exitOf(result);
  if (error !== null && code === EXIT.ok) throw error;
  if (error !== null) {
    const { writeError } = await import('../../cli/error-output.js');
    writeError(error, options, deps.stderr);
  }
  return code;
}

function planJob(options: VerifyCommandOptions, settings: AppSettings, deps: VerifyDeps): Job {
  const app = appExpectations(settings);
  // --bundle-id is an expectation here: a payload of another app is invalid, not left out.
  const { bundleId: _expected, ...ids } = options;
  return {
    verify: { nowMs: deps.now(), online: options.online, ...app, ...pickExpectations(options) },
    ocspTimeoutMs: options.online ? options.ocspTimeout : null,
    raw: options.raw,
    ...jobFilter(ids),
    output: outputOf(options),
    view: jobViewOf(deps),
  };
}

function pickExpectations({
  at,
  kind,
  environment,
}: VerifyCommandOptions): Pick<VerifyOptions, 'atMs' | 'kind' | 'environment'> {
  return {
    ...(at === undefined ? {} : { atMs: at }),
    ...(kind === undefined ? {} : { kind }),
    ...(environment === undefined ? {} : { environment }),
  };
}

function exitOf({ counts: { verdicts }, bugs }: RunResult): Exit {
  return worstOf([
    ...(verdicts.invalid > 0 ? [EXIT.no] : []),
    ...(verdicts.undetermined > 0 ? [EXIT.remote] : []),
    ...(bugs.count > 0 ? [EXIT.bug] : []),
  ]);
}

function onlineAtMoment(): ToolError {
  return new ToolError(
    'usage',
    'ERR_USAGE_ONLINE_AT',
    '--online and --at cannot be combined: OCSP responders know the present status only',
    {
      hint: 'Remove one of them.',
    },
  );
}
