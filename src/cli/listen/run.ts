import type { ListenerEvent } from '../../listener/event.js';
import { startListener } from '../../listener/listener.js';
import type { ListenerOptions } from '../../listener/options.js';
import { createPractice } from '../../listener/practice.js';
import type { SettingFlags } from '../../settings/layer.js';
import { openSettings } from '../../settings/open.js';
import { resolveApp, resolveListen } from '../../settings/resolve.js';
import type { Deps } from '../deps.js';
import type { Exit } from '../exit.js';
import { openTargetDispatchers } from '../forward/targets.js';
import { createNotes } from '../notes.js';
import { describeWarnings } from '../render/config.js';
import { createEnd } from './end.js';
import type { ListenFlags } from './flags.js';
import { isLoopbackHost } from './loopback-host.js';
import { type ListenParts, openParts } from './parts.js';
import { type ListenPlan, planListen } from './plan.js';
import { createPublicEnd } from './public-end.js';
import { createScreen } from './screen.js';
import { tellTunnel } from './tunnel-news.js';

export type ListenDeps = Pick<
  Deps,
  | 'stdout'
  | 'stderr'
  | 'env'
  | 'cwd'
  | 'now'
  | 'sleep'
  | 'random'
  | 'http'
  | 'signal'
  | 'startWorker'
  | 'cores'
  | 'platform'
  | 'userId'
  | 'processId'
  | 'isRunning'
>;

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
  const plan = planListen(flags, { settings: resolveListen(open), app, cwd, random });
  const notes = createNotes(flags, deps);
  if (!flags.json) stderr.write(describeWarnings(open.warnings, stderr.paint));
  for (const warning of [...plan.warnings, ...hostWarnings(plan)]) notes.say(warning);
  const parts = await openParts(flags, plan, { open, rootFiles: app.roots?.value ?? [] }, deps);
  const end = createEnd(plan.until, flags.forwardTimeout + SETTLE_MS, deps);
  const screen = createScreen(flags, plan, parts, deps);
  const onEvent = (event: ListenerEvent): void => {
    screen.take(event);
    end.take(event);
  };
  const publicEnd = createPublicEnd(plan, tellTunnel(flags, notes, onEvent, deps), deps);
  try {
    const listener = await start(listenerOptions(flags, plan, parts, { onEvent, publicUrl: publicEnd.url }, deps));
    const { reason, exit } = await end.reached;
    await listener.stop(reason);
    return exit;
  } finally {
    end.forget();
    await publicEnd.stop();
    await screen.end();
  }
}

function settingFlags({ profile, bundleId, appAppleId, root }: ListenFlags): SettingFlags {
  return {
    ...(profile && { profile }),
    ...(bundleId && { bundleId }),
    ...(appAppleId && { appAppleId }),
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
