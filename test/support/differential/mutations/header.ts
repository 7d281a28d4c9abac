import { createHmac, createPublicKey } from 'node:crypto';
import type { Bench } from '../bench.js';
import type { Mutation } from '../case.js';
import { encode, partsOf, signParts } from '../token-parts.js';

/** Fields of the header, changed, added, doubled or taken away; the leaf key signs. */
export const headerFields: Mutation = function* (bench) {
  const { base, chain } = bench;
  for (const { kind, environment, places } of [base('transaction Production'), base('DID_RENEW Sandbox')]) {
    for (const place of [places[0], places.at(-1)!]) {
      for (const [what, header] of headers(bench)) {
        const jws = place.put(signParts(encode(header), partsOf(place.token)[1], chain.leafKey));
        yield { name: `${place.path}: header ${what}`, kind, environment, jws };
      }
    }
  }
};

/** Algorithms that need no key, or take the public one for a secret. */
export const algorithmConfusion: Mutation = function* ({ base, chain }) {
  const pem = createPublicKey(chain.leafKey).export({ type: 'spki', format: 'pem' });
  const secrets = { 'the public key as PEM': pem, 'the leaf certificate': chain.x5c[0], nothing: '' };
  for (const { kind, environment, places } of [base('DID_RENEW Sandbox'), base('renewalInfo Production')]) {
    const place = places.at(-1)!;
    const payload = partsOf(place.token)[1];
    const signed = (alg: string) => `${encode(JSON.stringify({ alg, x5c: chain.x5c }))}.${payload}`;
    for (const alg of ['none', 'None', 'NONE', 'ES256']) {
      yield { name: `alg ${alg} without a signature`, kind, environment, jws: place.put(`${signed(alg)}.`) };
    }
    for (const [name, secret] of Object.entries(secrets)) {
      for (const bits of [256, 384, 512]) {
        const input = signed(`HS${bits}`);
        const mac = createHmac(`sha${bits}`, secret).update(input).digest('base64url');
        yield { name: `alg HS${bits} with ${name}`, kind, environment, jws: place.put(`${input}.${mac}`) };
      }
    }
  }
};

function headers({ chain: { x5c }, foreign }: Bench): readonly (readonly [string, string])[] {
  const json = (header: unknown) => JSON.stringify(header);
  const good = { alg: 'ES256', x5c };
  const x5cText = json(x5c);
  return [
    ['as it was', json(good)],
    ['in another order', json({ x5c, alg: 'ES256' })],
    ['with spaces', JSON.stringify(good, null, 2)],
    ['with a key in escapes', `{"\\u0061lg":"ES256","\\u0078\\u0035c":${x5cText}}`],
    ['with a value in escapes', `{"alg":"\\u0045S256","x5c":${x5cText}}`],
    ...ALGORITHMS.map((alg) => [`alg ${json(alg)}`, json({ alg, x5c })] as const),
    ['without alg', json({ x5c })],
    ['ALG', json({ ALG: 'ES256', x5c })],
    ['X5C', json({ alg: 'ES256', X5C: x5c })],
    ['alg twice, none first', `{"alg":"none","alg":"ES256","x5c":${x5cText}}`],
    ['alg twice, none last', `{"alg":"ES256","alg":"none","x5c":${x5cText}}`],
    ['x5c twice, foreign first', `{"alg":"ES256","x5c":${json(foreign.x5c)},"x5c":${x5cText}}`],
    ['x5c twice, foreign last', `{"alg":"ES256","x5c":${x5cText},"x5c":${json(foreign.x5c)}}`],
    ...Object.entries(EXTRAS).map(([what, extra]) => [what, json({ ...good, ...extra })] as const),
    ['with jwk of a stranger', json({ ...good, jwk: createPublicKey(foreign.leafKey).export({ format: 'jwk' }) })],
    ['with __proto__', `{"alg":"ES256","__proto__":{"x5c":${json(foreign.x5c)}},"x5c":${x5cText}}`],
    ['with all in __proto__', `{"__proto__":${json(good)}}`],
    ['an array', json([good])],
    ['a string', json(json(good))],
    ['null', 'null'],
    ['a number', '5'],
    ['an empty object', '{}'],
    ['with a comma too much', `{"alg":"ES256","x5c":${x5cText},}`],
    ['with a comment', `{"alg":"ES256",/**/"x5c":${x5cText}}`],
    ['twice in a row', json(good) + json(good)],
    ['nested 100 deep', json({ ...good, deep: '@' }).replace('"@"', '['.repeat(100) + ']'.repeat(100))],
    ['with a letter outside Latin-1', json({ ...good, note: '漢字' })],
    ['with half a surrogate', `{"alg":"ES256","x5c":${x5cText},"note":"\\ud800"}`],
  ];
}

const ALGORITHMS: readonly unknown[] = [
  'ES384',
  'ES512',
  'ES256K',
  'RS256',
  'PS256',
  'HS256',
  'EdDSA',
  'none',
  'es256',
  'ES256 ',
  ' ES256',
  'ES256\0',
  'ES-256',
  '',
  null,
  true,
  256,
  ['ES256'],
  { alg: 'ES256' },
];

const EXTRAS: Readonly<Record<string, object>> = {
  'crit exp': { crit: ['exp'], exp: 1 },
  'crit b64': { crit: ['b64'], b64: true },
  'crit empty': { crit: [] },
  'crit null': { crit: null },
  'crit false': { crit: false },
  'crit a string': { crit: 'x5c' },
  'b64 false': { b64: false },
  kid: { kid: 'key' },
  'kid of Xcode': { kid: 'Apple_Xcode_Key' },
  'kid a number': { kid: 5 },
  'typ JWT': { typ: 'JWT' },
  'typ JOSE': { typ: 'JOSE' },
  'typ null': { typ: null },
  cty: { cty: 'JWT' },
  zip: { zip: 'DEF' },
  jku: { jku: 'https://example.com/keys' },
  x5u: { x5u: 'https://example.com/chain.pem' },
  x5t: { x5t: 'AAAA' },
  'exp in the past': { exp: 1 },
  'a field nobody knows': { unknown: { deep: [1, 2, 3] } },
};
