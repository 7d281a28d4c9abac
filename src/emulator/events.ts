import type { AppEnvironment } from '../simulator/payloads/app.js';
import type { AppSettings } from './app-settings.js';

/** What a client needs to reach an emulator. Key files hold what Apple hands out as .p8; the control token is a secret of this machine. */
export interface EmulatorAddresses {
  /** Base address of everything but the production Server API. */
  readonly url: string;
  readonly serverApi: { readonly sandbox: string; readonly production: string };
  readonly connectApi: string;
  readonly issuerId: string;
  readonly keyId: string;
  readonly privateKeyPath: string;
  readonly bundleId: string;
  readonly appAppleId: number;
  /** PEM file of the root that everything it signs ends in. */
  readonly rootPath: string;
  readonly controlToken: string;
  readonly connect: { readonly issuerId: string; readonly keyId: string; readonly privateKeyPath: string };
}

/** The parts of the emulator that answer requests. */
export type ApiName = 'serverApi' | 'connectApi' | 'control' | 'ocsp';

export interface ReadyEvent extends EmulatorAddresses {
  readonly event: 'ready';
  readonly atMs: number;
}

/** A request was answered. `path` is the peer's and may hold anything: escape it before showing it. */
export interface RequestEvent {
  readonly event: 'request';
  readonly atMs: number;
  /** Null where no part of the emulator was asked. */
  readonly api: ApiName | null;
  readonly environment: AppEnvironment | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  /** Apple's code of the error that was answered: a number (Server API) or dotted words (Connect API). */
  readonly errorCode: number | string | null;
  /** Why, in words, where the answer itself does not say so, as Apple's 401 does not. May quote the peer. */
  readonly cause: string | null;
}

/** One attempt to deliver a notification is over. `forwarded`: the endpoint accepted it. */
export interface DeliveryEvent {
  readonly event: 'forwarded' | 'failed';
  readonly atMs: number;
  /** notificationUUID. */
  readonly id: string;
  readonly environment: AppEnvironment;
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly type: string;
  /** The URL as far as it may be shown: of a host that is not this machine, the host alone. */
  readonly target: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** When the attempt was made, in the time of the retry schedule (ms since the epoch). */
  readonly attemptDate: number;
  readonly sendAttemptResult: string;
  readonly httpStatus: number | null;
  readonly ms: number;
  /** What happened, in words; may quote the peer. */
  readonly detail: string;
  /** When the next attempt is due, in the time of the retry schedule; null where there is none. */
  readonly nextAttemptDate: number | null;
  /** No further attempt will be made. */
  readonly final: boolean;
  /** What Apple would refuse about the URL, which is let pass here; null where nothing is. */
  readonly appleWouldRefuse: string | null;
}

/** The notification URLs changed through the Connect API; they are as far as they may be shown. */
export interface SettingsEvent {
  readonly event: 'settings';
  readonly atMs: number;
  readonly settings: AppSettings;
}

export interface EmulatorCounts {
  readonly requests: number;
  readonly notifications: number;
  readonly attempts: number;
  readonly delivered: number;
  /** Notifications that have not been accepted, whether or not another attempt would have come. */
  readonly undelivered: number;
}

export interface StoppedEvent {
  readonly event: 'stopped';
  readonly atMs: number;
  readonly reason: string;
  readonly counts: EmulatorCounts;
}

export type EmulatorEvent = ReadyEvent | RequestEvent | DeliveryEvent | SettingsEvent | StoppedEvent;
