import { isJsonObject, type Json, type JsonObject, parseJsonObject } from '../jws/json.js';
import { type DetectedFormat, detected, momentOfSeconds } from './detected.js';

const SIGN_IN_ISSUER = 'https://appleid.apple.com';
const CONNECT_AUDIENCE = 'appstoreconnect-v1';
const OFFER_AUDIENCES = ['promotional-offer', 'introductory-offer-eligibility', 'advanced-commerce-api'];

/** Longest life of a token, in seconds. Source: docs "Generating JSON Web Tokens for API requests", "Generating Tokens for API Requests". */
const LONGEST = { server: 60 * 60, connect: 20 * 60 } as const;

/** Header and payload of a token, whatever signed it; null where it is not one of three parts with two JSON objects. */
export function readToken(text: string): { readonly header: JsonObject; readonly payload: JsonObject } | null {
  const [first = '', second = '', third, ...more] = text.split('.');
  if (third === undefined || more.length > 0) return null;
  const [header, payload] = [objectIn(first), objectIn(second)];
  return header === null || payload === null ? null : { header, payload };
}

/** The JSON object that base64url holds, or null. */
export function objectIn(base64url: string): JsonObject | null {
  if (!/^[\w+/=-]{2,}$/.test(base64url)) return null;
  return parseJsonObject(Buffer.from(base64url, 'base64url'));
}

/**
 * A token that the App Store did not sign, told from its header and claims; null for one that has a certificate chain, or of which nothing
 * is known. `nowMs` decides whether it has expired.
 */
export function detectToken(text: string, nowMs: number): DetectedFormat | null {
  const token = readToken(text);
  if (token === null || token.header.x5c !== undefined) return null;
  const { header, payload } = token;
  if (payload.iss === SIGN_IN_ISSUER) return signInWithApple(payload);
  if (payload.aud === SIGN_IN_ISSUER) return clientSecret(header, payload, nowMs);
  if (isApiToken(header, payload)) return apiToken(header, payload, nowMs);
  if (typeof payload.aud === 'string' && OFFER_AUDIENCES.includes(payload.aud)) return offerToken(header, payload);
  return isDeveloperToken(header, payload) ? developerToken(header, payload) : foreignToken(header, payload);
}

function signInWithApple(payload: JsonObject): DetectedFormat {
  const facts = [
    ['aud', textOf(payload.aud)],
    ['iat', dateOf(payload.iat)],
    ['event', eventOf(payload.events)],
  ] as const;
  return payload.events === undefined
    ? detected(
        'sign-in-with-apple-token',
        'an identity token of Sign in with Apple',
        'It names a user who signed in and says nothing of a purchase.',
        'Verify it with the keys of https://appleid.apple.com/auth/keys. For a purchase, take jwsRepresentation or signedPayload.',
        facts,
      )
    : detected(
        'sign-in-with-apple-notification',
        'a Sign in with Apple notification',
        'It is signed with RS256 and verified with https://appleid.apple.com/auth/keys; it is not an App Store Server Notification.',
        'Its URL is set under Identifiers in the developer account; the one of the App Store under App Information in App Store Connect. Give each its own.',
        facts,
      );
}

/** `events` is JSON in a string; only the type is of use here, the rest is personal. */
function eventOf(events: Json | undefined): string | null {
  const type = typeof events === 'string' ? /"type"\s*:\s*"([\w-]{1,60})"/.exec(events)?.[1] : undefined;
  return type ?? (isJsonObject(events) ? textOf(events.type) : null);
}

function clientSecret(header: JsonObject, payload: JsonObject, nowMs: number): DetectedFormat {
  return detected(
    'sign-in-with-apple-client-secret',
    'a client secret for Sign in with Apple, made with your own key',
    'It authenticates your server at https://appleid.apple.com and does not come from Apple.',
    'Nothing of it concerns the App Store. For a notification, take the value of signedPayload.',
    [['kid', textOf(header.kid)], ['iss', textOf(payload.iss)], ...lifetimeOf(payload, nowMs)],
  );
}

