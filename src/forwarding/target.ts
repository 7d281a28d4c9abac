import type { Dispatcher } from 'undici';
import type { ServiceName } from '../address/services.js';
import type { Delivery } from '../notification/document.js';

/** Which notifications a target is sent; null lets all pass. Types are Apple's, `TYPE` or `TYPE.SUBTYPE`. */
export interface TargetFilter {
  readonly events: readonly string[] | null;
  /** As Apple spells it. */
  readonly environment: 'Sandbox' | 'Production' | null;
  readonly bundleId: string | null;
}

/** Where notifications are handed on to. */
export interface HttpTarget {
  readonly type: 'http';
  readonly name: string;
  readonly url: string;
  /** The URL as far as it may be shown and recorded. */
  readonly shown: string;
  readonly service: ServiceName | null;
  readonly filter: TargetFilter;
  /** The user's own (`-H`), never for a service. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Does not check the certificate; never for a service. */
  readonly insecure: boolean;
}

/** A program that is given the document on stdin. */
export interface ExecTarget {
  readonly type: 'exec';
  readonly name: string;
  readonly command: string;
  readonly shown: string;
  readonly filter: TargetFilter;
}

export type Target = HttpTarget | ExecTarget;

/** What is handed on. */
export interface ForwardedNotification {
  readonly id: string;
  readonly body: Uint8Array;
  readonly contentType: string | null;
  /** notificationUUID; null where there is none. */
  readonly uuid: string | null;
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly type: string;
  readonly verdict: string;
  /** Ids of the listeners it came by; absent where it came by none, or that is not known any more. */
  readonly via?: readonly string[];
  /** The document of section 3 as one JSON line; only for programs. */
  readonly documentJson: () => string;
}

/** One attempt, and what it means for the next. */
export interface DeliveryAttempt extends Omit<Delivery, 'target' | 'attempt'> {
  /** What happened, in words, of at most 200 characters; null where it was accepted. May quote the peer. */
  readonly detail: string | null;
  /** Whether another attempt may fare better: network errors, 5xx, 429. */
  readonly retriable: boolean;
  /** The moment (ms) the peer asked to wait for; null where it did not. */
  readonly retryAtMs: number | null;
}

export interface SendDeps {
  /** The undici dispatcher for a target: one that checks no certificate where it is `insecure`. */
  readonly http: (target: HttpTarget) => Promise<Dispatcher>;
  /** Of one attempt, from connecting to the last byte, or of one run of a program. */
  readonly timeoutMs: number;
  /** Goes with it as `storewire-via`. */
  readonly runId: string;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Environment of programs: what is a credential in it is taken out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** One line that a program printed, on either stream; not escaped. */
  readonly onOutput?: (target: string, line: string) => void;
  readonly signal?: AbortSignal;
}
