import { signJws } from '../../jws/es256.js';
import { describeJson, stringifyJson } from '../../jws/json.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { createXcodeSigner, signAsXcode } from '../../simulator/authority/xcode.js';
import { buildLegacyBody } from '../../simulator/payloads/legacy.js';
import { type AuditForgery, fillDraft, JSON_TYPE, postOf } from '../forgery.js';
import { signedBy } from './chain.js';
import { APP_CHECK, ENVIRONMENT_CHECK, FORGE_ANYTHING, KIND_CHECK } from './texts.js';

/** Forgeries with a valid signature on the wrong content: another app, or not a notification. */
export const CONTENT_FORGERIES: readonly AuditForgery[] = [
  {
    id: 'forged.other-app',
    severity: 'high',
    title: 'a valid notification of another app',
    impact:
      'Any developer can get App Store notifications for their own app, with product ids and account tokens of their choice.',
    fix: 'Compare bundleId, and appAppleId in Production, with those of your app.',
    appleCheck: APP_CHECK,
    requires: 'authority',
    make: (kit) => {
      const { bundleId, appAppleId } = kit.app;
      const app = { bundleId: `${bundleId}.other`, appAppleId: appAppleId + 1 };
      return signedBy(kit, kit.chain, kit.chain.x5c, { app });
    },
  },
  {
    id: 'forged.transaction',
    severity: 'high',
    title: 'a transaction of the app instead of a notification',
    impact: 'Every user of an app has genuine transactions of it and can send them repeatedly.',
    fix: 'Accept notifications only: require notificationType and notificationUUID.',
    appleCheck: KIND_CHECK,
    requires: 'authority',
    make: async ({ draft, chain }) => {
      const { built, ids } = draft();
      return postOf(signPayload(built.transaction ?? {}, chain), { ...ids, notificationUUID: null });
    },
  },
  {
    id: 'forged.xcode',
    severity: 'critical',
    title: 'signed by StoreKit Testing in Xcode (environment Xcode)',
    impact: `Xcode signs with a key on the developer's machine. ${FORGE_ANYTHING}`,
    fix: 'Reject the environment Xcode outside of tests, and never choose the verifier by the environment in a token.',
    appleCheck: ENVIRONMENT_CHECK,
    requires: 'nothing',
    make: async ({ draft, lookalike, nowMs }) => {
      const made = draft({ set: IN_XCODE });
      return postOf(signAsXcode(fillDraft(made, lookalike), await createXcodeSigner({ nowMs })), made.ids);
    },
  },
  {
    id: 'forged.local-testing',
    severity: 'critical',
    title: 'environment LocalTesting, which libraries do not verify',
    impact: `Apple's libraries skip every check in the environments Xcode and LocalTesting. ${FORGE_ANYTHING}`,
    fix: 'Create the verifier for Production or Sandbox, never for the environment in a token.',
    appleCheck: ENVIRONMENT_CHECK,
    requires: 'nothing',
    make: async ({ draft, lookalike }) => {
      const made = draft({ set: LOCAL_TESTING });
      return postOf(signJws(fillDraft(made, lookalike), { key: lookalike.leafKey }), made.ids);
    },
  },
  {
    id: 'forged.version-1',
    severity: 'critical',
    title: 'a version 1 body, which is unsigned',
    impact: `Version 1 has no signature, at most a shared password. ${FORGE_ANYTHING}`,
    fix: 'Reject version 1, and set version 2 in App Store Connect.',
    appleCheck: 'verifyAndDecodeNotification accepts signed version 2 payloads only.',
    requires: 'nothing',
    make: async ({ app, nowMs, random }) => {
      const body = buildLegacyBody({ ...app, nowMs, random });
      return {
        body: stringifyJson(body),
        contentType: JSON_TYPE,
        notificationUUID: null,
        originalTransactionId: describeJson(body.original_transaction_id),
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
