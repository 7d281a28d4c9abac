import type { JsonObject } from '../../src/jws/json.js';
import type { SigningChain } from '../../src/simulator/authority/chain.js';
import { signPayload } from '../../src/simulator/authority/sign-payload.js';
import type { Path } from './differential/payload-text.js';
import { jsonWith } from './differential/payload-text.js';
import { encode, headerWith, signParts, signTexts } from './differential/token-parts.js';
import { type Changeable, fullObject, pathsIn, pathText } from './full-payloads.js';
import { SIGNED_AT_MS, TEST_APP } from './signing.js';

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/**
 * Raw JSON of every type, with what breaks code that converts a value without looking at it: objects whose `toString` or `valueOf` is no
 * function, names of Object.prototype, numbers no double or date can hold, half a surrogate, control characters.
 */
export const RAW_VALUES: Readonly<Record<string, readonly string[]>> = {
  null: ['null'],
  boolean: ['true', 'false'],
  number: ['0', '-0', '-1', '1.5', '1759389041604', '1e21'],
  'huge number': ['12345678901234567890', '1e400', '-1e400', '8640000000000001', '253402300800000', '9'.repeat(400)],
  string: ['"text"', '""', '"1"', '"\\u001b[31m\\u202e\\u0000\\u200b"', `"${'x'.repeat(2_000)}"`],
  'name of the prototype': ['"__proto__"', '"constructor"', '"toString"', '"hasOwnProperty"'],
  surrogate: ['"\\ud800"', '"\\udc00 x"', '"a\\ud83d"'],
  array: ['[]', '[null]', '[1,"x",{}]', '[[]]', `[${'0,'.repeat(999)}0]`],
  object: [
    '{}',
    '{"a":1}',
    '{"toString":1}',
    '{"toString":null,"valueOf":null}',
    '{"valueOf":"x","toString":{}}',
    '{"__proto__":{"a":1}}',
    '{"__proto__":null}',
    '{"constructor":{"name":1}}',
    '{"length":-1,"map":1,"then":1,"toJSON":1}',
  ],
  nesting: [deep(40), `{"a":${deep(30)}}`],
};

/** Header fields of RFC 7515 and of JWTs, whether or not this tool reads them. */
const HEADER_FIELDS = [
  'alg',
  'typ',
  'cty',
  'kid',
  'crit',
  'x5c',
  'x5u',
  'x5t',
  'jwk',
  'jku',
  'zip',
  'b64',
  'iss',
  'toString',
  '__proto__',
];

/** Claims of other JWTs, which a message about the wrong token quotes. */
const CLAIMS = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'bid', 'events', 'nonce', 'scope'];

/** One token, one of its fields replaced. */
export interface FieldCase {
  /** `transaction: price = {"toString":1}` */
  readonly name: string;
  readonly jws: string;
  /** Signed with the chain after the change, so that every check behind the signature is reached. */
  readonly isSigned: boolean;
}

/** The values to try at one field. */
export type ChooseValues = () => readonly string[];

export function everyValue(): readonly string[] {
  return Object.values(RAW_VALUES).flat();
}

/** One value of each type. */
export function oneOfEachType(random: () => number): readonly string[] {
  return Object.values(RAW_VALUES).map((values) => values[Math.floor(random() * values.length)]!);
}

/** Every documented field of every kind, nested tokens included, and every header field, with the chosen values. */
export function* fieldCases(chain: SigningChain, choose: ChooseValues): Generator<FieldCase> {
  yield* headerCases(chain);
  yield* claimCases(choose);
  for (const { name, payload, put } of fullPayloads(chain)) {
    for (const path of [...pathsIn(payload), ['somethingNew'], ['toString'], ['__proto__']]) {
      for (const raw of choose()) {
        const token = signTexts(headerWith(chain.x5c), jsonWith(payload, path, raw), chain);
        yield { name: `${name}: ${pathText(path)} = ${shown(raw)}`, jws: put(token), isSigned: true };
      }
    }
  }
}

/** There are few header fields, so each takes every value. */
function* headerCases(chain: SigningChain): Generator<FieldCase> {
  const header = { alg: 'ES256', x5c: [...chain.x5c] } as unknown as JsonObject;
  const paths: readonly Path[] = [...HEADER_FIELDS.map((field) => [field]), ['x5c', 0], ['x5c', 1], ['x5c', 2]];
  const good = simplePayload();
  for (const path of paths) {
    for (const raw of everyValue()) {
      const text = jsonWith(header, path, raw);
      const signed = signParts(encode(text), encode(JSON.stringify(good)), chain.leafKey);
      yield { name: `header: ${pathText(path)} = ${shown(raw)}`, jws: signed, isSigned: true };
      yield { name: `header, unsigned: ${pathText(path)} = ${shown(raw)}`, jws: unsigned(text, good), isSigned: false };
      if (!isChainField(path)) continue;
      const nested = { ...good, data: { ...TEST_APP, environment: 'Sandbox', signedTransactionInfo: signed } };
      const outer = signPayload(nested as JsonObject, chain);
      yield { name: `nested header: ${pathText(path)} = ${shown(raw)}`, jws: outer, isSigned: true };
    }
  }
}

/** JSON that is shown without a token: documents of this tool, version 1 bodies, decoded payloads; one line each. */
export function* plainCases(choose: ChooseValues): Generator<string> {
  for (const body of PLAIN_BODIES) {
    for (const path of [...pathsIn(body), ['toString'], ['__proto__']]) {
      for (const raw of choose()) yield jsonWith(body as JsonObject, path, raw);
    }
  }
}

