import type { ListenerEvent } from '../../listener/event.js';
import { startListener } from '../../listener/listener.js';
import type { Listener, ListenerOptions } from '../../listener/options.js';
import { createPractice } from '../../listener/practice.js';
import type { SettingFlags } from '../../settings/layer.js';
import { openSettings } from '../../settings/open.js';
import { resolveApp, resolveListen } from '../../settings/resolve.js';
import type { CommandDeps, Deps } from '../deps.js';
import { EXIT, type Exit } from '../exit.js';
import { openTargetDispatchers } from '../forward/targets.js';
import { createNotes, type Notes } from '../notes.js';
import { describeWarnings } from '../render/config.js';
import { prepareClaim } from './claim.js';
import type { Claim } from './claim-hold.js';
import { createClaimNews } from './claim-news.js';
import { createEnd } from './end.js';
import type { ListenFlags } from './flags.js';
import { isLoopbackHost } from './loopback-host.js';
import { type ListenParts, openParts } from './parts.js';
import { type ListenPlan, planListen } from './plan.js';
import { createPublicEnd, type PublicEnd, type PublicEndTold } from './public-end.js';
import { createScreen } from './screen.js';
import { tellTunnel } from './tunnel-news.js';

export type ListenDeps = CommandDeps & Pick<Deps, 'startWorker' | 'cores' | 'processId' | 'isRunning'>;

/** Beyond the time one delivery may take, for what a script waits for. */
const SETTLE_MS = 1_000;

/**
 * Runs until it is interrupted, which is its usual end: exit 0 once it was ready. Throws usage errors of flags, settings, files and the
 * journal, and those of a tunnel.
 */
export async function runListen(flags: ListenFlags, deps: ListenDeps, start = startListener): Promise<Exit> {
  const { stderr, cwd, random } = deps;
  const open = openSettings({ ...deps, flags: settingFlags(flags) });
  const app = resolveApp(open);
  const planned = planListen(flags, { settings: resolveListen(open), app, cwd, random });
  const notes = createNotes(flags, deps);
  if (!flags.json) stderr.write(describeWarnings(open.warnings, stderr.paint));
  for (const warning of [...planned.warnings, ...hostWarnings(planned)]) notes.say(warning);
  const news = createClaimNews(flags, deps);
  const claim = await prepareClaim(flags, planned, open, news, deps);
  if (claim === null) return EXIT.ok;
  const plan = { ...planned, targets: claim.targets };
  const parts = await openParts(flags, plan, { open, rootFiles: app.roots?.value ?? [] }, deps);
  const end = createEnd(plan.until, flags.forwardTimeout + SETTLE_MS, deps);
  const screen = createScreen(flags, plan, parts, deps);
  const onEvent = (event: ListenerEvent): void => {
    screen.take(event);
    end.take(event);
  };
  news.attach(onEvent);
  const publicEnd = createPublicEnd(plan, untilTunnelEnds(claim, tellTunnel(flags, notes, onEvent, deps)), deps);
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
async function stopped(listener: Listener, reason: string, notes: Notes, { sleep }: ListenDeps): Promise<void> {
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
function claimed(claim: Claim, publicEnd: PublicEnd): ListenerOptions['publicUrl'] {
  return async (local) => {
    const url = await publicEnd.url(local);
    if (url !== null) await claim.take(url);
    return url;
  };
}

/** A tunnel that is gone leads nowhere: the old URL is better then. */
function untilTunnelEnds(claim: Claim, told: PublicEndTold): PublicEndTold {
  return {
    ...told,
    onEnded(tunnel, end) {
      told.onEnded(tunnel, end);
      void claim.release();
    },
  };
}

function settingFlags({ profile, bundleId, appAppleId, root }: ListenFlags): SettingFlags {
  return {
    ...(profile && { profile }),
    ...(bundleId !== undefined && { bundleId }),
    ...(appAppleId !== undefined && { appAppleId }),
    ...(root && { root }),
  };
}

function listenerOptions(
  { appleOnly, onInvalid, answer, forwardTimeout, forwardSynthetic }: ListenFlags,
  { host, port, path, tls, proxies, targets, practice }: ListenPlan,
  parts: ListenParts,
  wires: Pick<ListenerOptions, 'onEvent' | 'publicUrl'>,
  { now, sleep, random, env, platform, http }: ListenDeps,
): ListenerOptions {
  return {
    ...{ host, port, path, tls, proxies, appleOnly, onInvalid, answer, targets, forwardSynthetic },
    ...{ now, sleep, random, env, platform },
    ...parts,
    ...wires,
    forwardTimeoutMs: forwardTimeout,
    practice: createPractice(practice),
    wantsDocuments: parts.judging.wantsDocuments,
    http: openTargetDispatchers(http),
  };
}

/** Who else can reach it: said once, since what was meant may be this machine alone. */
function hostWarnings({ host }: ListenPlan): readonly string[] {
  if (isLoopbackHost(host)) return [];
  return [`Listening on ${host}: whoever reaches this machine can post here. Only what verifies is believed.`];
}
