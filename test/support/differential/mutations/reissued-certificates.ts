import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Base, Bench } from '../bench.js';
import type { Case, Mutation } from '../case.js';
import { dateEdits, fieldEdits, nameEdits } from '../certificate-edits.js';
import { type Edit, leafNode, type Reissue, reissue, setContent, setKey } from '../certificate-surgery.js';
import { extensionEdits, markerEdits } from '../extension-edits.js';
import { encode, headerWith, partsOf, signParts } from '../token-parts.js';

const POSITIONS = ['leaf', 'intermediate', 'root'] as const;
type Position = 0 | 1 | 2;

/** One certificate issued again with one property changed, by its rightful issuer; the token is signed by the leaf. */
export const reissuedCertificates: Mutation = function* (bench) {
  for (const position of [0, 1, 2] as const) {
    for (const [what, change] of Object.entries(changesOf(bench, position))) {
      yield caseOf(bench, bench.base('transaction Sandbox'), position, what, change);
      if (position < 2) yield caseOf(bench, bench.base('DID_RENEW Production'), position, what, change);
    }
  }
};

/** A leaf whose key is of another kind: with the algorithm that fits the key, and with ES256 in the header all the same. */
export const otherKeys: Mutation = function* (bench) {
  const { base, chain } = bench;
  for (const [name, pair, alg, hash] of keyPairs()) {
    const edit: Edit = (signed) => setKey(signed, pair.publicKey);
    const leaf = reissue(chain.leaf.raw, { signingKey: chain.intermediateKey, edit }).toString('base64');
    for (const claimed of new Set([alg, 'ES256'])) {
      for (const { kind, environment, places } of [base('renewalInfo Sandbox'), base('ONE_TIME_CHARGE Production')]) {
        const place = places.at(-1)!;
        const header = encode(JSON.stringify({ alg: claimed, x5c: [leaf, ...chain.x5c.slice(1)] }));
        const jws = place.put(signParts(header, partsOf(place.token)[1], pair.privateKey, { hash }));
        yield { name: `${place.path} signed by a leaf with a ${name} key, alg ${claimed}`, kind, environment, jws };
      }
    }
  }
};

function keyPairs() {
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
  return [
    ['P-256', ec('P-256'), 'ES256', 'sha256'],
    ['P-384', ec('P-384'), 'ES384', 'sha384'],
    ['P-521', ec('P-521'), 'ES512', 'sha512'],
    ['secp256k1', ec('secp256k1'), 'ES256K', 'sha256'],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256', 'sha256'],
  ] as const;
}

function caseOf(bench: Bench, base: Base, position: Position, what: string, change: Partial<Reissue>): Case {
  const { chain } = bench;
  const der = Buffer.from(chain.x5c[position], 'base64');
  const made = reissue(der, { signingKey: issuerKey(bench, position), ...change });
  const place = base.places.at(-1)!;
  const x5c = chain.x5c.with(position, made.toString('base64'));
  const jws = place.put(signParts(encode(headerWith(x5c)), partsOf(place.token)[1], chain.leafKey));
  const { kind, environment } = base;
  const root = position === 2 ? { root: made } : {};
  return { name: `${POSITIONS[position]} of ${place.path}: ${what}`, kind, environment, jws, ...root };
}

function issuerKey({ authority, chain }: Bench, position: Position): KeyObject {
  return position === 0 ? chain.intermediateKey : authority.key;
}

function changesOf(bench: Bench, position: Position): Readonly<Record<string, Partial<Reissue>>> {
  return {
    ...signatureChanges(bench),
    ...edits(dateEdits()),
    ...edits(nameEdits()),
    ...edits(fieldEdits()),
    ...edits(extensionEdits(position === 2)),
    ...(position === 2 ? {} : edits(markerEdits(position))),
    ...outsideChanges(),
  };
}

function edits(table: Readonly<Record<string, Edit>>): Record<string, Partial<Reissue>> {
  return Object.fromEntries(Object.entries(table).map(([what, edit]) => [what, { edit }]));
}

function signatureChanges({ stranger, foreign, chain }: Bench): Record<string, Partial<Reissue>> {
  return {
    'nothing changed': {},
    'signed with SHA-1': { hash: 'sha1' },
    'signed with SHA-256': { hash: 'sha256' },
    'signed with SHA-512': { hash: 'sha512' },
    'signed with SHA-256, says SHA-384': { hash: 'sha256', claimedHash: 'sha384' },
    'signed by a stranger': { signingKey: stranger },
    'signed by a foreign intermediate': { signingKey: foreign.intermediateKey },
    'signed by the leaf': { signingKey: chain.leafKey },
  };
}

function outsideChanges(): Record<string, Partial<Reissue>> {
  return {
    'another algorithm outside': {
      editOutside: ({ children }) => setContent(children![1]!.children![0]!, Buffer.from('2a8648ce3d040302', 'hex')),
    },
    'a parameter of the algorithm outside': {
      editOutside: ({ children }) => void children![1]!.children!.push(leafNode(0x05, Buffer.alloc(0))),
    },
    'a fourth part': { editOutside: ({ children }) => void children!.push(leafNode(0x05, Buffer.alloc(0))) },
    'no signature': { editOutside: ({ children }) => void children!.pop() },
    'signature with unused bits': {
      editOutside: ({ children }) =>
        setContent(children![2]!, Buffer.concat([Buffer.of(1), children![2]!.content.subarray(1)])),
    },
    'signature with a byte behind': {
      editOutside: ({ children }) => setContent(children![2]!, Buffer.concat([children![2]!.content, Buffer.of(0)])),
    },
    'signature in BER': {
      editOutside: ({ children }) => {
        const [unused, tag, ...rest] = children![2]!.content;
        children![2]!.content = Buffer.from([unused!, tag!, 0x81, ...rest]);
      },
    },
    'signature empty': { editOutside: ({ children }) => setContent(children![2]!, Buffer.of(0)) },
  };
}