const PLAIN_BODIES: readonly Changeable[] = [
  {
    kind: 'notification',
    source: 'journal:1',
    repaired: ['crlf'],
    notification: { notificationType: 'TEST', signedDate: SIGNED_AT_MS, data: { ...TEST_APP } },
    tokens: [
      {
        path: 'signedPayload',
        header: { alg: 'ES256', x5c: [{ subject: 'CN=a', serial: '1', sha256: 'A', notBefore: 'x', notAfter: 'y' }] },
      },
    ],
    sendAttempts: [{ attemptDate: SIGNED_AT_MS, sendAttemptResult: 'SUCCESS' }],
    received: { id: 'r1', atMs: SIGNED_AT_MS, answered: 200, repeatOf: null },
    deliveries: [{ target: 'app', attempt: 1, httpStatus: 200, ms: 3, outcome: 'accepted' }],
  },
  {
    notification_type: 'DID_RENEW',
    environment: 'PROD',
    bid: 'com.example.app',
    password: 'secret',
    auto_renew_status_change_date_ms: '1',
    unified_receipt: { status: 0, latest_receipt_info: [{ transaction_id: '1' }] },
  },
  { notificationType: 'DID_RENEW', notificationUUID: '1', signedDate: SIGNED_AT_MS, data: { ...TEST_APP, status: 1 } },
  { status: 21_007, environment: 'Sandbox', receipt: { in_app: [{ transaction_id: '1' }] }, latest_receipt_info: [{}] },
];

/** The fields that decide how a nested token is verified. */
function isChainField(path: Path): boolean {
  return path[0] === 'alg' || path[0] === 'kid' || path[0] === 'x5c';
}

/** Tokens without a chain, which are examined for the kind of token they are instead. */
function* claimCases(choose: ChooseValues): Generator<FieldCase> {
  for (const good of FOREIGN_TOKENS) {
    for (const field of CLAIMS) {
      for (const raw of choose()) {
        const name = `claims, unsigned: ${field} = ${shown(raw)}`;
        const payload = JSON.parse(jsonWith(good, [field], '"@"')) as JsonObject;
        const text = JSON.stringify(payload).replace('"@"', () => raw);
        yield {
          name,
          jws: `${encode('{"alg":"ES256","kid":"ABC"}')}.${encode(text)}.${'A'.repeat(86)}`,
          isSigned: false,
        };
      }
    }
  }
}

const FOREIGN_TOKENS: readonly JsonObject[] = [
  { iss: 'issuer', iat: 1, exp: 2, aud: 'appstoreconnect-v1', bid: 'com.example.app' },
  { iss: 'https://appleid.apple.com', aud: 'com.example.app', sub: '001', iat: 1, exp: 2 },
  { iss: 'issuer', aud: 'promotional-offer', bid: 'com.example.app', nonce: 'n' },
];

function simplePayload(): JsonObject {
  return {
    notificationType: 'TEST',
    notificationUUID: 'a',
    version: '2.0',
    signedDate: SIGNED_AT_MS,
    data: { ...TEST_APP, environment: 'Sandbox' },
  };
}

function unsigned(header: string, payload: JsonObject): string {
  return `${encode(header)}.${encode(JSON.stringify(payload))}.${'A'.repeat(86)}`;
}

/** A payload with every documented field; `put` places its token in what is sent. */
interface FullPayload {
  readonly name: string;
  readonly payload: JsonObject;
  readonly put: (token: string) => string;
}

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData', 'unclaimInfo'];

const SLOTS = {
  signedTransactionInfo: 'transaction',
  signedRenewalInfo: 'renewalInfo',
  signedAppTransactionInfo: 'appTransaction',
} as const;

function fullPayloads(chain: SigningChain): readonly FullPayload[] {
  const asIs = (token: string): string => token;
  const single = ['transaction', 'renewalInfo', 'appTransaction', 'realtimeRequest'].map((kind) => ({
    name: kind,
    payload: fullPayload(kind),
    put: asIs,
  }));
  const nested = Object.entries(SLOTS).map(([field, kind]) => ({
    name: `nested ${kind}`,
    payload: fullPayload(kind),
    put: (token: string) =>
      signPayload({ ...simplePayload(), data: { ...appFields(), [field]: token } } as JsonObject, chain),
  }));
  return [
    ...notifications(chain).map((payload) => ({ name: 'notification', payload, put: asIs })),
    ...single,
    ...nested,
  ];
}

/** One notification for each container, since a payload has one. */
function notifications(chain: SigningChain): readonly JsonObject[] {
  const all = fullObject('notification');
  return CONTAINERS.filter((container) => container in all).map((container) => {
    const others = Object.entries(all).filter(([name]) => !CONTAINERS.includes(name));
    const fields: Changeable = { ...(all[container] as Changeable), ...appFields() };
    for (const [slot, kind] of Object.entries(SLOTS))
      if (slot in fields) fields[slot] = signPayload(fullPayload(kind), chain);
    return { ...Object.fromEntries(others), signedDate: SIGNED_AT_MS, [container]: fields } as JsonObject;
  });
}

function fullPayload(kind: string): JsonObject {
  const fields = fullObject(kind);
  const right: Changeable = {
    ...appFields(),
    receiptType: 'Sandbox',
    signedDate: SIGNED_AT_MS,
    receiptCreationDate: SIGNED_AT_MS,
  };
  const known = Object.entries(right).filter(([name]) => name in fields);
  return { ...fields, ...Object.fromEntries(known) } as JsonObject;
}

function appFields(): Changeable {
  return { ...TEST_APP, environment: 'Sandbox' };
}

function shown(raw: string): string {
  return raw.length > 60 ? `${raw.slice(0, 60)}…` : raw;
}
