import type { Authority } from '../simulator/authority/authority.js';
import type { SigningChain } from '../simulator/authority/chain.js';
import { type AppEnvironment, DEFAULT_APP } from '../simulator/payloads/app.js';
import type { NotificationOptions } from '../simulator/payloads/notification.js';
import type { Random } from '../simulator/random.js';
import type { AppSettings } from './app-settings.js';
import type { Attempt, NotificationFacts } from './delivery/notification-log.js';
import type { EmulatorAddresses, EmulatorCounts, EmulatorEvent } from './events.js';
import type { RateLimits } from './rate-limit.js';

export interface EmulatorOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms`, or early when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Where ids come from: `randomBytes` of node:crypto. */
  readonly random: Random;
  /** What everything is signed under. A chain of its own is issued for this run. */
  readonly authority: Authority;
  /** Folder for the keys (`SubscriptionKey_<id>.p8`, `AuthKey_<id>.p8`) and `root.pem`; made where it is not there. Keys in it are used again. */
  readonly stateFolder: string;
  /** Address to listen on; 127.0.0.1 where left out. */
  readonly host?: string;
  /** Port of everything but the production Server API, which has the next one; any two free ones where left out or 0. */
  readonly port?: number;
  /** `com.example.app` where left out. */
  readonly bundleId?: string;
  /** 1234567890 where left out. */
  readonly appAppleId?: number;
  /** Notification URLs to start with, version 2; none where left out. */
  readonly sandboxUrl?: string;
  readonly productionUrl?: string;
  /** How many milliseconds of the retry schedule pass in one; 1 where left out. */
  readonly timeScale?: number;
  /** The time of the retry schedule passes only by `advance`. */
  readonly step?: boolean;
  /** The production Server API answers 401 to everything, as before an app's first release. */
  readonly unreleased?: boolean;
  /** How long the status of a TEST stays pending at least; a second where left out. */
  readonly pendingMs?: number;
  /** Deadline of one delivery; 30 seconds where left out. Apple's is not documented. */
  readonly deliveryTimeoutMs?: number;
  /** How long a pagination token is good for; a day where left out. */
  readonly pageTokenMs?: number;
  /** Requests an hour; Apple's where left out. */
  readonly rateLimits?: Partial<RateLimits>;
  /** PEM roots trusted for https endpoints beside the public ones. */
  readonly ca?: readonly string[];
  readonly onEvent?: (event: EmulatorEvent) => void;
  /** Stops the emulator. */
  readonly signal?: AbortSignal;
}

/** A notification to send: signed already, or an event to build and sign here. */
export type NotificationToSend =
  | { readonly environment?: AppEnvironment; readonly signedPayload: string }
  | (Omit<NotificationOptions, 'nowMs' | 'random'> & { readonly nowMs?: number });

/** What became of a notification. */
export interface NotificationView extends Pick<NotificationFacts, 'notificationUUID'> {
  readonly environment: AppEnvironment;
  readonly type: string;
  readonly signedPayload: string;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
  /** When the next attempt is due, in the time of the retry schedule; null where none will be made. */
  readonly nextAttemptDate: number | null;
}

export interface EmulatorState {
  /** Milliseconds of the retry schedule that have passed since the start. */
  readonly virtualMs: number;
  readonly timeScale: number;
  readonly step: boolean;
  readonly app: { readonly bundleId: string; readonly appAppleId: number } & AppSettings;
  /** How many there have been; `notifications` are the latest of them. */
  readonly total: number;
  readonly notifications: readonly Omit<NotificationView, 'signedPayload'>[];
}

/** A running emulator. */
export interface Emulator extends EmulatorAddresses {
  /** A second key of App Store Connect: an individual one, without an issuer. */
  readonly individual: { readonly keyId: string; readonly privateKeyPath: string };
  /** The chain of this run. */
  readonly chain: SigningChain;
  /**
   * Sends a notification as the App Store would, and resolves once the first attempt is over; later ones follow by themselves.
   * Throws (usage) `ERR_EMULATOR_NO_URL`, `ERR_EMULATOR_VERSION_1`, `ERR_EMULATOR_PAYLOAD`, and what `buildNotification` throws.
   */
  send(notification: NotificationToSend): Promise<NotificationView>;
  /** Lets time of the retry schedule pass at once; resolves when every attempt that became due has been made. */
  advance(ms: number): Promise<void>;
  /** The notification settings as they stand. */
  settings(): AppSettings;
  state(): EmulatorState;
  counts(): EmulatorCounts;
  /** Stops listening and sending; what is under way is cut off. */
  stop(reason?: string): Promise<void>;
}

const DAY_MS = 86_400_000;

const DEFAULTS = {
  host: '127.0.0.1',
  port: 0,
  bundleId: DEFAULT_APP.bundleId,
  appAppleId: DEFAULT_APP.appAppleId,
  timeScale: 1,
  step: false,
  unreleased: false,
  pendingMs: 1_000,
  deliveryTimeoutMs: 30_000,
  pageTokenMs: DAY_MS,
  ca: [],
} as const satisfies Partial<EmulatorOptions>;

/** Options with what was left out filled in. */
export type CompleteOptions = EmulatorOptions & {
  readonly [Key in keyof typeof DEFAULTS]-?: NonNullable<EmulatorOptions[Key]>;
};

export function completeOptions(given: EmulatorOptions): CompleteOptions {
  return { ...DEFAULTS, ...given };
}
