import type { Json, JsonObject } from '../jws/json.js';
import type { Authority } from '../simulator/authority/authority.js';
import type { SigningChain } from '../simulator/authority/chain.js';
import { signNotification } from '../simulator/authority/sign-payload.js';
import type { App } from '../simulator/payloads/app.js';
import type { BuiltNotification } from '../simulator/payloads/assemble.js';
import { buildNotification } from '../simulator/payloads/notification.js';
import type { Random } from '../simulator/random.js';
import { issueLookalikeChain } from './signers.js';

type Severity = 'critical' | 'high' | 'medium';

/** Ids in a body, for --effect to search for; null if it has none. */
export interface NamedIds {
  readonly notificationUUID: string | null;
  readonly originalTransactionId: string | null;
}

/** A request body. */
export interface Post extends NamedIds {
  readonly body: string;
  readonly contentType: string;
}

/** Description of a forgery. */
export interface ForgeryFacts {
  /** `forged.self-made-chain`; `genuine.…` for one made from a token given with --genuine. */
  readonly id: `forged.${string}` | `genuine.${string}`;
  readonly severity: Severity;
  /** Its defect in a few words. */
  readonly title: string;
  /** Impact on an endpoint that accepts it. */
  readonly impact: string;
  /** Fix for the endpoint. */
  readonly fix: string;
  /** The check in Apple's libraries that rejects it. */
  readonly appleCheck: string;
  /**
   * Root that the endpoint must trust to reach the forgery's own defect: `nothing`, `authority` (the test authority instead of Apple) or
   * `apple` (contains Apple's certificates). Without that trust, a rejection does not test the defect.
   */
  readonly requires: 'nothing' | 'authority' | 'apple';
}

/** A forgery and its builder. Ids are new in every body, except in genuine tokens sent unchanged. */
export interface AuditForgery extends ForgeryFacts {
  readonly make: (kit: ForgeryKit) => Promise<Post>;
}

export const JSON_TYPE = 'application/json';

/** `{"signedPayload":"…"}`, as sent by the App Store. */
export function postOf(token: string, ids: NamedIds): Post {
  return { body: JSON.stringify({ signedPayload: token }), contentType: JSON_TYPE, ...ids };
}

/** App data for the payloads: the app that the endpoint expects. */
export type AuditedApp = Pick<App, 'bundleId' | 'appAppleId' | 'environment'>;

interface ForgeryKitOptions {
  readonly app: AuditedApp;
  /** The project's test authority; takes Apple's place if the endpoint trusts its root. */
  readonly authority: Authority;
  readonly nowMs: number;
  readonly random: Random;
}

/** Overrides for a draft; the default type is {@link USUAL_TYPE}. */
export interface DraftOptions {
  readonly type?: string;
  readonly subtype?: string;
  readonly nowMs?: number;
  readonly app?: Partial<AuditedApp>;
  readonly set?: Readonly<Record<string, Json>>;
}

/** An unsigned notification and its ids. */
export interface Draft {
  readonly built: BuiltNotification;
  readonly ids: NamedIds;
}

/** Inputs of the forgery builders. */
export interface ForgeryKit {
  readonly app: AuditedApp;
  readonly nowMs: number;
  readonly random: Random;
  readonly authority: Authority;
  /** A valid chain of the test authority. */
  readonly chain: SigningChain;
  /** A chain with Apple's names and marker extensions under a self-made root. */
  readonly lookalike: SigningChain;
  /** Builds a notification with new ids. */
  readonly draft: (options?: DraftOptions) => Draft;
}

/** Grants paid access, so it is the first type that an attacker would forge. */
const USUAL_TYPE = 'DID_RENEW';

export async function createForgeryKit({ app, authority, nowMs, random }: ForgeryKitOptions): Promise<ForgeryKit> {
  const [chain, lookalike] = await Promise.all([authority.issueChain(), issueLookalikeChain(nowMs)]);
  return {
    app,
    nowMs,
    random,
    authority,
    chain,
    lookalike,
    draft: ({ type = USUAL_TYPE, subtype, nowMs: atMs = nowMs, app: other = {}, set = {} } = {}) => {
      const options = { ...app, ...other, type, nowMs: atMs, random, set };
      const built = buildNotification(subtype === undefined ? options : { ...options, subtype });
      return { built, ids: idsOf(built.notification, built.transaction) };
    },
  };
}

/** The payload of a draft, ready for the outer signature; its nested tokens are signed with `nested`. */
export function fillDraft({ built }: Draft, nested: SigningChain): JsonObject {
  return signNotification(built, nested).notification;
}

export function idsOf(notification: JsonObject | undefined, transaction: JsonObject | undefined): NamedIds {
  return {
    notificationUUID: textOrNull(notification?.notificationUUID),
    originalTransactionId: textOrNull(transaction?.originalTransactionId),
  };
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
