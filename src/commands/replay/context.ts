import { planTargets } from '../../cli/forward-options.js';
import { createReporter, type Reporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import type { Target } from '../../forwarding/target.js';
import type { JournalReader } from '../../journal/reader.js';
import { createBodyVerifier } from '../../listener/verification/verify-body.js';
import { appExpectations } from '../../session/app.js';
import { findJournalFolder, openReader } from '../../session/journal.js';
import { openServerSettings } from '../../session/server.js';
import { readTrustedRoots } from '../../session/trust.js';
import { describeWarnings } from '../../session/warnings.js';
import type { OpenSettings } from '../../settings/open.js';
import { type ListenSettings, resolveListen } from '../../settings/resolve.js';
import { resolveApp } from '../../settings/resolve-app.js';
import { type JournalSource, openJournalSource } from './journal-source.js';
import type { ReplayDeps, ReplayOptions } from './options.js';
import type { VerifyBody } from './sources.js';

/** Settings, targets and journal of a run, read before anything is sent. */
export interface ReplayContext {
  readonly open: OpenSettings;
  readonly notes: Reporter;
  readonly targets: readonly Target[];
  /** Empty where there is no journal yet. */
  readonly reader: JournalReader;
  /** Null where there is no journal yet. */
  readonly journal: JournalSource | null;
  readonly verify: VerifyBody;
}

/** Reads the settings, targets and journal, and prints their warnings. Throws the usage errors of each. */
export async function openReplayContext(options: ReplayOptions, deps: ReplayDeps): Promise<ReplayContext> {
  const { stderr, now } = deps;
  const open = openServerSettings(options, options.environment, deps);
  const notes = createReporter(options, deps);
  if (!options.json) stderr.write(describeWarnings(open.warnings, stderr));
  const { targets, warnings } = readReplayTargets(options, resolveListen(open), deps.env);
  for (const warning of warnings) notes.say(warning);
  const folder = findJournalFolder(open, deps);
  const reader = await openReader(folder, options, deps);
  const app = resolveApp(open);
  const roots = await readTrustedRoots(app.roots?.value ?? [], deps);
  const verifyAt = createBodyVerifier({ roots, expectations: appExpectations(app), wantsDocuments: true });
  const verify: VerifyBody = (body) => verifyAt({ body, atMs: now() });
  const journal = folder === null ? null : openJournalSource(folder, reader, { roots, verify });
  return { open, notes, targets, reader, journal, verify };
}

/** Targets of the flags; without any, the targets of `listen`. */
function readReplayTargets(
  options: ReplayOptions,
  settings: ListenSettings,
  env: ReplayDeps['env'],
): ReturnType<typeof planTargets> {
  const { forwardTo, header, insecure } = options;
  const flags = { insecure, answer: 'ack', onInvalid: 'reject', ...(header && { header }) } as const;
  if (forwardTo === undefined) return planTargets(flags, settings, env);
  return planTargets({ ...flags, forwardTo }, { ...settings, exec: null, events: null }, env);
}

/** Throws usage `ERR_REPLAY_NO_TARGET` where neither flags nor settings name a target. */
export function requireTargets({ targets, reader }: ReplayContext): void {
  if (targets.length > 0) return;
  const [pending] = reader.statuses.pendingByTarget().keys();
  const name = pending === undefined ? '' : `${pending}=`;
  throw new ToolError('usage', 'ERR_REPLAY_NO_TARGET', 'no target given, so nothing can be sent', {
    hint: `Pass --forward-to ${name}http://localhost:3000/path, or set "targets" in .storewire.json.`,
  });
}
