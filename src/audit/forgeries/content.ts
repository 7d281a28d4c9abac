import { signJws } from '../../jws/es256.js';
import { stringifyJson } from '../../jws/json.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { createXcodeSigner, signAsXcode } from '../../simulator/authority/xcode.js';
import { buildLegacyBody } from '../../simulator/payloads/legacy.js';
import { type Forgery, fillDraft, JSON_TYPE, postOf } from '../forgery.js';
import { signedBy } from './chain.js';
import { APP_CHECK, ENVIRONMENT_CHECK, FORGE_ANYTHING, KIND_CHECK } from './texts.js';

/** What is not the app's, or not a notification, however well it is signed. */
export const CONTENT_FORGERIES: readonly Forgery[] = [
  {
    id: 'forged.other-app',
    severity: 'high',
    title: 'a notification in order, of another app',
    gain: 'Any developer has the App Store sign notifications of an app of their own, with product ids and account tokens of their choice.',
    fix: 'Compare bundleId, and appAppleId in Production, with those of your app.',
    appleCheck: APP_CHECK,
    rests: 'authority',
    make: (workshop) => {
      const { bundleId, appAppleId } = workshop.app;
      const app = { bundleId: `${bundleId}.other`, appAppleId: appAppleId + 1 };
      return signedBy(workshop, workshop.chain, workshop.chain.x5c, { app });
    },
  },
  {
    id: 'forged.transaction',
    severity: 'high',
    title: "a transaction of the app in the notification's place",
    gain: 'Anyone who uses an app holds genuine transactions of it, and can send each as often as they like.',
    fix: 'Take notifications only: a payload without notificationType and notificationUUID is none.',
    appleCheck: KIND_CHECK,
    rests: 'authority',
    make: async ({ draft, chain }) => {
      const { built, ids } = draft();
      return postOf(signPayload(built.transaction ?? {}, chain), { ...ids, notificationUUID: null });
    },
  },
  {
    id: 'forged.xcode',
    severity: 'critical',
    title: 'signed by StoreKit Testing in Xcode (environment Xcode)',
    gain: `Xcode signs with a key that is on every developer's machine. ${FORGE_ANYTHING}`,
    fix: 'Refuse the environment Xcode outside of tests, and never make a verifier for the environment that a token names.',
    appleCheck: ENVIRONMENT_CHECK,
    rests: 'nothing',
    make: async ({ draft, impostor, nowMs }) => {
      const made = draft({ set: IN_XCODE });
      return postOf(signAsXcode(fillDraft(made, impostor), await createXcodeSigner({ nowMs })), made.ids);
    },
  },
  {
    id: 'forged.local-testing',
    severity: 'critical',
    title: 'environment LocalTesting, which libraries do not verify',
    gain: `Apple's libraries skip every check in the environments Xcode and LocalTesting. ${FORGE_ANYTHING}`,
    fix: 'Make the verifier for Production or Sandbox, never for the environment that a token names.',
    appleCheck: ENVIRONMENT_CHECK,
    rests: 'nothing',
    make: async ({ draft, impostor }) => {
      const made = draft({ set: LOCAL_TESTING });
      return postOf(signJws(fillDraft(made, impostor), { key: impostor.leafKey }), made.ids);
    },
  },
  {
    id: 'forged.version-1',
    severity: 'critical',
    title: 'a version 1 body, which nobody signs',
    gain: `Version 1 has a shared password at most. ${FORGE_ANYTHING}`,
    fix: 'Stop taking version 1: App Store Connect sends version 2 once it is chosen there.',
    appleCheck: 'verifyAndDecodeNotification takes signed version 2 payloads only.',
    rests: 'nothing',
    make: async ({ app, nowMs, random }) => {
      const body = buildLegacyBody({ ...app, nowMs, random });
      return {
        body: stringifyJson(body),
        contentType: JSON_TYPE,
        notificationUUID: null,
        originalTransactionId: String(body.original_transaction_id),
      };
    },
  },
];

const IN_XCODE = {
  'data.environment': 'Xcode',
  'transaction.environment': 'Xcode',
  'renewalInfo.environment': 'Xcode',
} as const;

const LOCAL_TESTING = {
  'data.environment': 'LocalTesting',
  'transaction.environment': 'LocalTesting',
  'renewalInfo.environment': 'LocalTesting',
} as const;
