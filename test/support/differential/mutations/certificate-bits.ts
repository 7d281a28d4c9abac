import type { Bench, Place } from '../bench.js';
import { below, type Case, type Mutation, type Random } from '../case.js';
import { reissue } from '../certificate-surgery.js';
import { encode, headerWith, partsOf, signParts } from '../token-parts.js';

const POSITIONS = ['leaf', 'intermediate', 'root'] as const;
type Position = 0 | 1 | 2;

/** One bit of one certificate, anywhere in it; the token keeps its signature. */
export const certificateBitsUnsigned: Mutation = function* (bench, random) {
  for (const position of [0, 1, 2] as const) {
    for (let count = 0; count < 25; count++) {
      const [what, x5c] = flipped(bench, position, random);
      const place = placeFor(bench, count);
      const [, payload, signature] = partsOf(place.token);
      yield caseOf(place, `${what}, old signature`, `${encode(headerWith(x5c))}.${payload}.${signature}`);
    }
  }
};

/** One bit of one certificate, anywhere in it; the leaf key signs the token again. */
export const certificateBits: Mutation = function* (bench, random) {
  for (const position of [0, 1, 2] as const) {
    for (let count = 0; count < 100; count++) {
      const [what, x5c] = flipped(bench, position, random);
      const place = placeFor(bench, count);
      yield caseOf(place, `${what}, token signed again`, signAgain(place, x5c, bench));
    }
  }
};

/** One bit in every byte of the signed part of leaf and intermediate; the issuer signs the certificate, the leaf key the token. */
export const signedCertificateBits: Mutation = function* (bench, random) {
  for (const position of [0, 1] as const) {
    const issuerKey = position === 0 ? bench.chain.intermediateKey : bench.authority.key;
    const der = Buffer.from(bench.chain.x5c[position], 'base64');
    // The length of the signed part itself, 4 bytes, has to stay.
    const length = der.readUInt16BE(6);
    for (let at = 4; at < length + 4; at++) {
      const bit = below(random, 8);
      const made = reissue(der, { signingKey: issuerKey, editBytes: (bytes) => flip(bytes, at, bit) });
      const place = placeFor(bench, at);
      const jws = signAgain(place, withCertificate(bench, position, made), bench);
      yield caseOf(
        place,
        `${POSITIONS[position]} signed byte ${at} bit ${bit}, certificate and token signed again`,
        jws,
      );
    }
  }
};

function flipped({ chain }: Bench, position: Position, random: Random): readonly [string, readonly string[]] {
  const der = Buffer.from(chain.x5c[position], 'base64');
  const [at, bit] = [below(random, der.length), below(random, 8)];
  flip(der, at, bit);
  return [`${POSITIONS[position]} byte ${at} bit ${bit}`, chain.x5c.with(position, der.toString('base64'))];
}

function flip(bytes: Uint8Array, at: number, bit: number): void {
  bytes[at]! ^= 1 << bit;
}

function withCertificate({ chain }: Bench, position: Position, der: Uint8Array): readonly string[] {
  return chain.x5c.with(position, Buffer.from(der).toString('base64'));
}

function signAgain(place: PlaceOfCase, x5c: unknown, { chain }: Bench): string {
  return signParts(encode(headerWith(x5c)), partsOf(place.token)[1], chain.leafKey);
}

type PlaceOfCase = Place & Pick<Case, 'environment'> & { readonly whole: Case['kind'] };

/** Mostly payloads on their own, one nested token in eight. */
function placeFor({ base }: Bench, count: number): PlaceOfCase {
  const around = count % 8 === 0 ? base('DID_RENEW Sandbox') : base('transaction Production');
  return { ...around.places.at(-1)!, environment: around.environment, whole: around.kind };
}

function caseOf(place: PlaceOfCase, what: string, token: string): Case {
  return { name: `${place.path} ${what}`, kind: place.whole, environment: place.environment, jws: place.put(token) };
}
