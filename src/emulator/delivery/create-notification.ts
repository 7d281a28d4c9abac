import { ToolError } from '../../errors.js';
import type { JsonObject } from '../../jws/json.js';
import type { SigningChain } from '../../simulator/authority/chain.js';
import { signNotification } from '../../simulator/authority/sign-payload.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { BuiltNotification } from '../../simulator/payloads/assemble.js';
import { buildNotification } from '../../simulator/payloads/notification.js';
import { type Random, uuidFrom } from '../../simulator/random.js';
import type { NotificationToSend, NotificationView } from '../options.js';
import type { StoreEvent } from '../store/store-event.js';
import { type NotificationFacts, type NotificationRecord, readFacts, typeName } from './notification-log.js';
import type { NotificationSender } from './sender.js';

interface DispatchOptions {
  readonly sender: NotificationSender;
  readonly chain: () => SigningChain;
  readonly bundleId: string;
  readonly appAppleId: number;
  readonly random: Random;
  readonly now: () => number;
  /** Called before the first attempt, so that an endpoint that asks the API back finds the new state. */
  readonly onSend: (signedPayload: string, environment: AppEnvironment) => void;
}

/** Builds, signs and sends notifications of the app. */
export interface Dispatch {
  /** Resolves after the first attempt. */
  send(notification: NotificationToSend): Promise<NotificationView>;
  /** Sends a TEST and returns its token immediately; null if the environment has no URL. Always version 2. */
  sendTest(environment: AppEnvironment): string | null;
  /** Sends a notification again as a new one: signed now, with a new notificationUUID. `delivered` resolves after the first attempt. */
  sendAgain(
    event: StoreEvent,
    environment: AppEnvironment,
  ): { readonly notificationUUID: string; readonly delivered: Promise<void> };
}

interface Signed {
  readonly facts: NotificationFacts;
  readonly signedPayload: string;
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const { sender, now, onSend } = options;
  return {
    async send(notification) {
      const { environment = 'Sandbox' } = notification;
      const signed = sign(notification, options);
      requireDestination(sender, environment);
      onSend(signed.signedPayload, environment);
      const { record, firstAttempt } = sender.send({ ...signed, environment, testToken: null });
      await firstAttempt;
      return viewOfNotification(record);
    },
    sendTest(environment) {
      if (sender.destination(environment, true) === null) return null;
      const signed = build({ type: 'TEST', environment }, options);
      const testToken = `${signed.facts.notificationUUID}_${now()}`;
      void sender.send({ ...signed, environment, testToken });
      return testToken;
    },
    sendAgain(event, environment) {
      const signed = signAgain(event, options);
      const { firstAttempt } = sender.send({ ...signed, environment, testToken: null });
      return { notificationUUID: signed.facts.notificationUUID, delivered: firstAttempt };
    },
  };
}

function sign(notification: NotificationToSend, options: DispatchOptions): Signed {
  if ('signedPayload' in notification) return readSigned(notification.signedPayload);
  if (!('payload' in notification)) return build(notification, options);
  return readSigned(signNotification(notification.payload, options.chain()).signedPayload);
}

function signAgain({ notification, transaction, renewalInfo }: StoreEvent, options: DispatchOptions): Signed {
  const signedDate = options.now();
  const {
    signedTransactionInfo: _transaction,
    signedRenewalInfo: _renewalInfo,
    ...data
  } = notification.data as JsonObject;
  const built: BuiltNotification = {
    notification: { ...notification, data, notificationUUID: uuidFrom(options.random), signedDate },
    transaction: { ...transaction, signedDate },
    ...(renewalInfo && { renewalInfo: { ...renewalInfo, signedDate } }),
  };
  return readSigned(signNotification(built, options.chain()).signedPayload);
}

type EventToBuild = Exclude<NotificationToSend, { signedPayload: string } | { payload: BuiltNotification }>;

function build(event: EventToBuild, options: DispatchOptions): Signed {
  const { bundleId, appAppleId, random, now, chain } = options;
  const { signedPayload } = signNotification(
    buildNotification({ bundleId, appAppleId, nowMs: now(), ...event, random }),
    chain(),
  );
  return readSigned(signedPayload);
}

function readSigned(signedPayload: string): Signed {
  const facts = readFacts(signedPayload);
  if (facts !== null) return { facts, signedPayload };
  throw new ToolError('usage', 'ERR_EMULATOR_PAYLOAD', 'signedPayload must be a notification with a notificationUUID');
}

function requireDestination(sender: NotificationSender, environment: AppEnvironment): void {
  const destination = sender.destination(environment, false);
  if (destination === null) {
    throw new ToolError('usage', 'ERR_EMULATOR_NO_URL', `no notification URL is set for ${environment}`, {
      hint: 'Start the emulator with --sandbox-url or --production-url, or set one through the App Store Connect API.',
    });
  }
  if (destination.version === 'V2') return;
  throw new ToolError(
    'usage',
    'ERR_EMULATOR_VERSION_1',
    `the notification URL for ${environment} is set to version 1`,
    {
      hint: 'The emulator sends version 2 only: set the version to V2.',
    },
  );
}

export function viewOfNotification(record: NotificationRecord): NotificationView {
  const { notificationUUID, environment, signedPayload, attempts, nextAttemptDate } = record;
  return { notificationUUID, environment, type: typeName(record), signedPayload, attempts, nextAttemptDate };
}
