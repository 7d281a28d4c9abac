import type { CommandDeps, Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { openTargetDispatchers } from '../../cli/forward-options.js';
import { createReporter, type Reporter } from '../../cli/reporter.js';
import type { ListenerEvent } from '../../listener/events.js';
import { createFaultInjector } from '../../listener/fault-injection.js';
import { startListener } from '../../listener/listener.js';
import type { Listener, ListenerOptions } from '../../listener/options.js';
import type { TunnelEnd } from '../../listener/tunnel/process.js';
import { definedFlags } from '../../session/settings-flags.js';
import { describeWarnings } from '../../session/warnings.js';
import { openSettings } from '../../settings/open.js';
import { resolveApp, resolveListen } from '../../settings/resolve.js';
import { type Claim, prepareClaim } from './claim.js';
import { createClaimReporter } from './earlier-claims.js';
import type { ListenFlags } from './flags.js';
import { createListenOutput } from './output.js';
import { isLoopbackHost, type ListenPlan, planListen } from './plan.js';
import { createPublicUrlSource, type PublicUrlSource, type TunnelObserver } from './public-url.js';
import { type ListenResources, openListenResources } from './resources.js';
import { createStopController } from './stop-conditions.js';

export type ListenDeps = CommandDeps & Pick<Deps, 'startWorker' | 'cores' | 'processId' | 'isRunning'>;

/** Beyond the time one delivery may take, for what a script waits for. */
const SETTLE_MS = 1_000;

/**
 * Runs until it is interrupted, which is its usual end: exit 0 once it was ready. Throws usage errors of flags, settings, files and the
 * journal, and those of a tunnel.
 */
export async function runListen(flags: ListenFlags, deps: ListenDeps, start = startListener): Promise<Exit> {
  const { stderr, cwd, random } = deps;
  // Not --environment: that one is what payloads must have, and no setting.
  const { profile, bundleId, appAppleId, root } = flags;
  const open = openSettings({ ...deps, flags: definedFlags({ profile, bundleId, appAppleId, root }) });
  const app = resolveApp(open);
  const planned = planListen(flags, { settings: resolveListen(open), app, cwd, random });
  const notes = createReporter(flags, deps);
  if (!flags.json) stderr.write(describeWarnings(open.warnings, stderr.paint));
  for (const warning of [...planned.warnings, ...hostWarnings(planned)]) notes.say(warning);
  const news = createClaimReporter(flags, deps);
  const claim = await prepareClaim(flags, planned, open, news, deps);
  if (claim === null) return EXIT.ok;
  const plan = { ...planned, targets: claim.targets };
  const parts = await openListenResources(flags, plan, { open, rootFiles: app.roots?.value ?? [] }, deps);
  const end = createStopController(plan.until, flags.forwardTimeout + SETTLE_MS, deps);
  const screen = createListenOutput(flags, plan, parts, deps);
  const onEvent = (event: ListenerEvent): void => {
    screen.take(event);
    end.take(event);
  };
  news.attach(onEvent);
  const publicEnd = createPublicUrlSource(
    plan,
    untilTunnelEnds(claim, reportTunnel(flags, notes, onEvent, deps)),
    deps,
  );
  const publicUrl = claimed(claim, publicEnd);
  try {
    const listener = await start(listenerOptions(flags, plan, parts, { onEvent, publicUrl }, deps));
    const { reason, exit } = await end.reached;
    // What Apple sends while the old URL is put back is still taken.
    const released = await claim.release();
    await stopped(listener, reason, notes, deps);
    return exit === EXIT.ok ? released : exit;
  } finally {
    end.forget();
    await claim.release();
    await publicEnd.stop();
    await screen.end();
  }
}

/** What is under way may end first; whoever waits for that is told. */
async function stopped(listener: Listener, reason: string, notes: Reporter, { sleep }: ListenDeps): Promise<void> {
  const over = new AbortController();
  const stopping = listener.stop(reason).finally(() => over.abort());
  await sleep(PROMPT_MS, over.signal);
  if (!over.signal.aborted)
    notes.say('Ending: what is under way may take a few seconds more. Ctrl-C again ends at once.');
  await stopping;
}

/** An end that takes no longer needs no word. */
const PROMPT_MS = 500;

/** The public URL, claimed as soon as it is known. */
function claimed(claim: Claim, publicEnd: PublicUrlSource): ListenerOptions['publicUrl'] {
  return async (local) => {
    const url = await publicEnd.url(local);
    if (url !== null) await claim.take(url);
    return url;
  };
}

/** A tunnel that is gone leads nowhere: the old URL is better then. */
function untilTunnelEnds(claim: Claim, told: TunnelObserver): TunnelObserver {
  return {
    ...told,
    onEnded(tunnel, end) {
      told.onEnded(tunnel, end);
      void claim.release();
    },
  };
}

function listenerOptions(
  { appleOnly, onInvalid, answer, forwardTimeout, forwardSynthetic }: ListenFlags,
  { host, port, path, tls, proxies, targets, practice }: ListenPlan,
  parts: ListenResources,
  wires: Pick<ListenerOptions, 'onEvent' | 'publicUrl'>,
  { now, sleep, random, env, platform, http }: ListenDeps,
): ListenerOptions {
  return {
    ...{ host, port, path, tls, proxies, appleOnly, onInvalid, answer, targets, forwardSynthetic },
    ...{ now, sleep, random, env, platform },
    ...parts,
    ...wires,
    forwardTimeoutMs: forwardTimeout,
    practice: createFaultInjector(practice),
    wantsDocuments: parts.judging.wantsDocuments,
    http: openTargetDispatchers(http),
  };
}

/** Who else can reach it: said once, since what was meant may be this machine alone. */
function hostWarnings({ host }: ListenPlan): readonly string[] {
  if (isLoopbackHost(host)) return [];
  return [`Listening on ${host}: whoever reaches this machine can post here. Only what verifies is believed.`];
}

/** Tells what a tunnel does: that it starts, with `verbose` each line it prints, and at once that it is gone. */
function reportTunnel(
  { verbose }: { readonly verbose: boolean },
  notes: Pick<Reporter, 'say'>,
  onEvent: (event: ListenerEvent) => void,
  { now }: Pick<Deps, 'now'>,
): TunnelObserver {
  return {
    onStarting: (name) => notes.say(`Starting ${name} …`),
    onLine: (line) => {
      if (verbose) notes.say(line);
    },
    onEnded: (name, end) =>
      onEvent({ event: 'notice', atMs: now(), code: 'TUNNEL_ENDED', message: describeEnd(name, end) }),
  };
}

function describeEnd(name: string, { code, signal, lastLines }: TunnelEnd): string {
  const how = signal === null ? (code === null ? '' : ` with code ${code}`) : ` by ${signal}`;
  const said = lastLines.at(-1);
  return `The tunnel (${name}) has ended${how}: Apple reaches nothing here any more.${said === undefined ? '' : ` It said: ${said}`}`;
}
