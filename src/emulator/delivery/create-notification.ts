import { ToolError } from '../../errors.js';
import type { SigningChain } from '../../simulator/authority/chain.js';
import { signNotification } from '../../simulator/authority/sign-payload.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import { buildNotification } from '../../simulator/payloads/notification.js';
import type { Random } from '../../simulator/random.js';
import type { NotificationToSend, NotificationView } from '../options.js';
import { type NotificationFacts, type NotificationRecord, readFacts, typeName } from './notification-log.js';
import type { NotificationSender } from './sender.js';

interface DispatchOptions {
  readonly courier: NotificationSender;
  readonly chain: () => SigningChain;
  readonly bundleId: string;
  readonly appAppleId: number;
  readonly random: Random;
  readonly now: () => number;
}

/** Makes notifications of the app and hands them to the courier. */
export interface Dispatch {
  /** Resolves when the first attempt is over. */
  send(notification: NotificationToSend): Promise<NotificationView>;
  /** Sends a TEST and returns its token at once; null where its environment has no URL. Always version 2, whatever the app is set to. */
  sendTest(environment: AppEnvironment): string | null;
}

interface Signed {
  readonly facts: NotificationFacts;
  readonly signedPayload: string;
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const { courier, now } = options;
  return {
    async send(notification) {
      const { environment = 'Sandbox' } = notification;
      const signed =
        'signedPayload' in notification ? readSigned(notification.signedPayload) : build(notification, options);
      requireDestination(courier, environment);
      const { record, firstAttempt } = courier.send({ ...signed, environment, testToken: null });
      await firstAttempt;
      return viewOf(record);
    },
    sendTest(environment) {
      if (courier.destination(environment, true) === null) return null;
      const signed = build({ type: 'TEST', environment }, options);
      const testToken = `${signed.facts.notificationUUID}_${now()}`;
      void courier.send({ ...signed, environment, testToken });
      return testToken;
    },
  };
}

function build(event: Exclude<NotificationToSend, { signedPayload: string }>, options: DispatchOptions): Signed {
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
  throw new ToolError(
    'usage',
    'ERR_EMULATOR_PAYLOAD',
    'The signedPayload is not a notification with a notificationUUID.',
  );
}

function requireDestination(courier: NotificationSender, environment: AppEnvironment): void {
  const destination = courier.destination(environment, false);
  if (destination === null) {
    throw new ToolError('usage', 'ERR_EMULATOR_NO_URL', `No notification URL is set for ${environment}.`, {
      hint: 'Start the emulator with --sandbox-url or --production-url, or set one through the App Store Connect API.',
    });
  }
  if (destination.version === 'V2') return;
  throw new ToolError('usage', 'ERR_EMULATOR_VERSION_1', `The app is set to version 1 in ${environment}.`, {
    hint: 'The emulator sends version 2 only. Set the version of the URL to V2.',
  });
}

export function viewOf(record: NotificationRecord): NotificationView {
  const { notificationUUID, environment, signedPayload, attempts, nextAttemptDate } = record;
  return { notificationUUID, environment, type: typeName(record), signedPayload, attempts, nextAttemptDate };
}
