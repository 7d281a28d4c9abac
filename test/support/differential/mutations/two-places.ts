import type { KeyObject } from 'node:crypto';
import type { JsonObject } from '../../../../src/jws/json.js';
import { everyValue } from '../../field-fuzz.js';
import { pathsIn, pathText } from '../../full-payloads.js';
import type { Base, Bench, Place } from '../bench.js';
import { below, type Case, type Mutation, pick, type Random } from '../case.js';
import { EXTENSION, reissue, withExtension, without } from '../certificate-surgery.js';
import { jsonWith, type Path, shown } from '../payload-text.js';
import { encode, signParts } from '../token-parts.js';

/** A token while it is changed; it is signed last, so that only the changes decide. */
interface Draft {
  header: string;
  payload: string;
  key: KeyObject;
}

/** Changes a draft in one place and says what it did. */
type Change = (draft: Draft, bench: Bench, place: Place, random: Random) => string;

const CASES = 4_000;

/** Two independent changes of one token: of its header, its payload, its certificates or its key. */
export const twoPlaces: Mutation = function* (bench, random) {
  for (let count = 0; count < CASES; count++) {
    const base = pick(random, [...bench.notifications, ...bench.single]);
    const place = base.places[below(random, base.places.length)]!;
    yield changedTwice(bench, base, place, random);
  }
};

function changedTwice(bench: Bench, base: Base, place: Place, random: Random): Case {
  const { chain } = bench;
  const draft: Draft = {
    header: JSON.stringify({ alg: 'ES256', x5c: chain.x5c }),
    payload: JSON.stringify(place.payload),
    key: chain.leafKey,
  };
  const done = [pick(random, CHANGES)(draft, bench, place, random), pick(random, CHANGES)(draft, bench, place, random)];
  const jws = place.put(signParts(encode(draft.header), encode(draft.payload), draft.key));
  const { kind, environment } = base;
  return { name: `${base.name}, ${place.path}: ${done.join('; ')}`, kind, environment, jws };
}

const HEADER_PATHS: readonly Path[] = [
  ['alg'],
  ['x5c'],
  ['x5c', 0],
  ['x5c', 1],
  ['x5c', 2],
  ['kid'],
  ['crit'],
  ['typ'],
  ['b64'],
];

const inHeader: Change = (draft, _bench, _place, random) => {
  const path = pick(random, HEADER_PATHS);
  const raw = pick(random, [null, ...everyValue()]);
  draft.header = replaced(draft.header, path, raw);
  return `header ${pathText(path)} = ${shown(raw)}`;
};

const inPayload: Change = (draft, _bench, place, random) => {
  const path = pick(random, [...pathsIn(place.payload), ['somethingNew']]);
  const raw = pick(random, [null, ...everyValue()]);
  draft.payload = replaced(draft.payload, path, raw);
  return `${pathText(path)} = ${shown(raw)}`;
};

const inByte: Change = (draft, _bench, _place, random) => {
  const part = pick(random, ['header', 'payload'] as const);
  const at = below(random, draft[part].length);
  const character = pick(random, [...'"\\{}[]:,.-+eE09 \n/u']);
  draft[part] = draft[part].slice(0, at) + character + draft[part].slice(at + 1);
  return `${part} character ${at} = ${JSON.stringify(character)}`;
};

const inCertificate: Change = (draft, bench, _place, random) => {
  const position = below(random, 2) as 0 | 1;
  const signingKey = position === 0 ? bench.chain.intermediateKey : bench.authority.key;
  const der = Buffer.from(bench.chain.x5c[position], 'base64');
  const [what, made] = pick(random, surgeries(der, signingKey, random))();
  draft.header = replaced(draft.header, ['x5c', position], JSON.stringify(made.toString('base64')));
  return `x5c[${position}] ${what}`;
};

function surgeries(der: Buffer, signingKey: KeyObject, random: Random): readonly (() => readonly [string, Buffer])[] {
  const oids = [EXTENSION.keyUsage, EXTENSION.basicConstraints];
  const oid = pick(random, oids);
  const at = 8 + below(random, der.readUInt16BE(6) - 8);
  const bit = 1 << below(random, 8);
  return [
    () => ['without an extension', reissue(der, { signingKey, edit: without(oid) })],
    () => ['with an extension made critical', reissue(der, { signingKey, edit: withExtension(oid, '30 00', true) })],
    () => ['signed with SHA-1', reissue(der, { signingKey, hash: 'sha1' })],
    () => [`signed byte ${at} changed`, reissue(der, { signingKey, editBytes: (bytes) => flip(bytes, at, bit) })],
  ];
}

function flip(bytes: Uint8Array, at: number, bit: number): void {
  bytes[at]! ^= bit;
}

const byOtherKey: Change = (draft, { stranger, foreign }, _place, random) => {
  draft.key = pick(random, [stranger, foreign.leafKey]);
  return 'signed with another key';
};

const CHANGES: readonly Change[] = [inHeader, inPayload, inPayload, inByte, inCertificate, inCertificate, byOtherKey];

/** The text as it was where an earlier change has made it no JSON, or removed the place. */
function replaced(text: string, path: Path, raw: string | null): string {
  try {
    return jsonWith(JSON.parse(text) as JsonObject, path, raw);
  } catch {
    return text;
  }
}
