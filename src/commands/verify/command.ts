import { type Command, Option } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit, worstOf } from '../../cli/exit.js';
import { collect, durationOption, parseEnvironment, parseMoment, withExamples } from '../../cli/options.js';
import { ToolError } from '../../errors.js';
import type { Kind } from '../../notification/document.js';
import type { VerifyOptions } from '../../notification/verify.js';
import type { Job } from '../../pipeline/job.js';
import {
  addPayloadOptions,
  jobViewOf,
  outputOf,
  type PayloadDeps,
  type PayloadFlags,
  runPayloads,
  unreadableError,
} from '../../pipeline/payloads.js';
import type { RunResult } from '../../pipeline/run.js';
import { appExpectations } from '../../session/app.js';
import { readTrustedRoots, rootWarnings } from '../../session/trust.js';
import { describeWarnings } from '../../session/warnings.js';
import { openSettings } from '../../settings/open.js';
import { type AppSettings, resolveApp } from '../../settings/resolve-app.js';

export interface VerifyFlags extends PayloadFlags {
  readonly kind?: Kind;
  readonly bundleId?: string;
  readonly appAppleId?: string;
  readonly environment?: 'Sandbox' | 'Production';
  readonly root?: readonly string[];
  readonly at?: number;
  readonly online: boolean;
  /** Time limit (ms) of one OCSP request. */
  readonly ocspTimeout: number;
  readonly profile?: string;
}

export interface VerifyCommandOptions extends VerifyFlags {
  readonly inputs: readonly string[];
}

const KINDS: readonly Kind[] = ['notification', 'transaction', 'renewalInfo', 'appTransaction', 'realtimeRequest'];

const OCSP_TIMEOUT_MS = 10_000;

export function registerVerify(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runVerify): void {
  const command = addPayloadOptions(
    parent.command('verify').description('Verify that Apple signed a payload, and name every check'),
  )
    .addOption(new Option('--kind <kind>', 'Require this kind of payload').choices(KINDS))
    .option('--bundle-id <id>', 'Require this bundle id')
    .option('--app-apple-id <id>', 'Require this app Apple ID, in production')
    .option('--environment <name>', 'Require sandbox or production', parseEnvironment)
    .option('--root <file>', 'Also trust this root, PEM or DER (repeatable)', collect)
    .option('--at <moment>', 'Check certificate dates as of this time', parseMoment)
    .option('--online', 'Check revocation with OCSP', false)
    .addOption(
      new Option('--ocsp-timeout <duration>', 'Set the time limit of each OCSP request')
        .argParser(durationOption)
        .default(OCSP_TIMEOUT_MS, '10s'),
    )
    .option('--profile <name>', 'Use this settings profile');
  withExamples(command, [
    ['storewire verify payload.json', 'one notification'],
    ['storewire verify payload.json --bundle-id com.example.app', 'of this app'],
    ['storewire verify archive.ndjson --summary', 'totals of a large archive'],
    ['storewire verify old.jws --at 2022-03-04', 'certificates checked as of a date'],
  ]).action(async (inputs: readonly string[], flags: VerifyFlags) => finish(await run({ inputs, ...flags }, deps)));
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
  return {
    verify: { nowMs: deps.now(), online: options.online, ...app, ...pickExpectations(options) },
    ocspTimeoutMs: options.online ? options.ocspTimeout : null,
    raw: options.raw,
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

function exitOf({ counts: { verdicts } }: RunResult): Exit {
  return worstOf([...(verdicts.invalid > 0 ? [EXIT.no] : []), ...(verdicts.undetermined > 0 ? [EXIT.remote] : [])]);
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
