import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { createServerTokenSource } from '../../../src/server-api/token.js';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const CREDENTIALS = { issuerId: 'issuer', keyId: 'ABC1234567', privateKey, bundleId: 'com.example.app' };
const START = Date.UTC(2026, 10, 20, 12);

let nowMs = START;
beforeEach(() => {
  nowMs = START;
});

describe('createTokenSource', () => {
  it('makes the token Apple documents', async () => {
    const jwt = await createServerTokenSource(CREDENTIALS, () => nowMs)();
    const { payload } = await jwtVerify(jwt, publicKey, { currentDate: new Date(START) });
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'ES256', kid: 'ABC1234567', typ: 'JWT' });
    expect(payload).toEqual({
      iss: 'issuer',
      iat: START / 1_000 - 60,
      exp: START / 1_000 + 300,
      aud: 'appstoreconnect-v1',
      bid: 'com.example.app',
    });
  });

  it.each([
    ['at once', 0, true],
    ['after three minutes', 180_000, true],
    ['a minute before its end', 240_000, false],
    ['after its end', 400_000, false],
    ['when the clock was set back', -5_000, false],
  ])('is used again %s: %#', async (_when, later, isSame) => {
    const token = createServerTokenSource(CREDENTIALS, () => nowMs);
    const first = await token();
    nowMs += later;
    expect((await token()) === first).toBe(isSame);
  });
});