/** By its audience; a token whose audience is wrong, by the claim `bid`, or by a key id and an issuer as App Store Connect gives them. */
function isApiToken({ kid }: JsonObject, { aud, bid, iss }: JsonObject): boolean {
  if (aud === CONNECT_AUDIENCE || (Array.isArray(aud) && aud.includes(CONNECT_AUDIENCE))) return true;
  if (typeof aud === 'string' && OFFER_AUDIENCES.includes(aud)) return false;
  const isKeyed = typeof kid === 'string' && KEY_ID.test(kid);
  return (
    isKeyed &&
    typeof iss === 'string' &&
    UUID.test(iss) &&
    (bid !== undefined || (typeof aud === 'string' && /appstore/i.test(aud)))
  );
}

const KEY_ID = /^[A-Z0-9]{10}$/;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

function apiToken(header: JsonObject, payload: JsonObject, nowMs: number): DetectedFormat {
  const isServer = payload.bid !== undefined;
  const api = isServer ? 'App Store Server API' : 'App Store Connect API';
  const problems = problemsOf(header, payload, isServer, nowMs);
  const forServer = isServer ? '' : ' For the App Store Server API the claim bid (the bundle id) is missing.';
  return detected(
    isServer ? 'server-api-token' : 'connect-api-token',
    `a token made with your own key for the ${api}`,
    'It authenticates your requests to Apple and does not come from Apple.',
    problems.length === 0
      ? `Its claims are in order.${forServer} If Apple answers 401, check that key, issuer and app belong together: storewire test --environment sandbox`
      : `Apple refuses it with 401: ${problems.join('; ')}.${forServer}`,
    [
      ['kid', textOf(header.kid)],
      ['iss', textOf(payload.iss)],
      ['aud', payload.aud === CONNECT_AUDIENCE ? null : textOf(payload.aud)],
      ['bid', textOf(payload.bid)],
      ['sub', textOf(payload.sub)],
      ...lifetimeOf(payload, nowMs),
    ],
  );
}

/** Requirements of Apple's documentation that the token does not meet. Signature, key and issuer cannot be checked offline. */
function problemsOf(header: JsonObject, payload: JsonObject, isServer: boolean, nowMs: number): readonly string[] {
  const { aud, bid, sub } = payload;
  const isIndividual = !isServer && sub === 'user';
  return [
    ...(header.alg === 'ES256' ? [] : ['alg must be ES256']),
    ...problemsOfId(
      'kid (the key id)',
      header.kid,
      KEY_ID,
      'is not one: it has ten capital letters and digits, as in the name of the .p8 file',
    ),
    ...(isIndividual
      ? []
      : problemsOfId(
          'iss (the issuer id)',
          payload.iss,
          UUID,
          'is not one: it is a UUID from App Store Connect, not the team id',
        )),
    ...(aud === CONNECT_AUDIENCE ? [] : [`aud must be the string ${CONNECT_AUDIENCE}`]),
    ...(isServer && (typeof bid !== 'string' || bid === '') ? ['bid must be the bundle id'] : []),
    ...problemsOfTime(payload, isServer, nowMs / 1000),
  ];
}

function problemsOfId(name: string, value: Json | undefined, form: RegExp, remark: string): readonly string[] {
  if (value === undefined) return [`${name} is missing`];
  return typeof value === 'string' && form.test(value) ? [] : [`${name} ${remark}`];
}

/** Seconds beyond this are milliseconds: the year 5138. */
const MOST_SECONDS = 1e11;

