import { sign } from 'node:crypto';
import type { Mutation } from '../case.js';
import { decode, encode, partsOf } from '../token-parts.js';

/** Order of P-256, FIPS 186-4 D.1.2.3. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The 64 bytes R and S, made otherwise; header and payload stay. */
export const signatures: Mutation = function* ({ base, chain, stranger, foreign }) {
  for (const { name, kind, environment, places } of [base('DID_RENEW Production'), base('appTransaction Sandbox')]) {
    for (const place of places) {
      const [header, payload, signature] = partsOf(place.token);
      const input = Buffer.from(`${header}.${payload}`);
      const signedAs = (hash: string, key = chain.leafKey) => sign(hash, input, { key, dsaEncoding: 'ieee-p1363' });
      const others = {
        ...variants(decode(signature)),
        'as DER': sign('sha256', input, chain.leafKey),
        'with SHA-384': signedAs('sha384'),
        'with SHA-1': signedAs('sha1'),
        'with the key of a stranger': signedAs('sha256', stranger),
        'with the key of a foreign chain': signedAs('sha256', foreign.leafKey),
        'with the key of the intermediate': signedAs('sha256', chain.intermediateKey),
        'over the payload alone': sign('sha256', Buffer.from(payload), {
          key: chain.leafKey,
          dsaEncoding: 'ieee-p1363',
        }),
        'made once more': signedAs('sha256'),
      };
      for (const [what, bytes] of Object.entries(others)) {
        const jws = place.put(`${header}.${payload}.${encode(bytes)}`);
        yield { name: `${name}, ${place.path}: signature ${what}`, kind, environment, jws };
      }
    }
  }
};

function variants(signature: Buffer): Record<string, Buffer> {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const zero = Buffer.alloc(32);
  const one = toBytes(1n);
  const join = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);
  return {
    'of 0 bytes': join(),
    'of 63 bytes': signature.subarray(0, 63),
    'of 65 bytes': join(signature, Buffer.of(0)),
    'with a zero before': join(Buffer.of(0), signature),
    'of R alone': r,
    'of 96 bytes': join(signature, s),
    twice: join(signature, signature),
    'of zeroes': join(zero, zero),
    'of ones': Buffer.alloc(64, 0xff),
    'with r = 0': join(zero, s),
    'with s = 0': join(r, zero),
    'with r = s = 1': join(one, one),
    'with r = n': join(toBytes(N), s),
    'with s = n': join(r, toBytes(N)),
    'with s = n - s': join(r, toBytes(N - toNumber(s))),
    'with r = n - r': join(toBytes(N - toNumber(r)), s),
    'with r and s exchanged': join(s, r),
    backwards: Buffer.from(signature).reverse(),
  };
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function toBytes(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
}
