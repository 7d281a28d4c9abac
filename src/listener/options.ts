import type { HttpTarget, Target } from '../forwarding/target.js';
import type { Journal } from '../journal/journal.js';
import type { ListenerCounts, ListenerEvent } from './events.js';
import type { FaultInjector } from './fault-injection.js';
import type { VerificationOptions } from './verification/result.js';
import type { VerificationPool } from './verification/worker-pool.js';

/** TLS of our own: PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Who is asked for the client's address: nobody, or proxies that are trusted to tell it. */
export interface ProxyTrust {
  /** CIDR ranges, or `loopback`. */
  readonly trusted: readonly string[];
  /** Cloudflare names the client in `CF-Connecting-IP`; only where its own program is the tunnel. */
  readonly cloudflared: boolean;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** With its leading slash. */
  readonly path: string;
  readonly tls: TlsFiles | null;
  readonly proxies: ProxyTrust;
  /** Admits 17.0.0.0/8 only. */
  readonly appleOnly: boolean;
  readonly onInvalid: 'reject' | 'forward' | 'drop';
  readonly answer: 'ack' | 'forwarded';
  readonly targets: readonly Target[];
  readonly forwardTimeoutMs: number;
  readonly forwardSynthetic: boolean;
  /** The URL Apple would be given, once the port is known: from `--public-url`, or a tunnel that is started now. */
  readonly publicUrl: (local: { readonly port: number; readonly url: string }) => Promise<string | null>;
  readonly faultInjector: FaultInjector;
  /** Builds a document for each event: for JSON output, `--verbose` and programs. */
  readonly wantsDocuments: boolean;
  readonly verificationPool: VerificationPool;
  /** Whom `verificationPool` believe: for the documents of what was recorded earlier. */
  readonly verification: VerificationOptions;
  readonly journal: Journal;
  readonly onEvent: (event: ListenerEvent) => void;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
  /** The undici dispatcher for targets whose certificates are checked (`insecure`: are not); made on first use. */
  readonly http: (target: HttpTarget) => Promise<import('undici').Dispatcher>;
  /** Environment of programs; keys and tokens are taken out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

export interface Listener {
  readonly url: string;
  readonly publicUrl: string | null;
  readonly port: number;
  readonly counts: () => ListenerCounts;
  /** Resolves when nothing is under way: all that is owed waits for a target to come back. */
  idle(): Promise<void>;
  /** Takes nothing more, lets what is under way finish within a few seconds, and closes. What is still owed stays in the journal. */
  stop(reason: string): Promise<void>;
}
