import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import { appTransactionPayload } from './app-transaction.js';
import { days } from './period.js';
import type { Scene } from './scene.js';

/** The container of a notification that is not about one purchase, and the app transaction in it where it has one. */
export interface OtherContent {
  readonly container: JsonObject;
  readonly appTransaction?: JsonObject;
}

export const OTHER_EVENTS: Readonly<Record<string, (scene: Scene) => OtherContent>> = {
  TEST: (scene) => ({ container: { data: identity(scene) } }),
  'RENEWAL_EXTENSION.SUMMARY': (scene) => ({ container: { summary: summary(scene) } }),
  'EXTERNAL_PURCHASE_TOKEN.UNREPORTED': (scene) => tokenContent(scene, scene.eventMs - days(10), {}),
  'EXTERNAL_PURCHASE_TOKEN.CREATED': (scene) => customLinkToken(scene, scene.eventMs),
  'EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER': (scene) => customLinkToken(scene, scene.eventMs - days(30)),
  RESCIND_CONSENT: (scene) => consentContent(scene),
  // Of unclaimInfo only unclaimSeatIds is known (version 2.23); that it names the app like its siblings is unconfirmed.
  UNCLAIM_SEATS: (scene) => ({
    container: {
      unclaimInfo: { ...identity(scene), unclaimSeatIds: [uuidFrom(scene.random), uuidFrom(scene.random)] },
    },
  }),
};

/** The app, and the app transaction that tells which installation is meant. */
export function consentContent(scene: Scene): OtherContent {
  return { container: { appData: identity(scene) }, appTransaction: appTransactionPayload(scene) };
}

function identity({ app }: Scene): JsonObject {
  return { appAppleId: app.appAppleId, bundleId: app.bundleId, environment: app.environment };
}

function summary(scene: Scene): JsonObject {
  return {
    requestIdentifier: uuidFrom(scene.random),
    ...identity(scene),
    productId: scene.plan.productId,
    storefrontCountryCodes: ['USA', 'CAN', 'MEX'],
    succeededCount: 1042,
    failedCount: 3,
  };
}

function tokenContent({ app, random }: Scene, createdMs: number, more: JsonObject): OtherContent {
  const id = uuidFrom(random);
  const externalPurchaseToken: JsonObject = {
    // This container names no environment: the prefix is what tells Sandbox.
    externalPurchaseId: app.environment === 'Sandbox' ? `SANDBOX_${id}` : id,
    tokenCreationDate: createdMs,
    appAppleId: app.appAppleId,
    bundleId: app.bundleId,
    ...more,
  };
  return { container: { externalPurchaseToken } };
}

/** How long a custom-link token lives is not documented in what was seen; a year keeps a reminder in its lifetime. */
export function customLinkToken(scene: Scene, createdMs: number): OtherContent {
  return tokenContent(scene, createdMs, { tokenType: 'SERVICES', tokenExpirationDate: createdMs + days(365) });
}
