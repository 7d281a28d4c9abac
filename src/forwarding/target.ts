import type { Dispatcher } from 'undici';
import type { ServiceName } from '../address/services.js';
import type { Delivery } from '../notification/document.js';

/** Filter of a target; null fields match everything. Types are Apple's, `TYPE` or `TYPE.SUBTYPE`. */
export interface TargetFilter {
  readonly events: readonly string[] | null;
  /** In Apple's spelling. */
  readonly environment: 'Sandbox' | 'Production' | null;
  readonly bundleId: string | null;
}

/** Target that receives notifications over HTTP. */
export interface HttpTarget {
  readonly type: 'http';
  readonly name: string;
  readonly url: string;
  /** Displayable form of the URL, without secrets; also recorded. */
  readonly shown: string;
  readonly service: ServiceName | null;
  readonly filter: TargetFilter;
  /** Extra headers from `-H`, by lower-case name; never sent to a known service. */
  readonly headers: Readonly<Record<string, string>>;
  /** Skips the certificate check; never for a known service. */
  readonly insecure: boolean;
}

/** Target that is a program; it receives the document on stdin. */
export interface ExecTarget {
  readonly type: 'exec';
  readonly name: string;
  readonly command: string;
  readonly shown: string;
  readonly filter: TargetFilter;
}

export type Target = HttpTarget | ExecTarget;

/** Notification to forward. */
export interface ForwardedNotification {
  readonly id: string;
  readonly body: Uint8Array;
  readonly contentType: string | null;
  /** notificationUUID; null if absent. */
  readonly uuid: string | null;
  /** Set where the first notification with this UUID has other content; see `notificationKey`. */
  readonly variant?: string;
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly type: string;
  readonly verdict: string;
  /** Ids of the listeners that forwarded it here; absent if none or unknown. */
  readonly via?: readonly string[];
  /** The document (schemas/document) as one JSON line; only for programs. */
  readonly documentJson: () => string;
}

/** Result of one attempt, with its consequences for the next. */
export interface DeliveryAttempt extends Omit<Delivery, 'target' | 'attempt'> {
  /** Cause of the failure, at most 200 characters; null if accepted. May quote the peer. */
  readonly detail: string | null;
  /** True for failures that may be temporary: network errors, 5xx, 429. */
  readonly retriable: boolean;
  /** Time (ms) from `Retry-After`; null without one. */
  readonly retryAtMs: number | null;
  /** A defect of the target that the response shows, to report once; absent for an ordinary response. May quote the target's URL, if local. */
  readonly finding?: TargetFinding;
}

/** Finding about a target. `TARGET_HTML`: an accepted notification got a page. `TARGET_GUARD`: something in front of the handler answered. */
export interface TargetFinding {
  readonly code: 'TARGET_HTML' | 'TARGET_GUARD';
  readonly message: string;
}

export interface SendDeps {
  /** undici dispatcher of a target; without certificate checks if the target is `insecure`. */
  readonly http: (target: HttpTarget) => Promise<Dispatcher>;
  /** Deadline of one attempt, from connecting to the last byte, or of one run of a program. */
  readonly timeoutMs: number;
  /** Added to the header `storewire-via`. */
  readonly runId: string;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Environment of programs; credentials are removed from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Receives each line of a program's stdout and stderr; not escaped. */
  readonly onOutput?: (target: string, line: string) => void;
  readonly signal?: AbortSignal;
}
