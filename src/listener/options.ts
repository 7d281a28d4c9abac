import type { HttpTarget, Target } from '../forwarding/target.js';
import type { Journal } from '../journal/journal.js';
import type { ListenerCounts, ListenerEvent } from './events.js';
import type { FaultInjector } from './fault-injection.js';
import type { PathDisclosure } from './http/misdirected.js';
import type { VerificationOptions } from './verification/result.js';
import type { VerificationPool } from './verification/worker-pool.js';

/** Certificate and key of the endpoint, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Proxies trusted to report the client's address. */
export interface ProxyTrust {
  /** CIDR ranges, or `loopback`. */
  readonly trusted: readonly string[];
  /** Trusts `CF-Connecting-IP`; only for a tunnel by cloudflared. */
  readonly cloudflared: boolean;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** With a leading slash. */
  readonly path: string;
  readonly pathDisclosure: PathDisclosure;
  readonly tls: TlsFiles | null;
  readonly proxies: ProxyTrust;
  /** Admits 17.0.0.0/8 only. */
  readonly appleOnly: boolean;
  readonly onInvalid: 'reject' | 'forward' | 'drop';
  readonly answer: 'ack' | 'forwarded';
  readonly targets: readonly Target[];
  readonly forwardTimeoutMs: number;
  readonly forwardSynthetic: boolean;
  /** Resolves the public URL once the port is known, starting the tunnel if there is one; null without. */
  readonly publicUrl: (local: { readonly port: number; readonly url: string }) => Promise<string | null>;
  readonly faultInjector: FaultInjector;
  /** Builds a document per notification, for JSON output, `--verbose` and programs. */
  readonly wantsDocuments: boolean;
  readonly verificationPool: VerificationPool;
  /** Options of the pool, for the documents of receipts recorded earlier. */
  readonly verification: VerificationOptions;
  readonly journal: Journal;
  readonly onEvent: (event: ListenerEvent) => void;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
  /** undici dispatcher of a target, created on first use; without certificate checks if the target is `insecure`. */
  readonly http: (target: HttpTarget) => Promise<import('undici').Dispatcher>;
  /** Environment of programs; credentials are removed from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

export interface Listener {
  readonly url: string;
  readonly publicUrl: string | null;
  readonly port: number;
  readonly counts: () => ListenerCounts;
  /** Resolves when no delivery is in flight or due. */
  idle(): Promise<void>;
  /** Rejects new requests, finishes in-flight work within a few seconds, and closes. Pending deliveries stay in the journal. */
  stop(reason: string): Promise<void>;
}
