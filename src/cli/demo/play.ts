import { ToolError } from '../../errors.js';
import type { ListenerEvent, VerifiedEvent } from '../../listener/event.js';
import { createServerApi } from '../../server-api/client.js';
import { type Followed, followTest } from '../../server-api/follow.js';
import { readPrivateKey } from '../../settings/private-key.js';
import { type DemoDeps, type Scene, setScene } from './scene.js';

/** One line of the story: what was done, and what came of it. Values may quote what was sent: they are escaped where they are shown. */
export interface DemoStep {
  readonly id: 'authority' | 'listener' | 'emulator' | 'request' | 'received' | 'verified' | 'answered' | 'status';
  /** Milliseconds since the start. */
  readonly atMs: number;
  readonly value: string;
}

export interface DemoResult {
  readonly steps: readonly DemoStep[];
  /** The TEST was sent, proved, answered 200, and the status says so. */
  readonly worked: boolean;
  readonly ms: number;
}

/** All of it takes about a second; whatever hangs is a failure. */
const DEADLINE_MS = 20_000;
const INTERVAL_MS = 100;

/** Plays the loop once: a TEST is asked for, sent, received, proved, answered, and its status read. */
export async function playDemo(folder: string, onStep: (step: DemoStep) => void, deps: DemoDeps): Promise<DemoResult> {
  const startedMs = deps.now();
  const steps: DemoStep[] = [];
  const tell = (id: DemoStep['id'], value: string): void => {
    const step = { id, atMs: deps.now() - startedMs, value };
    steps.push(step);
    onStep(step);
  };
  let verdict: VerifiedEvent | null = null;
  const scene = await setScene(
    folder,
    (event) => {
      if (event.event === 'verified') verdict = event;
      tellArrival(event, tell);
    },
    deps,
  );
  try {
    tell('authority', 'made for this run only');
    tell('listener', scene.listener.url);
    tell('emulator', scene.emulator.url);
    const followed = await requestTest(scene, tell, deps);
    tell('status', followed.outcome);
    return { steps, worked: isGood(verdict, followed), ms: deps.now() - startedMs };
  } finally {
    await scene.stop();
  }
}

function tellArrival(event: ListenerEvent, tell: (id: DemoStep['id'], value: string) => void): void {
  if (event.event === 'received') tell('received', `${event.bytes.toLocaleString('en-US')} bytes`);
  if (event.event !== 'verified') return;
  const { verdict, reason } = event.judged.verdict ?? { verdict: 'invalid', reason: 'MALFORMED_JWS' };
  const passed = event.document?.verification?.checks.filter(({ ok }) => ok === true).length ?? 0;
  tell('verified', `${verdict}: ${reason ?? `${event.judged.facts?.type ?? 'unknown'}, ${passed} checks passed`}`);
  tell('answered', event.answered === null ? 'not' : String(event.answered));
}

async function requestTest(
  { emulator }: Scene,
  tell: (id: DemoStep['id'], value: string) => void,
  deps: DemoDeps,
): Promise<Followed> {
  const { now, sleep, signal } = deps;
  const { issuerId, keyId, bundleId } = emulator;
  const privateKey = await readPrivateKey({ form: 'path', path: emulator.privateKeyPath });
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
  if (token === null) throw new ToolError('remote', 'ERR_DEMO', 'the emulator has no URL to send a TEST to');
  tell('request', token);
  return followTest({
    ...{ api, token, deadlineMs, now, sleep, signal, wait: true, intervalMs: INTERVAL_MS },
    onAttempt: () => undefined,
  });
}

function isGood(event: VerifiedEvent | null, { outcome }: Followed): boolean {
  return event?.judged.verdict?.verdict === 'valid' && event.answered === 200 && outcome === 'SUCCESS';
}
