import type { AppEnvironment } from '../simulator/payloads/app.js';
import type { EmulatedAppSettings } from './app-settings.js';

/** Addresses and credentials of an emulator. Key files are .p8 files as from Apple; the control token is a local secret. */
export interface EmulatorAddresses {
  /** Base URL of everything but the production Server API. */
  readonly url: string;
  readonly serverApi: { readonly sandbox: string; readonly production: string };
  readonly connectApi: string;
  readonly issuerId: string;
  readonly keyId: string;
  readonly privateKeyPath: string;
  readonly bundleId: string;
  readonly appAppleId: number;
  /** PEM file of the root certificate. */
  readonly rootPath: string;
  readonly controlToken: string;
  readonly connect: { readonly issuerId: string; readonly keyId: string; readonly privateKeyPath: string };
}

/** API of the emulator. */
export type ApiName = 'serverApi' | 'connectApi' | 'control' | 'ocsp';

/** The emulator listens. */
export interface EmulatorReadyEvent extends EmulatorAddresses {
  readonly event: 'ready';
  readonly atMs: number;
}

/** A request was answered. `path` comes from the client: escape it before display. */
export interface RequestEvent {
  readonly event: 'request';
  readonly atMs: number;
  /** Null if no API has this path. */
  readonly api: ApiName | null;
  readonly environment: AppEnvironment | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  /** Apple's error code of the response: a number (Server API) or dotted words (Connect API). */
  readonly errorCode: number | string | null;
  /** Reason for the response if its body does not state it, as Apple's 401 does not. May quote the client. */
  readonly cause: string | null;
}

/** A delivery attempt finished. `forwarded`: the endpoint accepted the notification. */
export interface EmulatorDeliveryEvent {
  readonly event: 'forwarded' | 'failed';
  readonly atMs: number;
  /** notificationUUID. */
  readonly id: string;
  readonly environment: AppEnvironment;
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly type: string;
  /** Null for a notification without a transaction, such as TEST. */
  readonly transactionId: string | null;
  /** Displayable URL: only the host if it is not loopback. */
  readonly target: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** Time of the attempt on the retry clock, in milliseconds since the epoch. */
  readonly attemptDate: number;
  readonly sendAttemptResult: string;
  readonly httpStatus: number | null;
  readonly ms: number;
  /** Description of the result. May quote the endpoint. */
  readonly detail: string;
  /** Time of the next attempt on the retry clock; null if there is none. */
  readonly nextAttemptDate: number | null;
  /** True if no attempt follows. */
  readonly final: boolean;
  /** Reason why Apple would reject the URL, which only the emulator accepts; null if Apple accepts it. */
  readonly appleWouldRefuse: string | null;
}

/** The notification URLs changed through the Connect API. URLs are displayable. */
export interface SettingsEvent {
  readonly event: 'settings';
  readonly atMs: number;
  readonly settings: EmulatedAppSettings;
}

/** The first notification was dropped from history, its retries included. Told once. */
export interface DroppedEvent {
  readonly event: 'dropped';
  readonly atMs: number;
  /** Number of notifications kept: the latest. */
  readonly kept: number;
}

/** Totals of a run. */
export interface EmulatorCounts {
  readonly requests: number;
  readonly notifications: number;
  readonly attempts: number;
  readonly delivered: number;
  /** Notifications not accepted, with or without a pending attempt. */
  readonly undelivered: number;
}

/** The last event. */
export interface EmulatorStoppedEvent {
  readonly event: 'stopped';
  readonly atMs: number;
  readonly reason: string;
  readonly counts: EmulatorCounts;
}

/** An event of an emulator; `event` names it. Later versions add some. */
export type EmulatorEvent =
  | EmulatorReadyEvent
  | RequestEvent
  | EmulatorDeliveryEvent
  | SettingsEvent
  | DroppedEvent
  | EmulatorStoppedEvent;
