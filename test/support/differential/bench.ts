import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { JsonObject } from '../../../src/jws/json.js';
import { type Authority, createAuthority } from '../../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../../src/simulator/authority/chain.js';
import { signNotification, signPayload } from '../../../src/simulator/authority/sign-payload.js';
import type { AppEnvironment } from '../../../src/simulator/payloads/app.js';
import { SIMULATED_EVENTS } from '../../../src/simulator/payloads/events.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import {
  buildAppTransaction,
  buildRealtimeRequest,
  buildRenewalInfo,
  buildTransaction,
} from '../../../src/simulator/payloads/single.js';
import { seededRandom } from '../../../src/simulator/random.js';
import { SIGNED_AT_MS, TEST_APP } from '../signing.js';
import type { JudgedKind } from './case.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const ENVIRONMENTS: readonly AppEnvironment[] = ['Sandbox', 'Production'];

/** A token in a good payload: the payload itself, or one nested in it. */
export interface Place {
  /** `signedPayload`, or `data.signedTransactionInfo` and so on. */
  readonly path: string;
  readonly kind: JudgedKind;
  readonly payload: JsonObject;
  readonly token: string;
  /** The whole payload with another token here; around a nested one it is signed anew. */
  readonly put: (token: string) => string;
}

/** A good payload to start from. */
export interface Base {
  readonly name: string;
  readonly kind: JudgedKind;
  readonly environment: AppEnvironment;
  /** The outer token first. */
  readonly places: readonly [Place, ...Place[]];
}

/** Keys, chains and good payloads, made once. Only keys and signatures differ from run to run. */
export interface Bench {
  readonly authority: Authority;
  readonly chain: SigningChain;
  /** The same names and dates under a root of the same name that nobody trusts. */
  readonly foreign: SigningChain;
  /** A chain of the authority that was good when everything was signed, and is no more. */
  readonly expired: SigningChain;
  readonly stranger: KeyObject;
  readonly notifications: readonly Base[];
  readonly single: readonly Base[];
  /** A good payload by name: `DID_RENEW Sandbox`, `transaction Production`. */
  readonly base: (name: string) => Base;
}

/**
 * Apple's library reads the clock of the machine for payloads without a date, so the good chain is good from 2020 to 2080:
 * what it says does not depend on the day the tests run.
 */
export async function createBench(): Promise<Bench> {
  const dates = { nowMs: Date.UTC(2020, 0, 1), validForMs: 60 * YEAR_MS };
  const authority = await createAuthority(dates);
  const chain = await authority.issueChain();
  const notifications = SIMULATED_EVENTS.flatMap((event) =>
    ENVIRONMENTS.map((environment) => notificationBase(event, environment, chain)),
  );
  const single = ENVIRONMENTS.flatMap((environment) => singleBases(environment, chain));
  const byName = new Map([...notifications, ...single].map((base) => [base.name, base]));
  return {
    authority,
    chain,
    foreign: await (await createAuthority(dates)).issueChain(),
    expired: await authority.issueChain({ leaf: EXPIRED_BY_NOW }),
    stranger: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    notifications,
    single,
    base: (name) => byName.get(name)!,
  };
}

/** Good at {@link EXPIRED_SIGNED_AT_MS}; over before this test was written. */
const EXPIRED_BY_NOW = { notBeforeMs: Date.UTC(2021, 0, 1), notAfterMs: Date.UTC(2023, 0, 1) };
export const EXPIRED_SIGNED_AT_MS = Date.UTC(2022, 0, 1);

/** The options of a builder: one app and moment, ids that follow from the name. */
export function optionsFor(name: string, environment: AppEnvironment) {
  return { ...TEST_APP, environment, nowMs: SIGNED_AT_MS, random: seededRandom(`${name} ${environment}`) };
}

function notificationBase(
  { type, subtype }: (typeof SIMULATED_EVENTS)[number],
  environment: AppEnvironment,
  chain: SigningChain,
): Base {
  const name = subtype === null ? type : `${type}.${subtype}`;
  const built = buildNotification({ ...optionsFor(name, environment), type, subtype });
  const { notification } = signNotification(built, chain);
  return baseOf(`${name} ${environment}`, 'notification', environment, notification, chain);
}

function singleBases(environment: AppEnvironment, chain: SigningChain): Base[] {
  const builders = {
    transaction: buildTransaction,
    renewalInfo: buildRenewalInfo,
    appTransaction: buildAppTransaction,
    realtimeRequest: buildRealtimeRequest,
  };
  return Object.entries(builders).map(([kind, build]) =>
    baseOf(
      `${kind} ${environment}`,
      kind as JudgedKind,
      environment,
      build(optionsFor(kind, environment)) as JsonObject,
      chain,
    ),
  );
}

/** A payload whose nested tokens are in their slots, signed as a whole. */
export function baseOf(
  name: string,
  kind: JudgedKind,
  environment: AppEnvironment,
  payload: JsonObject,
  chain: SigningChain,
): Base {
  const outer: Place = {
    path: 'signedPayload',
    kind,
    payload,
    token: signPayload(payload, chain),
    put: (token) => token,
  };
  return { name, kind, environment, places: [outer, ...nestedPlaces(payload, chain)] };
}

const SLOTS = {
  signedTransactionInfo: 'transaction',
  signedRenewalInfo: 'renewalInfo',
  signedAppTransactionInfo: 'appTransaction',
} as const;

/** The nested tokens of a payload, found without help from the code under test. */
export function nestedTokens(
  payload: unknown,
): { container: string; field: string; kind: JudgedKind; token: unknown }[] {
  if (typeof payload !== 'object' || payload === null) return [];
  return Object.entries(payload).flatMap(([container, fields]) => {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return [];
    return Object.entries(SLOTS).flatMap(([field, kind]) => {
      const token = (fields as Record<string, unknown>)[field];
      return token === undefined ? [] : [{ container, field, kind, token }];
    });
  });
}

function nestedPlaces(payload: JsonObject, chain: SigningChain): Place[] {
  return nestedTokens(payload).map(({ container, field, kind, token }) => ({
    path: `${container}.${field}`,
    kind,
    payload: decodedPayload(String(token)) as JsonObject,
    token: String(token),
    put: (other) =>
      signPayload({ ...payload, [container]: { ...(payload[container] as JsonObject), [field]: other } }, chain),
  }));
}

/** The payload of a sound token, null of any other; without help from the code under test. */
export function decodedPayload(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
