import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { now, sleep } from '../../src/clock.js';
import { parseTarget } from '../../src/forwarding/parse-target.js';
import type { Target } from '../../src/forwarding/target.js';
import { type JournalOptions, openJournal } from '../../src/journal/journal.js';
import type { JournalEntry } from '../../src/journal/record.js';
import type { ListenerEvent } from '../../src/listener/events.js';
import { createFaultInjector, type FaultOptions } from '../../src/listener/fault-injection.js';
import { startListener } from '../../src/listener/listener.js';
import type { Listener, ListenerOptions } from '../../src/listener/options.js';
import { startVerificationPool } from '../../src/listener/verification/worker-pool.js';
import type { Authority } from '../../src/simulator/authority/authority.js';
import { createAuthority } from '../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../src/simulator/authority/chain.js';
import { signNotification } from '../../src/simulator/authority/sign-payload.js';
import type { NotificationOptions } from '../../src/simulator/payloads/notification.js';
import { buildNotification } from '../../src/simulator/payloads/notification.js';
import { parseCertificate } from '../../src/trust/certificate.js';
import { readEntries } from './journal-scan.js';

export interface TestListenerOptions extends Partial<Omit<ListenerOptions, 'faultInjector' | 'targets' | 'journal'>> {
  /** As `--forward-to` takes them, or made already. */
  readonly targets?: readonly (string | Target)[];
  readonly faults?: FaultOptions;
  readonly journal?: Partial<JournalOptions>;
  /** Journal of an earlier listener. */
  readonly folder?: string;
  readonly authority?: Authority;
}

export interface TestListener {
  readonly listener: Listener;
  readonly url: string;
  readonly folder: string;
  readonly authority: Authority;
  readonly events: readonly ListenerEvent[];
  /** A body as Apple would post it, signed by the authority this listener trusts. */
  sign(options?: Partial<NotificationOptions>): string;
  post(
    body: string | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: unknown }>;
  /** Resolves once an event of which this is true has come, those before the call included. */
  seen(matches: (event: ListenerEvent) => boolean): Promise<ListenerEvent>;
  /** What the journal holds, oldest first. */
  entries(): Promise<readonly JournalEntry[]>;
  /** Stops it; the journal stays. */
  stop(): Promise<void>;
  /** Stops it and removes the journal. */
  close(): Promise<void>;
}

/** A listener on a free port with its journal in a folder of its own, verification in this thread. */
export async function startTestListener(given: TestListenerOptions = {}): Promise<TestListener> {
  const folder = given.folder ?? mkdtempSync(join(tmpdir(), 'storewire-listener-'));
  const authority = given.authority ?? (await createAuthority({ nowMs: Date.now() }));
  const chain = await authority.issueChain();
  const events: ListenerEvent[] = [];
  let wake: (() => void)[] = [];
  const options = await completeOptions(given, folder, authority, (event) => {
    events.push(event);
    for (const each of wake.splice(0)) each();
  });
  const listener = await startListener(options);
  const stop = (): Promise<void> => listener.stop('test');
  return {
    ...{ listener, folder, authority, events, stop },
    url: listener.url,
    sign: (wanted) => sign(chain, wanted),
    post: (body, headers = {}) => post(listener.url, body, headers),
    async seen(matches) {
      for (;;) {
        const found = events.find(matches);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => void wake.push(resolve));
      }
    },
    async entries() {
      const found: JournalEntry[] = [];
      for await (const entry of readEntries(folder, { onDamagedLine: () => undefined })) found.push(entry);
      return found;
    },
    async close() {
      await stop();
      wake = [];
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function completeOptions(
  { targets = [], faults = {}, journal = {}, folder: _folder, authority: _authority, ...rest }: TestListenerOptions,
  folder: string,
  authority: Authority,
  onEvent: (event: ListenerEvent) => void,
): Promise<ListenerOptions> {
  const roots = [{ certificate: parseCertificate(authority.root.raw), name: 'test authority' }];
  const verification = { roots, expectations: {}, wantsDocuments: rest.wantsDocuments ?? false };
  const { Agent } = await import('undici');
  const agent = new Agent();
  return {
    ...{
      now,
      sleep,
      random: randomBytes,
      onEvent,
      verification,
      env: { PATH: process.env.PATH },
      platform: process.platform,
    },
    ...{
      host: '127.0.0.1',
      port: 0,
      path: '/',
      pathDisclosure: 'always' as const,
      tls: null,
      appleOnly: false,
      forwardSynthetic: false,
    },
    ...{ onInvalid: 'reject', answer: 'ack', forwardTimeoutMs: 150_000, wantsDocuments: false },
    proxies: { trusted: [], cloudflared: false },
    publicUrl: () => Promise.resolve(null),
    http: () => Promise.resolve(agent),
    verificationPool: startVerificationPool(1, verification, null),
    ...rest,
    faultInjector: createFaultInjector(faults),
    journal: await openJournal(folder, { now, pid: process.pid, isRunning: () => false, ...journal }),
    targets: targets.map((target) =>
      typeof target === 'string' ? parseTarget(target, { headers: {}, insecure: false, taken: [] }) : target,
    ),
  };
}

function sign(chain: SigningChain, wanted: Partial<NotificationOptions> = {}): string {
  const nowMs = Date.now();
  const built = buildNotification({
    type: 'DID_RENEW',
    bundleId: 'com.example.app',
    nowMs,
    random: randomBytes,
    ...wanted,
  });
  return JSON.stringify({ signedPayload: signNotification(built, chain).signedPayload });
}

async function post(
  url: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
