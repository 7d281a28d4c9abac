import { join } from 'node:path';
import type { Deps } from '../../cli/deps.js';
import { startEmulatorServer } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/options.js';
import { ToolError } from '../../errors.js';
import { openJournal } from '../../journal/journal.js';
import type { ListenerEvent, VerifiedEvent } from '../../listener/events.js';
import { createFaultInjector } from '../../listener/fault-injection.js';
import { startListener } from '../../listener/listener.js';
import type { Listener } from '../../listener/options.js';
import { startVerificationPool } from '../../listener/verification/worker-pool.js';
import { createServerApi } from '../../server-api/client.js';
import { followTest, type TestFollowUp } from '../../server-api/follow-test.js';
import { readPrivateKey } from '../../settings/private-key.js';
import { type Authority, createAuthority } from '../../simulator/authority/authority.js';
import { parseCertificate } from '../../trust/certificate.js';

/** One step with its result. `value` may quote the payload: escape it for display. */
export interface DemoStep {
  readonly id: 'authority' | 'listener' | 'emulator' | 'request' | 'received' | 'verified' | 'answered' | 'status';
  /** Milliseconds since the start. */
  readonly atMs: number;
  readonly value: string;
}

export interface DemoResult {
  readonly steps: readonly DemoStep[];
  /** The TEST was verified and answered with 200, and its status is SUCCESS. */
  readonly worked: boolean;
  readonly ms: number;
}

/** The demo takes about a second. */
const DEADLINE_MS = 20_000;

const INTERVAL_MS = 100;

/** Runs the loop once: requests a TEST, receives, verifies and answers it, and reads its status. */
export async function playDemo(folder: string, onStep: (step: DemoStep) => void, deps: DemoDeps): Promise<DemoResult> {
  const startedMs = deps.now();
  const steps: DemoStep[] = [];
  const report = (id: DemoStep['id'], value: string): void => {
    const step = { id, atMs: deps.now() - startedMs, value };
    steps.push(step);
    onStep(step);
  };
  let verdict: VerifiedEvent | null = null;
  const environment = await startDemoEnvironment(
    folder,
    (event) => {
      if (event.event === 'verified') verdict = event;
      reportArrival(event, report);
    },
    deps,
  );
  try {
    report('authority', 'created for this run');
    report('listener', environment.listener.url);
    report('emulator', environment.emulator.url);
    const followed = await requestTest(environment, report, deps);
    report('status', followed.outcome);
    return { steps, worked: hasPassed(verdict, followed), ms: deps.now() - startedMs };
  } finally {
    await environment.stop();
  }
}

function reportArrival(event: ListenerEvent, report: (id: DemoStep['id'], value: string) => void): void {
  if (event.event === 'received') report('received', `${event.bytes.toLocaleString('en-US')} bytes`);
  if (event.event !== 'verified') return;
  const { verdict, reason } = event.result.verdict ?? { verdict: 'invalid', reason: 'MALFORMED_JWS' };
  const passed = event.document?.verification?.checks.filter(({ ok }) => ok === true).length ?? 0;
  report('verified', `${verdict}: ${reason ?? `${event.result.facts?.type ?? 'unknown'}, ${passed} checks passed`}`);
  report('answered', event.answered === null ? 'no' : String(event.answered));
}

async function requestTest(
  { emulator }: DemoEnvironment,
  report: (id: DemoStep['id'], value: string) => void,
  deps: DemoDeps,
): Promise<TestFollowUp> {
  const { now, sleep, signal } = deps;
  const { issuerId, keyId, bundleId } = emulator;
  const privateKey = await readPrivateKey({ form: 'path', path: emulator.privateKeyPath }, signal);
  const dispatcher = await deps.http();
  const baseUrl = emulator.serverApi.sandbox;
  const deadlineMs = now() + DEADLINE_MS;
  const api = createServerApi({
    baseUrl,
    issuerId,
    keyId,
    bundleId,
    privateKey,
    dispatcher,
    now,
    sleep,
    signal,
    deadlineMs,
  });
  const token = await api.requestTest();
  if (token === null) throw new ToolError('remote', 'ERR_DEMO', 'the emulator has no notification URL');
  report('request', token);
  return followTest({
    ...{ api, token, deadlineMs, now, sleep, signal, wait: true, intervalMs: INTERVAL_MS },
    onAttempt: () => undefined,
  });
}

function hasPassed(event: VerifiedEvent | null, { outcome }: TestFollowUp): boolean {
  return event?.result.verdict?.verdict === 'valid' && event.answered === 200 && outcome === 'SUCCESS';
}

export type DemoDeps = Pick<
  Deps,
  'stdout' | 'stderr' | 'now' | 'sleep' | 'random' | 'http' | 'signal' | 'processId' | 'env' | 'platform'
>;

/** Emulator and listener in this process, connected over real sockets. */
interface DemoEnvironment {
  readonly authority: Authority;
  readonly listener: Listener;
  readonly emulator: Emulator;
  stop(): Promise<void>;
}

/** Time that the status stays pending: long enough that the demo polls twice. */
const PENDING_MS = 150;

/** Starts a test authority, a listener that trusts it and an emulator that sends to the listener. Files go into `folder`. */
async function startDemoEnvironment(
  folder: string,
  onEvent: (event: ListenerEvent) => void,
  deps: DemoDeps,
): Promise<DemoEnvironment> {
  const { now, sleep, random } = deps;
  const authority = await createAuthority({ nowMs: now() });
  const listener = await listen(folder, authority, onEvent, deps);
  const emulator = await startEmulatorServer({
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
  const verification = { roots, expectations: { environment: 'Sandbox' as const }, wantsDocuments: true };
  const journal = await openJournal(folder, { now, pid: processId, isRunning: () => false });
  return startListener({
    ...{ now, sleep, random, env, platform, verification, journal, onEvent },
    verificationPool: startVerificationPool(1, verification, null),
    host: '127.0.0.1',
    port: 0,
    path: '/',
    pathDisclosure: 'always',
    tls: null,
    proxies: { trusted: [], cloudflared: false },
    appleOnly: false,
    onInvalid: 'reject',
    answer: 'ack',
    targets: [],
    forwardTimeoutMs: 1_000,
    forwardSynthetic: false,
    publicUrl: () => Promise.resolve(null),
    faultInjector: createFaultInjector({}),
    wantsDocuments: true,
    http,
  });
}