function problemsOfTime({ iat, exp }: JsonObject, isServer: boolean, nowSeconds: number): readonly string[] {
  const inMs = [
    ...(typeof iat === 'number' && iat > MOST_SECONDS ? ['iat'] : []),
    ...(typeof exp === 'number' && exp > MOST_SECONDS ? ['exp'] : []),
  ];
  if (inMs.length > 0) return [`${inMs.join(' and ')} must be in seconds, not milliseconds`];
  const longest = isServer ? LONGEST.server : LONGEST.connect;
  return [
    ...problemsOfNumber('exp', exp, true),
    ...problemsOfNumber('iat', iat, isServer),
    ...(typeof exp === 'number' && exp <= nowSeconds ? [`it expired at ${momentOfSeconds(exp)}`] : []),
    ...(typeof iat === 'number' && iat > nowSeconds
      ? [`iat lies ${Math.ceil(iat - nowSeconds)} s in the future: check the clock that made it`]
      : []),
    ...(typeof iat === 'number' && typeof exp === 'number' && exp - iat > longest
      ? [`it lives ${describeSeconds(exp - iat)}, and at most ${describeSeconds(longest)} are allowed`]
      : []),
  ];
}

function problemsOfNumber(name: string, value: Json | undefined, isRequired: boolean): readonly string[] {
  if (value === undefined) return isRequired ? [`${name} is missing`] : [];
  return typeof value === 'number' ? [] : [`${name} must be a number (seconds)`];
}

function offerToken(header: JsonObject, payload: JsonObject): DetectedFormat {
  return detected(
    'offer-token',
    `a signature for an offer, made with your own key (aud ${textOf(payload.aud)})`,
    'An app hands it to StoreKit with a purchase; it does not come from Apple.',
    'To see what was bought with it, take the jwsRepresentation of the transaction.',
    [
      ['kid', textOf(header.kid)],
      ['iss', textOf(payload.iss)],
      ['bid', textOf(payload.bid)],
      ['iat', dateOf(payload.iat)],
    ],
  );
}

/** APNs, MusicKit, WeatherKit, MapKit: ES256, a key id, and a team id of ten characters as issuer. */
function isDeveloperToken({ alg, kid }: JsonObject, { iss }: JsonObject): boolean {
  return alg === 'ES256' && typeof kid === 'string' && typeof iss === 'string' && /^[A-Z0-9]{10}$/.test(iss);
}

function developerToken(header: JsonObject, payload: JsonObject): DetectedFormat {
  return detected(
    'developer-token',
    'a token made with your own key for another service of Apple (APNs, MusicKit, WeatherKit)',
    'It authenticates your server and does not come from Apple.',
    'For a notification, take the value of signedPayload.',
    [
      ['kid', textOf(header.kid)],
      ['iss', textOf(payload.iss)],
      ['iat', dateOf(payload.iat)],
    ],
  );
}

/** A session token, most often. Its claims may be a user's and are not shown, but for who issued it. */
function foreignToken(header: JsonObject, payload: JsonObject): DetectedFormat | null {
  if (typeof header.alg !== 'string') return null;
  const isBare = header.alg === 'ES256' && payload.iss === undefined && payload.sub === undefined;
  if (isBare || header.alg === 'none') return null;
  return detected(
    'foreign-token',
    `a token that the App Store did not sign (${shorten(header.alg)})`,
    'The App Store signs with ES256 and sends a certificate chain in the header (x5c); this token has none.',
    'Take the value of signedPayload, or the jwsRepresentation of a StoreKit 2 transaction.',
    [['iss', textOf(payload.iss)]],
  );
}

function lifetimeOf({ iat, exp }: JsonObject, nowMs: number): readonly (readonly [string, string | null])[] {
  const areSeconds = typeof iat === 'number' && typeof exp === 'number' && Math.max(iat, exp) <= MOST_SECONDS;
  const life = areSeconds ? describeSeconds(exp - iat) : null;
  const state = typeof exp === 'number' ? (exp * 1000 <= nowMs ? 'expired' : 'not expired') : null;
  return [
    ['iat', dateOf(iat)],
    ['exp', typeof exp === 'number' ? `${dateOf(exp)} (${state})` : null],
    ['lifetime', life],
  ];
}

function describeSeconds(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function dateOf(value: Json | undefined): string | null {
  return typeof value === 'number' ? momentOfSeconds(value) : null;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? shorten(value) : null;
}

const MOST_CHARACTERS = 100;

function shorten(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
