import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerApiErrorCode } from './errors.js';

/** Where the next page of a history begins. */
export interface PagePosition {
  /** The last record that was given, by its place in the log: what is delivered meanwhile drops out without moving the others. */
  readonly after: number;
  /** The end of the time asked for as it stood on the first page: what happens while somebody pages is not let in. */
  readonly endMs: number;
  readonly issuedMs: number;
}

export interface PageTokens {
  /** How long a token is good for. Apple says that tokens expire, not when. */
  readonly lifetimeMs: number;
  /** Tokens of another run are not of this one. */
  readonly secret: Uint8Array;
}

/** A token for the next page of this request; opaque, and good for the same body only. */
export function issuePageToken(
  { after, endMs, issuedMs }: PagePosition,
  body: Uint8Array,
  { secret }: PageTokens,
): string {
  const position = Buffer.from(JSON.stringify([after, endMs, issuedMs])).toString('base64url');
  return `${position}.${seal(position, body, secret)}`;
}

/** Reads a token that came with this body: 4000014 where it is none of ours or of another request, 4000017 where it is too old. */
export function readPageToken(
  token: string,
  body: Uint8Array,
  nowMs: number,
  { lifetimeMs, secret }: PageTokens,
): PagePosition | ServerApiErrorCode {
  const [position = '', seen = ''] = token.split('.');
  const expected = seal(position, body, secret);
  if (seen.length !== expected.length || !timingSafeEqual(Buffer.from(seen), Buffer.from(expected))) return 4000014;
  const [after, endMs, issuedMs] = JSON.parse(Buffer.from(position, 'base64url').toString()) as [
    number,
    number,
    number,
  ];
  return nowMs - issuedMs > lifetimeMs ? 4000017 : { after, endMs, issuedMs };
}

function seal(position: string, body: Uint8Array, secret: Uint8Array): string {
  const digest = createHash('sha256').update(body).digest();
  return createHmac('sha256', secret).update(position).update(digest).digest('base64url');
}
