import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import type { Emulator } from '../../src/emulator/options.js';

/** What to make otherwise in a token; null leaves a claim out. */
export interface TokenWish {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly privateKeyPath?: string;
}

/** A token of the Server API as Apple's own client makes it, but for what is wished otherwise. */
export function serverToken(emulator: Emulator, wish: TokenWish = {}): Promise<string> {
  const { issuerId: iss, keyId: kid, bundleId: bid, privateKeyPath } = emulator;
  return signToken({ kid }, { iss, bid }, privateKeyPath, wish);
}

/** A token of a team key of App Store Connect. */
export function teamToken(emulator: Emulator, wish: TokenWish = {}): Promise<string> {
  const { issuerId: iss, keyId: kid, privateKeyPath } = emulator.connect;
  return signToken({ kid }, { iss }, privateKeyPath, wish);
}

/** A token of an individual key of App Store Connect. */
export function individualToken(emulator: Emulator, wish: TokenWish = {}): Promise<string> {
  const { keyId: kid, privateKeyPath } = emulator.individual;
  return signToken({ kid }, { sub: 'user' }, privateKeyPath, wish);
}

const MINUTES_5 = 300;

function signToken(header: object, claims: object, keyPath: string, wish: TokenWish): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const all = { aud: 'appstoreconnect-v1', iat, exp: iat + MINUTES_5, ...claims, ...wish.claims };
  const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  const key = createPrivateKey(readFileSync(wish.privateKeyPath ?? keyPath));
  const protectedHeader = { alg: 'ES256', typ: 'JWT', ...header, ...wish.header } as { alg: string };
  return new SignJWT(kept).setProtectedHeader(protectedHeader).sign(key);
}

/** One request to an emulator; `body` is sent as JSON unless it is text. */
export async function ask(
  url: string,
  token: string | null,
  options: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const { body, method = body === undefined ? 'GET' : 'POST', headers = {} } = options;
  const response = await fetch(url, {
    method,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
}
