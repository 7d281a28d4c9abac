import { generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBy, signJws } from '../../../src/jws/es256.js';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const partsOf = (jws: string) => jws.split('.').map((part) => Buffer.from(part, 'base64url').toString());

describe('signJws', () => {
  it('signs header and payload with ES256, 64 raw bytes', () => {
    const jws = signJws({ a: 1 }, { key: privateKey });
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const raw = Buffer.from(signature, 'base64url');
    expect(raw).toHaveLength(64);
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, raw)).toBe(true);
    expect(verify('sha256', Buffer.from(`${header}.${payload}x`), key, raw)).toBe(false);
  });

  it.each([
    { what: 'a header of its own follows alg', header: { x5c: ['MA=='] }, text: '{"alg":"ES256","x5c":["MA=="]}' },
    { what: 'a header may say another alg', header: { alg: 'none' }, text: '{"alg":"none"}' },
    { what: 'no header given', header: {}, text: '{"alg":"ES256"}' },
  ])('$what', ({ header, text }) => {
    expect(partsOf(signJws({}, { key: privateKey, header }))[0]).toBe(text);
  });

  it.each([
    { what: 'an object as JSON', payload: { name: 'Café' }, text: '{"name":"Café"}' },
    {
      what: 'integers beyond 2^53 digit by digit',
      payload: { id: 9007199254740993n },
      text: '{"id":9007199254740993}',
    },
    { what: 'text as it stands', payload: 'not { json', text: 'not { json' },
  ])('writes $what', ({ payload, text }) => {
    expect(partsOf(signJws(payload, { key: privateKey }))[1]).toBe(text);
  });
});

describe('isSignedBy', () => {
  /** The first signature of which R and S begin like this; one of 256 begins with a zero byte. */
  function signUntil(matches: (r: number, s: number) => boolean) {
    for (;;) {
      const token = signJws({}, { key: privateKey });
      const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url');
      if (matches(signature[0] ?? 0, signature[32] ?? 0)) return { token, signature };
    }
  }

  it.each([
    { what: 'both with their first bit set', matches: (r: number, s: number) => r >= 0x80 && s >= 0x80 },
    { what: 'R with a leading zero', matches: (r: number) => r === 0 },
    { what: 'S with a leading zero', matches: (_r: number, s: number) => s === 0 },
  ])('takes R and S, $what', ({ matches }) => {
    const { token, signature } = signUntil(matches);
    expect(isSignedBy(token, signature, publicKey)).toBe(true);
    for (const at of [0, 31, 32, 63]) {
      const flipped = Uint8Array.from(signature, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(isSignedBy(token, flipped, publicKey), `byte ${at}`).toBe(false);
    }
  });

  it.each([0, 0xff])('says no, and throws nothing, where every byte is %i', (byte) => {
    const { token } = signUntil(() => true);
    expect(isSignedBy(token, new Uint8Array(64).fill(byte), publicKey)).toBe(false);
  });
});
