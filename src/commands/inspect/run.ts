import { EXIT, type Exit } from '../../cli/exit.js';
import { planTargets } from '../../cli/forward-options.js';
import { createReporter, type Reporter } from '../../cli/reporter.js';
import { interrupted } from '../../errors.js';
import type { Target } from '../../forwarding/target.js';
import type { Inspector } from '../../inspector/http/server.js';
import { type InspectedListener, openInspector } from '../../session/inspector.js';
import { findJournalFolder } from '../../session/journal.js';
import { findListener } from '../../session/running-listener.js';
import { definedFlags } from '../../session/settings-flags.js';
import { readTrustedRoots, rootWarnings } from '../../session/trust.js';
import { describeWarnings } from '../../session/warnings.js';
import { type OpenSettings, openSettings } from '../../settings/open.js';
import { resolveListen } from '../../settings/resolve.js';
import { resolveApp } from '../../settings/resolve-app.js';
import type { InspectDeps, InspectFlags } from './options.js';
import { openShown, type ShownSource, type VerificationSettings } from './shown.js';
import { describeInspectReady } from './view.js';

/**
 * Serves the page until an interrupt, which exits 0. Throws usage `ERR_INSPECT_PORT`, and the errors of flags, settings and inputs.
 */
export async function runInspect(inputs: readonly string[], flags: InspectFlags, deps: InspectDeps): Promise<Exit> {
  const reporter = createReporter({ json: false }, deps);
  const settings = await openVerification(flags, deps);
  const { open } = settings;
  const targets = openTargets(flags, open, reporter, deps);
  const shown = await openShown(inputs, settings, deps);
  if (deps.signal.aborted) throw interrupted();

  const onError = (error: unknown): void => reporter.say(error instanceof Error ? error.message : String(error));
  const findRunning = () => findRunningListener(open, deps);
  const { forwardTimeout, forwardSynthetic, port } = flags;
  const inspector = await openInspector(
    {
      ...{ source: shown.source, targets, forwardTimeout, forwardSynthetic, open, onError, port },
      kind: shown.isJournal ? 'journal' : 'input',
      say: reporter.say,
      findListener: findRunning,
    },
    deps,
  );
  try {
    const ready = { ...shown, url: inspector.url, targets, listener: await findRunning() };
    deps.stdout.write(describeInspectReady(ready, { ...deps.stdout, nowMs: deps.now() }));
    await serveUntilStopped(shown, inspector, onError, deps);
  } finally {
    await inspector.stop();
  }
  return EXIT.ok;
}

/** Opens settings and roots, and prints their warnings. */
async function openVerification({ profile, root }: InspectFlags, deps: InspectDeps): Promise<VerificationSettings> {
  const { stderr } = deps;
  const open = openSettings({ ...deps, flags: definedFlags({ profile, root }) });
  const app = resolveApp(open);
  const roots = await readTrustedRoots(app.roots?.value ?? [], deps);
  stderr.write(describeWarnings([...open.warnings, ...rootWarnings(roots)], stderr));
  return { open, app, roots };
}

/** Targets of replays, from flags and settings. */
function openTargets(
  flags: InspectFlags,
  open: OpenSettings,
  { say }: Pick<Reporter, 'say'>,
  { env }: Pick<InspectDeps, 'env'>,
): readonly Target[] {
  const targetFlags = { ...flags, answer: 'ack', onInvalid: 'reject' } as const;
  const { targets, warnings } = planTargets(targetFlags, { ...resolveListen(open), exec: null }, env);
  for (const warning of warnings) say(warning);
  return targets;
}

async function findRunningListener(open: OpenSettings, deps: InspectDeps): Promise<InspectedListener | null> {
  const folder = findJournalFolder(open, deps);
  const found = folder === null ? null : await findListener(folder, deps);
  return found?.state === 'running' ? found.listener : null;
}

/** Reads the rest of the input meanwhile. Throws what fails there only as long as there is nothing to look at, and nothing to come. */
async function serveUntilStopped(
  { source, readRest }: ShownSource,
  inspector: Inspector,
  onError: (error: unknown) => void,
  deps: InspectDeps,
): Promise<void> {
  const reading = readRest(inspector.notifyChanged).catch((error: unknown) => {
    if (source.total === 0) throw error;
    onError(error);
  });
  await Promise.race([untilStopped(deps), reading.then(() => untilStopped(deps))]);
}

function untilStopped({ signal, stdout }: Pick<InspectDeps, 'signal' | 'stdout'>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || stdout.closed.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    stdout.closed.addEventListener('abort', () => resolve(), { once: true });
  });
}
