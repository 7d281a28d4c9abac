import { join } from 'node:path';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/options.js';
import { openJournal } from '../../journal/journal.js';
import type { ListenerEvent } from '../../listener/event.js';
import { startJudges } from '../../listener/judge/pool.js';
import { startListener } from '../../listener/listener.js';
import type { Listener } from '../../listener/options.js';
import { createPractice } from '../../listener/practice.js';
import { type Authority, createAuthority } from '../../simulator/authority.js';
import { parseCertificate } from '../../trust/certificate.js';
import type { Deps } from '../deps.js';

export type DemoDeps = Pick<
  Deps,
  'stdout' | 'stderr' | 'now' | 'sleep' | 'random' | 'http' | 'signal' | 'processId' | 'env' | 'platform'
>;

/** Both ends of the wire, in this process: everything is real but Apple's name. */
export interface Scene {
  readonly authority: Authority;
  readonly listener: Listener;
  readonly emulator: Emulator;
  stop(): Promise<void>;
}

/** How long the emulator keeps a status to itself: enough to see that it has to be asked twice. */
const PENDING_MS = 150;

/** Sets up an authority, a listener that trusts it and an emulator that sends to it; everything they keep is in `folder`. */
export async function setScene(
  folder: string,
  onEvent: (event: ListenerEvent) => void,
  deps: DemoDeps,
): Promise<Scene> {
  const { now, sleep, random } = deps;
  const authority = await createAuthority({ nowMs: now() });
  const listener = await listen(folder, authority, onEvent, deps);
  const emulator = await startEmulator({
    ...{ now, sleep, random, authority },
    stateFolder: join(folder, 'emulator'),
    sandboxUrl: listener.url,
    pendingMs: PENDING_MS,
    signal: deps.signal,
  });
  const stop = async (): Promise<void> => {
    await emulator.stop('done');
    await listener.stop('done');
  };
  return { authority, listener, emulator, stop };
}

async function listen(
  folder: string,
  authority: Authority,
  onEvent: (event: ListenerEvent) => void,
  { now, sleep, random, http, processId, env, platform }: DemoDeps,
): Promise<Listener> {
  const roots = [{ certificate: parseCertificate(authority.root.raw), name: 'test authority' }];
  const judging = { roots, expectations: { environment: 'Sandbox' as const }, wantsDocuments: true };
  const journal = await openJournal(folder, { now, pid: processId, isRunning: () => false });
  return startListener({
    ...{ now, sleep, random, env, platform, judging, journal, onEvent },
    judges: startJudges(1, judging, null),
    host: '127.0.0.1',
    port: 0,
    path: '/',
    tls: null,
    proxies: { trusted: [], cloudflared: false },
    appleOnly: false,
    onInvalid: 'reject',
    answer: 'ack',
    targets: [],
    forwardTimeoutMs: 1_000,
    forwardSynthetic: false,
    publicUrl: () => Promise.resolve(null),
    practice: createPractice({}),
    wantsDocuments: true,
    http,
  });
}
