import packageJson from '../../../package.json' with { type: 'json' };
import { displayUrl } from '../../address/display.js';
import { parseEndpointUrl } from '../../address/endpoint-url.js';
import { isLoopback } from '../../address/reach.js';
import { type GenuineToken, openGenuine } from '../../audit/forgeries/genuine.js';
import type { AuditReport } from '../../audit/report.js';
import type { AuditOptions } from '../../audit/run.js';
import type { CommandDeps, Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { createReporter } from '../../cli/reporter.js';
import { interrupted, ToolError } from '../../errors.js';
import type { Claim } from '../../input/claim.js';
import { parseClaims } from '../../input/claims/parse-claims.js';
import { type ReadDeps, readInput } from '../../input/read.js';
import { type AUDIT_REPORT_KINDS, planReports } from '../../reports/report-files.js';
import { readAppAppleId } from '../../session/app.js';
import { describeMade, openProjectAuthority } from '../../session/authority.js';
import { definedFlags } from '../../session/settings-flags.js';
import { readTrustedRoots } from '../../session/trust.js';
import type { SettingFlags } from '../../settings/layer.js';
import { type OpenSettings, openSettings } from '../../settings/open.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve-app.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import { DEFAULT_APP } from '../../simulator/payloads/app.js';
import type { TrustedRoot } from '../../trust/roots.js';
import { createEffect } from './effect.js';
import { outputAudit } from './output.js';
import { describeAuditStart } from './view.js';

/**
 * Confirms a remote host, as forgeries sent to another owner's host are an attack: the user types its name or passes `--yes`. Throws
 * ToolError (usage) `ERR_AUDIT_HOST` otherwise.
 */
async function confirmTarget(
  { hostname }: URL,
  yes: boolean,
  { stdin, stderr, prompts }: Pick<Deps, 'stdin' | 'stderr' | 'prompts'>,
): Promise<void> {
  if (yes || isLoopback(hostname)) return;
  if (!stdin.isTty || !stderr.isTty) {
    throw refused(`nothing was sent: ${hostname} is not this machine`, 'If the endpoint is yours, add --yes.');
  }
  const ask = await prompts();
  const message = `Forgeries will be sent to ${hostname}. If it is yours, type its name to continue:`;
  const typed = await ask.input({ message });
  if (typed.trim().toLowerCase() === hostname) return;
  throw refused('nothing was sent: the host name does not match', `Type ${hostname}.`);
}

function refused(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_HOST', message, { hint });
}

/** Tokens read at most: more add nothing, and a large archive takes long to read. */
const MOST_TOKENS = 200;

/**
 * Reads the genuine tokens in the given files, nested ones included. Throws ToolError (usage) `ERR_AUDIT_GENUINE` for a token not signed
 * under `roots`, and what `readInput` throws.
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
  if (deps.signal.aborted) throw interrupted();
  if (tokens.length === 0) throw notGenuine(inputs.join(', '), 'no token found');
  return tokens;
}

function open(claim: Claim, roots: readonly TrustedRoot[], nowMs: number): readonly GenuineToken[] {
  if (claim.type !== 'token') throw notGenuine(claim.source, 'not a token');
  const opened = openGenuine(claim.text, claim.source, roots, nowMs);
  if (typeof opened === 'string') throw notGenuine(claim.source, opened);
  return opened;
}

function notGenuine(source: string, why: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_GENUINE', `cannot verify that Apple signed --genuine ${source}: ${why}`, {
    hint: 'Pass tokens signed by the App Store, such as transactions of your own devices. For details: storewire verify FILE',
  });
}

/** Exit 0 safe, 1 unsafe. Inconclusive: 4 if responses were missing, 5 otherwise. */
function exitOfAudit({ verdict, doubt }: Pick<AuditReport, 'verdict' | 'doubt'>): Exit {
  if (verdict === 'safe') return EXIT.ok;
  if (verdict === 'unsafe') return EXIT.no;
  return doubt === 'unanswered' ? EXIT.remote : EXIT.pending;
}

export interface AuditCommandOptions extends SettingFlags {
  readonly control: boolean;
  readonly genuine?: readonly string[];
  /** Command that checks for an effect. */
  readonly effect?: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly yes: boolean;
  readonly report: readonly (typeof AUDIT_REPORT_KINDS)[number][];
  readonly reportFile: readonly string[];
  readonly json: boolean;
  readonly verbose: boolean;
}

export type AuditDeps = CommandDeps & Pick<Deps, 'suspend'>;

/** Limit of one request, well above what an endpoint should take. Apple does not document its own. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Runs `audit`. Exit 0 safe, 1 unsafe, 5 inconclusive, 4 if the endpoint was unreachable. Throws `interrupted` on Ctrl-C, after a report of
 * the results so far if there are any.
 */
export async function runAudit(target: string, options: AuditCommandOptions, deps: AuditDeps): Promise<Exit> {
  const url = parseEndpointUrl(target, 'the endpoint URL');
  const plans = planReports(options);
  const report = await audit(url, options, deps);
  outputAudit(report, plans, options, deps);
  if (report.interrupted !== null) throw interrupted();
  return exitOfAudit(report);
}

async function audit(url: URL, options: AuditCommandOptions, deps: AuditDeps): Promise<AuditReport> {
  if (options.verbose) {
    const { describeEffectiveSettings } = await import('../../session/effective-settings.js');
    deps.stderr.write(describeEffectiveSettings({ ...options }, deps));
  }
  const open = openSettings({ ...deps, flags: definedFlags(options) });
  const app = resolveApp(open);
  const { bundleId, roots } = app;
  const trusted = await readTrustedRoots(roots?.value ?? [], deps);
  const genuine = await readGenuine(options.genuine ?? [], trusted, deps.now(), deps);
  await confirmTarget(url, options.yes, deps);
  const { authority } = await openAuthority(open, options, deps);
  return send(
    {
      ...{ url, displayedUrl: displayUrl(url.href, 'report'), authority, genuine, control: options.control },
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
  deps.stderr.write(
    describeAuditStart({ rootPath: stored.isNew ? null : stored.rootPath, control, isAppKnown }, deps.stderr),
  );
  return stored;
}

async function send(audit: AuditOptions, options: AuditCommandOptions, deps: AuditDeps): Promise<AuditReport> {
  const { now, sleep, random, signal } = deps;
  const notes = createReporter(options, deps);
  const { auditEndpoint } = await import('../../audit/run.js');
  try {
    return await auditEndpoint(audit, {
      ...{ now, sleep, random, signal, dispatcher: await deps.http(), timeoutMs: ANSWER_TIMEOUT_MS },
      userAgent: `storewire-audit/${packageJson.version}`,
      askEffect: options.effect === undefined ? null : createEffect(options.effect, deps),
      onProgress: (done, total, id) => notes.progress(`${done}/${total} ${id}`),
    });
  } finally {
    notes.clear();
  }
}
