import { type Command, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../../package.json' with { type: 'json' };
import type { AuditReport } from '../../endpoint/audit/report.js';
import type { AuditOptions } from '../../endpoint/audit/run.js';
import { ToolError } from '../../errors.js';
import type { SettingFlags } from '../../settings/layer.js';
import { type OpenSettings, openSettings } from '../../settings/open.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve.js';
import type { StoredAuthority } from '../../simulator/authority-store.js';
import { DEFAULT_APP } from '../../simulator/payloads/app.js';
import { createEffect } from '../audit/effect.js';
import { exitOfAudit } from '../audit/exit.js';
import { readGenuine } from '../audit/genuine.js';
import { AUDIT_REPORTS, type AuditCommandOptions } from '../audit/options.js';
import { confirmTarget, parseTarget } from '../audit/target.js';
import { showUrl } from '../check/report.js';
import { planReports, type ReportPlan, writeReport } from '../check/reports.js';
import type { CommandDeps, Deps } from '../deps.js';
import { durationOption } from '../durations.js';
import type { Exit } from '../exit.js';
import { createNotes } from '../notes.js';
import { collect, parseEnvironment, withExamples } from '../options.js';
import { openProjectAuthority } from '../project-authority.js';
import { describeAudit, describeAuditStart } from '../render/audit.js';
import { auditToJson } from '../render/audit-json.js';
import { auditToJunit } from '../render/audit-junit.js';
import { describeMade } from '../render/authority.js';
import { readTrustedRoots } from '../trusted-roots.js';

export type AuditDeps = CommandDeps & Pick<Deps, 'suspend'>;

const USUAL_TIMEOUT_MS = 5 * 60_000;
/** Longest wait for one answer: more than any endpoint should take, and Apple's own patience is not documented. */
const ANSWER_TIMEOUT_MS = 10_000;

export function registerAudit(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runAudit = runAudit,
): void {
  const command = parent
    .command('audit')
    .description('send forgeries to your own endpoint, report which it believes')
    .argument('<url>', 'address of the endpoint')
    .option('--control', "the test authority's root is trusted there: look behind it", false)
    .option('--genuine <file...>', 'tokens of the App Store, to forge with')
    .option('--effect <command>', 'tells by exit 0 that an attempt took effect')
    .option('--bundle-id <id>', 'app of the endpoint')
    .option('--app-apple-id <id>', 'app Apple ID of the endpoint')
    .option('--environment <name>', 'sandbox (where not set) or production', parseEnvironment)
    .option('--root <file>', 'believe --genuine of this root, too (repeatable)', collect)
    .addOption(
      new Option('--timeout <duration>', 'deadline of the command')
        .argParser(durationOption)
        .default(USUAL_TIMEOUT_MS, '5m'),
    )
    .option('--yes', 'a host other than this machine is yours', false)
    .addOption(new Option('--report <kind>', 'json or junit (repeatable)').argParser(collectReport).default([]))
    .addOption(new Option('--report-file <file>', 'where each goes, in order').argParser(collect).default([]))
    .option('--profile <name>', 'settings profile')
    .option('--json', 'print one JSON document', false)
    .action(async (url: string, options: AuditCommandOptions) => finish(await run(url, options, deps)));
  withExamples(command, [
    ['storewire audit http://localhost:3000/apple', 'what could be forged there'],
    [
      'storewire audit http://localhost:3000/ --control --bundle-id com.example.app',
      'where storewire authority --pem is trusted: looks behind the root',
    ],
    [
      'storewire audit https://staging.example.com/ --yes --genuine transaction.jws',
      'with tokens of the App Store, such as every user of an app has',
    ],
    [
      "storewire audit http://localhost:3000/ --effect './took-effect.sh'",
      'where it answers before it checks; asks of $STOREWIRE_NOTIFICATION_UUID',
    ],
  ]);
}

function collectReport(text: string, before: readonly string[]): readonly string[] {
  const known = AUDIT_REPORTS.find((kind) => kind === text);
  if (known === undefined) throw new InvalidArgumentError('It is json or junit.');
  return [...before, known];
}

/** Audits and tells. Exit 0 safe, 1 unsafe, 5 inconclusive, 4 where the endpoint could not be asked. */
export async function runAudit(target: string, options: AuditCommandOptions, deps: AuditDeps): Promise<Exit> {
  const url = parseTarget(target);
  const reports = planReports(options);
  const report = await audit(url, options, deps);
  for (const plan of reports) tellReport(plan, report, deps);
  const { stdout, now } = deps;
  if (reports.every(({ file }) => file !== null)) {
    stdout.write(describeAudit(report, { paint: stdout.paint, columns: stdout.columns, nowMs: now() }));
  }
  return exitOfAudit(report);
}

async function audit(url: URL, options: AuditCommandOptions, deps: AuditDeps): Promise<AuditReport> {
  const open = openSettings({ ...deps, flags: settingFlags(options) });
  const { bundleId, appAppleId, roots } = resolveApp(open);
  const trusted = readTrustedRoots(roots?.value ?? [], deps.cwd);
  const genuine = await readGenuine(options.genuine ?? [], trusted, deps.now(), deps);
  await confirmTarget(url, options.yes, deps);
  const { authority } = await openAuthority(open, options, deps);
  return send(
    {
      ...{ url, shownUrl: showUrl(url.href), authority, genuine, control: options.control },
      app: {
        bundleId: bundleId?.value ?? DEFAULT_APP.bundleId,
        appAppleId: appAppleId === null ? DEFAULT_APP.appAppleId : readAppAppleId(appAppleId.value),
        environment: resolveEnvironment(open)?.value === 'production' ? 'Production' : 'Sandbox',
      },
      isAppKnown: bundleId !== null,
      deadlineMs: deps.now() + options.timeout,
    },
    options,
    deps,
  );
}

function settingFlags({ profile, environment, bundleId, appAppleId, root }: AuditCommandOptions): SettingFlags {
  const flags = Object.entries({ profile, environment, bundleId, appAppleId, root });
  return Object.fromEntries(flags.filter(([, value]) => value !== undefined));
}

async function openAuthority(
  open: OpenSettings,
  { json, control }: AuditCommandOptions,
  deps: AuditDeps,
): Promise<StoredAuthority> {
  const stored = await openProjectAuthority(open, deps);
  if (json) return stored;
  const isAppKnown = resolveApp(open).bundleId !== null;
  if (stored.isNew) deps.stderr.write(describeMade(stored, deps.stderr));
  deps.stderr.write(describeAuditStart({ rootPath: stored.rootPath, control, isAppKnown }, deps.stderr));
  return stored;
}

async function send(what: AuditOptions, options: AuditCommandOptions, deps: AuditDeps): Promise<AuditReport> {
  const { now, sleep, random, signal } = deps;
  const notes = createNotes(options, deps);
  const { auditEndpoint } = await import('../../endpoint/audit/run.js');
  try {
    return await auditEndpoint(what, {
      ...{ now, sleep, random, signal, dispatcher: await deps.http(), timeoutMs: ANSWER_TIMEOUT_MS },
      userAgent: `storewire-audit/${packageJson.version}`,
      askEffect: options.effect === undefined ? null : createEffect(options.effect, deps),
      onProgress: (done, total, id) => notes.progress(`${done}/${total} ${id}`),
    });
  } finally {
    notes.clear();
  }
}

/** Payloads hold it as a number; one that a double cannot hold is no app's. */
function readAppAppleId(text: string): number {
  if (Number.isSafeInteger(Number(text))) return Number(text);
  throw new ToolError('usage', 'ERR_AUDIT_APP_APPLE_ID', `${text} is too large for an app Apple ID`);
}

function tellReport({ kind, file }: ReportPlan, report: AuditReport, { stdout, cwd }: AuditDeps): void {
  const text = kind === 'junit' ? auditToJunit(report) : auditToJson(report);
  if (file === null) stdout.write(text);
  else writeReport(file, text, cwd);
}
