import { dirname } from 'node:path';
import type { CommandDeps, Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { openTargetDispatchers } from '../../cli/forward-options.js';
import { createReporter, type Reporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import type { ListenerEvent, ReadyEvent } from '../../listener/events.js';
import { createFaultInjector } from '../../listener/fault-injection.js';
import { startListener } from '../../listener/listener.js';
import type { Listener, ListenerOptions } from '../../listener/options.js';
import type { TunnelEnd } from '../../listener/tunnel/process.js';
import { forgetListener, recordListener } from '../../session/running-listener.js';
import { definedFlags } from '../../session/settings-flags.js';
import { describeWarnings } from '../../session/warnings.js';
import { openSettings } from '../../settings/open.js';
import { resolveListen } from '../../settings/resolve.js';
import { resolveApp } from '../../settings/resolve-app.js';
import { prepareClaim, type UrlClaim } from './claim.js';
import { createClaimReporter } from './earlier-claims.js';
import type { ListenFlags } from './flags.js';
import { hasLineKeys, watchLineKeys } from './line-keys.js';
import { createListenOutput } from './output.js';
import { createListenPage } from './page.js';
import { isLoopbackHost, type ListenPlan, planListen } from './plan.js';
import { createPublicUrlSource, type PublicUrlSource, type TunnelObserver } from './public-url.js';
import { type ListenResources, openListenResources } from './resources.js';
import { createStopController } from './stop-conditions.js';
import { readTlsFiles } from './tls-files.js';

export type ListenDeps = CommandDeps & Pick<Deps, 'startWorker' | 'cores' | 'processId' | 'isRunning'>;

/** Added to the deadline of one delivery, so that the deliveries of expected notifications can finish. */
const SETTLE_MS = 1_000;

/**
 * Runs until its stop condition or an interrupt, which exits 0 once the listener was ready. Throws usage errors of flags, settings, files
 * and the journal, and the errors of a tunnel.
 */
export async function runListen(flags: ListenFlags, deps: ListenDeps, start = startListener): Promise<Exit> {
  const { stderr, random, env } = deps;
  // Not --environment: that one is what payloads must have, and no setting.
  const { profile, bundleId, appAppleId, root } = flags;
  const open = openSettings({ ...deps, flags: definedFlags({ profile, bundleId, appAppleId, root }) });
  const app = resolveApp(open);
  const tls = await readTlsFiles(flags, deps);
  const planned = planListen(flags, { settings: resolveListen(open), app, tls, random, env });
  const reporter = createReporter(flags, deps);
  if (!flags.json) stderr.write(describeWarnings(open.warnings, stderr));
  for (const warning of [...planned.warnings, ...hostWarnings(planned)]) reporter.say(warning);
  const claimReporter = createClaimReporter(flags, deps);
  const claim = await prepareClaim(flags, planned, open, claimReporter, deps);
  if (claim === null) return EXIT.ok;
  const plan = { ...planned, targets: claim.targets };
  const resources = await openListenResources(flags, plan, { open, rootFiles: app.roots?.value ?? [] }, deps);
  const page = createListenPage({ flags, plan, resources, open, reporter }, deps);
  const quit = new AbortController();
  const signal = AbortSignal.any([deps.signal, quit.signal]);
  const stopController = createStopController(plan.stopCondition, flags.forwardTimeout + SETTLE_MS, {
    ...deps,
    signal,
  });
  const deadline = new AbortController();
  void stopController.stopped.then(({ reason }) => reason === 'timeout' && deadline.abort(reason));
  const output = createListenOutput(flags, plan, { ...resources, page }, deps);
  const stateFolder = dirname(resources.journal.path);
  const onEvent = (event: ListenerEvent): void => {
    if (event.event === 'ready') {
      record(event, stateFolder, resources, reporter, deps);
      page.announce({ url: event.url, publicUrl: event.publicUrl, trustsTrigger: resources.trustsTrigger });
    }
    output.write(event);
    stopController.observe(event);
  };
  claimReporter.attach(onEvent);
  const publicUrlSource = createPublicUrlSource(
    plan,
    releaseWithTunnel(claim, reportTunnel(flags, reporter, onEvent, deps)),
    { ...deps, signal: AbortSignal.any([deps.signal, deadline.signal]) },
  );
  const publicUrl = claimPublicUrl(claim, publicUrlSource);
  try {
    if (flags.inspect !== undefined) await page.start();
    const listener = await start(listenerOptions(flags, plan, resources, { onEvent, publicUrl }, deps));
    if (hasLineKeys(flags, deps)) watchLineKeys(page, () => quit.abort('quit'), reporter, deps, signal);
    const { reason, exit } = await stopController.stopped;
    // Notifications are still accepted while the previous URL is restored.
    const released = await claim.release();
    await stopListener(listener, reason, reporter, deps);
    return exit === EXIT.ok ? released : exit;
  } catch (error) {
    const isDeadline = error instanceof ToolError && error.kind === 'interrupted' && !deps.signal.aborted;
    throw isDeadline ? deadlineError() : error;
  } finally {
    forgetListener(stateFolder);
    stopController.dispose();
    quit.abort('stopped');
    await page.stop();
    await claim.release();
    await publicUrlSource.stop();
    await output.close();
  }
}

/** The tunnel did not report its URL in time. */
function deadlineError(): ToolError {
  return new ToolError('pending', 'ERR_LISTEN_DEADLINE', 'timed out before the public URL was known', {
    hint: 'Pass a longer --timeout; add -v to show what the tunnel says.',
  });
}

/** Records the URL for `trigger` without a destination; a failure prevents nothing else. */
function record(
  { url, publicUrl }: Pick<ReadyEvent, 'url' | 'publicUrl'>,
  folder: string,
  { trustsTrigger }: ListenResources,
  reporter: Reporter,
  { processId, random }: ListenDeps,
): void {
  try {
    recordListener(folder, { url, processId, trustsTrigger, publicUrl }, { random });
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    reporter.say(`The URL cannot be recorded in ${folder} (${why}): trigger needs --to.`);
  }
}

/** Stops the listener after its in-flight work; says so when that takes a while. */
async function stopListener(
  listener: Listener,
  reason: string,
  reporter: Reporter,
  { sleep }: ListenDeps,
): Promise<void> {
  const over = new AbortController();
  const stopping = listener.stop(reason).finally(() => over.abort());
  await sleep(QUIET_MS, over.signal);
  if (!over.signal.aborted) reporter.say('Finishing in-flight work. To stop now: Ctrl-C');
  await stopping;
}

/** A stop within this time needs no message. */
const QUIET_MS = 500;

/** Claims the public URL as soon as it is known. */
function claimPublicUrl(claim: UrlClaim, source: PublicUrlSource): ListenerOptions['publicUrl'] {
  return async (local) => {
    const url = await source.url(local);
    if (url !== null) await claim.set(url);
    return url;
  };
}

/** Restores the previous URL when the tunnel exits, since the claimed one is dead then. */
function releaseWithTunnel(claim: UrlClaim, observer: TunnelObserver): TunnelObserver {
  return {
    ...observer,
    onEnded(tunnel, end) {
      observer.onEnded(tunnel, end);
      void claim.release();
    },
  };
}

function listenerOptions(
  { appleOnly, onInvalid, answer, forwardTimeout, forwardSynthetic }: ListenFlags,
  { host, port, path, pathDisclosure, tls, proxies, targets, faults }: ListenPlan,
  resources: ListenResources,
  hooks: Pick<ListenerOptions, 'onEvent' | 'publicUrl'>,
  { now, sleep, random, env, platform, http }: ListenDeps,
): ListenerOptions {
  return {
    ...{ host, port, path, pathDisclosure, tls, proxies, appleOnly, onInvalid, answer, targets, forwardSynthetic },
    ...{ now, sleep, random, env, platform },
    ...resources,
    ...hooks,
    forwardTimeoutMs: forwardTimeout,
    faultInjector: createFaultInjector(faults),
    wantsDocuments: resources.verification.wantsDocuments,
    http: openTargetDispatchers(http),
  };
}

/** Warns that other machines can reach the listener. */
function hostWarnings({ host }: ListenPlan): readonly string[] {
  if (isLoopbackHost(host)) return [];
  return [`Listening on ${host}: other machines can post here. Only verified notifications are accepted.`];
}

/** Reports a tunnel: its start, its output with `verbose`, and its exit as a notice. */
function reportTunnel(
  { verbose }: { readonly verbose: boolean },
  reporter: Pick<Reporter, 'say'>,
  onEvent: (event: ListenerEvent) => void,
  { now }: Pick<Deps, 'now'>,
): TunnelObserver {
  return {
    onStarting: (name) => reporter.say(`Starting ${name} …`),
    onLine: (line) => {
      if (verbose) reporter.say(line);
    },
    onSlowStop: (name) =>
      reporter.say(`The tunnel ${name} has not ended yet: it is killed after 3 s. To stop now: Ctrl-C`),
    onEnded: (name, end) =>
      onEvent({ event: 'notice', atMs: now(), code: 'TUNNEL_ENDED', message: describeTunnelEnd(name, end) }),
  };
}

function describeTunnelEnd(name: string, { code, signal, lastLines }: TunnelEnd): string {
  const how = signal === null ? (code === null ? '' : ` with code ${code}`) : ` on ${signal}`;
  const output = lastLines.at(-1);
  return `tunnel ${name} exited${how}; Apple can no longer reach this listener${output === undefined ? '' : `. Its last output: ${output}`}`;
}
