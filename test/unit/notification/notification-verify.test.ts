import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/jws/json.js';
import { checkTimeClaims } from '../../../src/notification/verify.js';

const NOW_MS = 1_793_610_000_500;
const NOW_SECONDS = 1_793_610_000;

describe('exp and nbf, as a JWT library checks them', () => {
  it.each<[string, Record<string, Json>]>([
    ['neither', {}],
    ['exp in a second', { exp: NOW_SECONDS + 1 }],
    ['exp far off, as bigint', { exp: 12_345_678_901_234_567_890n }],
    ['nbf now', { nbf: NOW_SECONDS }],
    ['iat, which nobody judges', { iat: 'soon' }],
  ])('finds no fault with %s', (_name, payload) => expect(checkTimeClaims(payload, NOW_MS)).toBeNull());

  it.each<[string, Record<string, Json>, string]>([
    ['exp now', { exp: NOW_SECONDS }, `${NOW_SECONDS}`],
    ['exp as text', { exp: `${NOW_SECONDS + 9}` }, 'not a number'],
    ['exp null', { exp: null }, 'not a number'],
    ['nbf in a second', { nbf: NOW_SECONDS + 1 }, `${NOW_SECONDS + 1}`],
    ['nbf null', { nbf: null }, 'not a number'],
  ])('refuses %s', (_name, payload, found) => {
    expect(checkTimeClaims(payload, NOW_MS)).toMatchObject({ ok: false, reason: 'MALFORMED_PAYLOAD', found });
  });
});
