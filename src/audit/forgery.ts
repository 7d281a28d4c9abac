import type { Json, JsonObject } from '../jws/json.js';
import type { Authority } from '../simulator/authority/authority.js';
import type { SigningChain } from '../simulator/authority/chain.js';
import { signNotification } from '../simulator/authority/sign-payload.js';
import type { App } from '../simulator/payloads/app.js';
import type { BuiltNotification } from '../simulator/payloads/assemble.js';
import { buildNotification } from '../simulator/payloads/notification.js';
import type { Random } from '../simulator/random.js';
import { makeImpostor } from './signers.js';

type Severity = 'critical' | 'high' | 'medium';

/** What a body names, so that its effect can be looked for; null where it names none. */
export interface NamedIds {
  readonly notificationUUID: string | null;
  readonly originalTransactionId: string | null;
}

/** A body to be posted. */
export interface Post extends NamedIds {
  readonly body: string;
  readonly contentType: string;
}

/** What a forgery is, in words. */
export interface ForgeryFacts {
  /** `forged.self-made-chain`; `genuine.…` where it was made with a token that the user gave. */
  readonly id: `forged.${string}` | `genuine.${string}`;
  readonly severity: Severity;
  /** What is wrong with it, in a few words. */
  readonly title: string;
  /** What an attacker would gain where it is believed. */
  readonly gain: string;
  /** How to close the hole. */
  readonly fix: string;
  /** The check in Apple's own libraries that refuses it. */
  readonly appleCheck: string;
  /**
   * What must be trusted for it to be refused for its own defect: `nothing`, since it is forged from the ground up; `authority`, the
   * test authority standing for Apple; `apple`, since Apple's own certificates stand in it. Where that is not trusted, a refusal says little.
   */
  readonly rests: 'nothing' | 'authority' | 'apple';
}

/** A forgery and how it is made. Each making has ids of its own, but for genuine tokens sent as they are. */
export interface Forgery extends ForgeryFacts {
  readonly make: (workshop: ForgeryKit) => Promise<Post>;
}

export const JSON_TYPE = 'application/json';

/** `{"signedPayload":"…"}`, as the App Store posts it. */
export function postOf(token: string, ids: NamedIds): Post {
  return { body: JSON.stringify({ signedPayload: token }), contentType: JSON_TYPE, ...ids };
}

/** The app that is written into what is sent, as the endpoint expects it. */
export type AuditedApp = Pick<App, 'bundleId' | 'appAppleId' | 'environment'>;

interface ForgeryKitOptions {
  readonly app: AuditedApp;
  /** The project's test authority: stands for Apple where its root is trusted. */
  readonly authority: Authority;
  readonly nowMs: number;
  readonly random: Random;
}

/** What to build otherwise; a type where it is not the usual one. */
export interface DraftOptions {
  readonly type?: string;
  readonly subtype?: string;
  readonly nowMs?: number;
  readonly app?: Partial<AuditedApp>;
  readonly set?: Readonly<Record<string, Json>>;
}

/** A notification that is not signed yet, and the ids in it. */
export interface Draft {
  readonly built: BuiltNotification;
  readonly ids: NamedIds;
}

/** All that forgeries are made with. */
export interface ForgeryKit {
  readonly app: AuditedApp;
  readonly nowMs: number;
  readonly random: Random;
  readonly authority: Authority;
  /** A chain in order, of the authority that stands for Apple. */
  readonly chain: SigningChain;
  /** A chain of Apple's names and marker extensions under a root made up here. */
  readonly impostor: SigningChain;
  /** A notification with fresh ids. */
  readonly draft: (wish?: DraftOptions) => Draft;
}

/** Grants what was paid for: what an attacker would forge first. */
const USUAL_TYPE = 'DID_RENEW';

export async function createForgeryKit({ app, authority, nowMs, random }: ForgeryKitOptions): Promise<ForgeryKit> {
  const [chain, impostor] = await Promise.all([authority.issueChain(), makeImpostor(nowMs)]);
  return {
    app,
    nowMs,
    random,
    authority,
    chain,
    impostor,
    draft: ({ type = USUAL_TYPE, subtype, nowMs: atMs = nowMs, app: other = {}, set = {} } = {}) => {
      const options = { ...app, ...other, type, nowMs: atMs, random, set };
      const built = buildNotification(subtype === undefined ? options : { ...options, subtype });
      return { built, ids: idsOf(built.notification, built.transaction) };
    },
  };
}

/** The payload of a draft as it goes under the outer signature, its nested tokens signed by `nested`. */
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
