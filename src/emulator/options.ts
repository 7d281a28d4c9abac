import type { Authority } from '../simulator/authority/authority.js';
import type { SigningChain } from '../simulator/authority/chain.js';
import { type AppEnvironment, DEFAULT_APP } from '../simulator/payloads/app.js';
import type { BuiltNotification } from '../simulator/payloads/assemble.js';
import type { NotificationOptions } from '../simulator/payloads/notification.js';
import type { Random } from '../simulator/random.js';
import type { EmulatedAppSettings } from './app-settings.js';
import type { ConsumptionAnswer, ConsumptionRequestView } from './consumption/consumption-requests.js';
import type { LoggedAttempt, NotificationFacts } from './delivery/notification-log.js';
import type { EmulatorAddresses, EmulatorCounts, EmulatorEvent } from './events.js';
import type { RateLimitOptions } from './rate-limit.js';
import type { ReceivedCall } from './server-api/call-log.js';

/** The app, its notification URLs, and the limits and clocks of an emulator. */
export interface EmulatorOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms`, or early when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Source of ids: `randomBytes` of node:crypto. */
  readonly random: Random;
  /** Authority of all signatures. The emulator issues its own chain from it. */
  readonly authority: Authority;
  /** Folder for the keys (`SubscriptionKey_<id>.p8`, `AuthKey_<id>.p8`) and `root.pem`; created if missing. Existing keys are reused. */
  readonly stateFolder: string;
  /** Address to listen on. Default: 127.0.0.1. */
  readonly host?: string;
  /** Port of everything but the production Server API, which has the next one. Default, and 0: any two free ports. */
  readonly port?: number;
  /** Default: `com.example.app`. */
  readonly bundleId?: string;
  /** Default: 1234567890. */
  readonly appAppleId?: number;
  /** Initial notification URL of the sandbox, version 2. Default: none. */
  readonly sandboxUrl?: string;
  /** Initial notification URL of production, version 2. Default: none. */
  readonly productionUrl?: string;
  /** Speed of the retry clock as a multiple of real time. Default: 1. */
  readonly timeScale?: number;
  /** The retry clock, which also times repeated consumption requests, moves only by `advance`. */
  readonly step?: boolean;
  /** The production Server API answers 401 to everything, as before an app's first release. */
  readonly unreleased?: boolean;
  /** Minimum time that a TEST status stays pending, in milliseconds. Default: one second. */
  readonly pendingMs?: number;
  /** Timeout of one delivery in milliseconds. Default: 30 seconds; Apple's is not documented. */
  readonly deliveryTimeoutMs?: number;
  /** Lifetime of a pagination token in milliseconds. Default: one day. */
  readonly pageTokenMs?: number;
  /** Notifications kept for history and retries, and transactions in each environment; older ones are dropped. Default: 10,000, about 250 MB. */
  readonly historyLimit?: number;
  /** Requests per hour. Default: Apple's limits. */
  readonly rateLimits?: RateLimitOptions;
  /** PEM roots trusted for https endpoints, in addition to the public ones. */
  readonly ca?: readonly string[];
  readonly onEvent?: (event: EmulatorEvent) => void;
  /** Stops the emulator. */
  readonly signal?: AbortSignal;
}

/** A notification to send: already signed, built and to be signed by the emulator, or an event that the emulator builds and signs. */
export type NotificationToSend =
  | { readonly environment?: AppEnvironment; readonly signedPayload: string }
  | { readonly environment?: AppEnvironment; readonly payload: BuiltNotification }
  | (Omit<NotificationOptions, 'nowMs' | 'random'> & { readonly nowMs?: number });

/** A notification with its delivery attempts. */
export interface NotificationView extends Pick<NotificationFacts, 'notificationUUID'> {
  readonly environment: AppEnvironment;
  readonly type: string;
  readonly signedPayload: string;
  /** Oldest first. */
  readonly attempts: readonly LoggedAttempt[];
  /** Time of the next attempt on the retry clock; null if there is none. */
  readonly nextAttemptDate: number | null;
}

/** State of an emulator: its app, and what it sent, knows and was asked. */
export interface EmulatorState {
  /** Time elapsed on the retry clock, in milliseconds. */
  readonly virtualMs: number;
  readonly timeScale: number;
  readonly step: boolean;
  readonly app: { readonly bundleId: string; readonly appAppleId: number } & EmulatedAppSettings;
  /** Number of all notifications; `notifications` holds the latest of them. */
  readonly total: number;
  readonly notifications: readonly Omit<NotificationView, 'signedPayload'>[];
  /** The last changed transactions of each environment. */
  readonly transactions: readonly TransactionView[];
  /** Number of all calls of the Server API; `calls` holds the latest of them, oldest first. */
  readonly totalCalls: number;
  readonly calls: readonly ReceivedCall[];
  /** The latest requests for consumption information, and the answers to them. */
  readonly consumption: {
    readonly requests: readonly ConsumptionRequestView[];
    readonly answers: readonly ConsumptionAnswer[];
  };
}

/** A transaction that the emulator knows. */
export interface TransactionView {
  readonly environment: AppEnvironment;
  readonly transactionId: string;
  readonly originalTransactionId: string;
  /** Order id for Look Up Order ID, made up: no notification carries Apple's. */
  readonly orderId: string;
  readonly productId: string | null;
  /** `TYPE` or `TYPE.SUBTYPE` of the notification that changed it last. */
  readonly event: string;
}

/** A running emulator. */
export interface Emulator extends EmulatorAddresses {
  /** App Store Connect individual key, which has no issuer. */
  readonly individual: { readonly keyId: string; readonly privateKeyPath: string };
  /** Chain that signs all notifications. */
  readonly chain: SigningChain;
  /**
   * Sends a notification as the App Store would. Resolves after the first attempt; retries follow in the background.
   * Throws (usage) `ERR_EMULATOR_NO_URL`, `ERR_EMULATOR_VERSION_1`, `ERR_EMULATOR_PAYLOAD`, and the errors of
   * `buildNotification`.
   */
  send(notification: NotificationToSend): Promise<NotificationView>;
  /** Advances the retry clock by `ms`. Resolves after every attempt that became due. */
  advance(ms: number): Promise<void>;
  /** Current notification settings. */
  settings(): EmulatedAppSettings;
  state(): EmulatorState;
  counts(): EmulatorCounts;
  /** Calls of the Server API, oldest first: the last 1,000. */
  calls(): readonly ReceivedCall[];
  /** Stops listening and sending; attempts in flight are aborted. */
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
  historyLimit: 10_000,
  ca: [],
} as const satisfies Partial<EmulatorOptions>;

/** Options with defaults. */
export type CompleteOptions = EmulatorOptions & {
  readonly [Key in keyof typeof DEFAULTS]-?: NonNullable<EmulatorOptions[Key]>;
};

export function completeOptions(given: EmulatorOptions): CompleteOptions {
  return { ...DEFAULTS, ...given };
}
