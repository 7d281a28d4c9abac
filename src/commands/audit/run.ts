import packageJson from '../../../package.json' with { type: 'json' };
import { displayUrl } from '../../address/display.js';
import { parseHttpUrl } from '../../address/parse.js';
import { isLoopback } from '../../address/reach.js';
import { refusingOwner } from '../../address/services.js';
import { type GenuineToken, openGenuine } from '../../audit/forgeries/genuine.js';
import type { AuditReport } from '../../audit/report.js';
import type { AuditOptions } from '../../audit/run.js';
import type { CommandDeps, Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { createReporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import type { Claim } from '../../input/claim.js';
import { parseClaims } from '../../input/claims/parse-claims.js';
import { type ReadDeps, readInput } from '../../input/read.js';
import { planReports, type ReportPlan, writeReport } from '../../reports/report-files.js';
import { readAppAppleId } from '../../session/app.js';
import { definedFlags } from '../../session/settings-flags.js';
import { describeMade, openProjectAuthority, readTrustedRoots } from '../../session/trust.js';
import type { SettingFlags } from '../../settings/layer.js';
import { type OpenSettings, openSettings } from '../../settings/open.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import { DEFAULT_APP } from '../../simulator/payloads/app.js';
import type { TrustedRoot } from '../../trust/roots.js';
import { createEffect } from './effect.js';
import { auditToJson, auditToJunit } from './reports.js';
import { describeAudit, describeAuditStart } from './view.js';

/**
 * The address of the endpoint to audit. Throws usage errors: `ERR_AUDIT_URL` where it is not an http or https URL in full,
 * `ERR_AUDIT_OWNER` for the hosts of Apple, RevenueCat and Qonversion, which nothing forged is ever sent to.
 */
function parseTarget(text: string): URL {
  const url = parseHttpUrl(text, 'the endpoint', 'ERR_AUDIT_URL', 'For example: http://localhost:3000/apple');
  if (url.username !== '' || url.password !== '') {
    throw wrongUrl('the address has a user name in it, which Apple would not send', 'Leave it out.');
  }
  const owner = refusingOwner(url.hostname);
  if (owner === null) return url;
  throw new ToolError('usage', 'ERR_AUDIT_OWNER', `${url.hostname} is ${owner}'s: nothing forged is sent there`, {
    hint: 'Audit the endpoint that you run yourself.',
  });
}

function wrongUrl(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_URL', message, { hint });
}

/**
 * Forgeries for a host that is somebody else's are an attack: for any but this machine its name is typed, or `--yes` says so. Throws
 * `ERR_AUDIT_HOST` (usage) without either.
 */
async function confirmTarget(
  { hostname }: URL,
  yes: boolean,
  { stdin, stderr, prompts }: Pick<Deps, 'stdin' | 'stderr' | 'prompts'>,
): Promise<void> {
  if (yes || isLoopback(hostname)) return;
  if (!stdin.isTty || !stderr.isTty) {
    throw refused(`nothing was sent: ${hostname} is not this machine`, 'Where the endpoint is your own, add --yes.');
  }
  const ask = await prompts();
  const message = `Forgeries go to ${hostname}. Is it yours? Type its name to go on:`;
  const typed = await ask.input({ message });
  if (typed.trim().toLowerCase() === hostname) return;
  throw refused('nothing was sent: that is not the name of the host', `It is ${hostname}.`);
}

function refused(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_HOST', message, { hint });
}

/** More are not needed, and a whole archive would take long to read. */
const MOST_TOKENS = 200;

/**
 * The genuine tokens of the files given, nested ones too. Throws `ERR_AUDIT_GENUINE` (usage) for what none of `roots` signed: it would
 * be one forgery more and prove nothing; and what `readInput` throws.
 */
async function readGenuine(
  inputs: readonly string[],
  roots: readonly TrustedRoot[],
  nowMs: number,
  deps: ReadDeps,
): Promise<readonly GenuineToken[]> {
  const tokens: GenuineToken[] = [];
  if (inputs.length === 0) return tokens;
  for await (const batch of readInput(inputs, deps)) {
    for (const claim of batch.units.flatMap((unit) => parseClaims(batch, unit))) {
      tokens.push(...open(claim, roots, nowMs));
      if (tokens.length >= MOST_TOKENS) return tokens;
    }
  }
  if (tokens.length === 0) throw notGenuine(inputs.join(', '), 'no token was found');
  return tokens;
}

function open(claim: Claim, roots: readonly TrustedRoot[], nowMs: number): readonly GenuineToken[] {
  if (claim.type !== 'token') throw notGenuine(claim.source, 'it is no token');
  const opened = openGenuine(claim.text, claim.source, roots, nowMs);
  if (typeof opened === 'string') throw notGenuine(claim.source, opened);
  return opened;
}

function notGenuine(source: string, why: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_GENUINE', `--genuine ${source} cannot be shown to be Apple's: ${why}`, {
    hint: 'Give what the App Store signed, such as transactions of your own devices; storewire verify FILE tells more.',
  });
}

/**
 * Safe is 0, unsafe 1. Without a verdict it is 4 where answers were missing, since the endpoint could not be asked, and 5 for everything
 * else: it was asked, and what it said decides nothing. So a script tells one from the other, and neither from a no.
 */
function exitOfAudit({ verdict, doubt }: Pick<AuditReport, 'verdict' | 'doubt'>): Exit {
  if (verdict === 'safe') return EXIT.ok;
  if (verdict === 'unsafe') return EXIT.no;
  return doubt === 'unanswered' ? EXIT.remote : EXIT.pending;
}

/** The reports that `audit` writes. */
export const AUDIT_REPORTS = ['json', 'junit'] as const;

export interface AuditCommandOptions extends SettingFlags {
  readonly control: boolean;
  readonly genuine?: readonly string[];
  /** Command line of the program that tells whether something took effect. */
  readonly effect?: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly yes: boolean;
  readonly report: readonly (typeof AUDIT_REPORTS)[number][];
  readonly reportFile: readonly string[];
  readonly json: boolean;
}

export type AuditDeps = CommandDeps & Pick<Deps, 'suspend'>;

/** Longest wait for one answer: more than any endpoint should take, and Apple's own patience is not documented. */
const ANSWER_TIMEOUT_MS = 10_000;

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
  const open = openSettings({ ...deps, flags: definedFlags(options) });
  const app = resolveApp(open);
  const { bundleId, roots } = app;
  const trusted = readTrustedRoots(roots?.value ?? [], deps.cwd);
  const genuine = await readGenuine(options.genuine ?? [], trusted, deps.now(), deps);
  await confirmTarget(url, options.yes, deps);
  const { authority } = await openAuthority(open, options, deps);
  return send(
    {
      ...{ url, shownUrl: displayUrl(url.href, 'report'), authority, genuine, control: options.control },
      app: {
        bundleId: bundleId?.value ?? DEFAULT_APP.bundleId,
        appAppleId: readAppAppleId(app) ?? DEFAULT_APP.appAppleId,
        environment: resolveEnvironment(open)?.value === 'production' ? 'Production' : 'Sandbox',
      },
      isAppKnown: bundleId !== null,
      deadlineMs: deps.now() + options.timeout,
    },
    options,
    deps,
  );
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
  const notes = createReporter(options, deps);
  const { auditEndpoint } = await import('../../audit/run.js');
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

function tellReport({ kind, file }: ReportPlan, report: AuditReport, { stdout, cwd }: AuditDeps): void {
  const text = kind === 'junit' ? auditToJunit(report) : auditToJson(report);
  if (file === null) stdout.write(text);
  else writeReport(file, text, cwd);
}
