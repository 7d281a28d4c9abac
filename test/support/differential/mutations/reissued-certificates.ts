import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SIGNED_AT_MS } from '../../signing.js';
import type { Base, Bench } from '../bench.js';
import type { Case, Mutation } from '../case.js';
import {
  type Edit,
  EXTENSION,
  leafNode,
  nameValues,
  type Reissue,
  reissue,
  setKey,
  setTime,
  type Signed,
  utcTime,
  withAdded,
  withDoubled,
  withExtension,
  without,
} from '../certificate-surgery.js';
import { encode, headerWith, partsOf, signParts } from '../token-parts.js';

const DAY_MS = 86_400_000;
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
    ...edits(extensionEdits(position)),
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

function dateEdits(): Record<string, Edit> {
  const from = (text: string): Edit => ({ notBefore }) => setTime(notBefore, text);
  const until = (text: string): Edit => ({ notAfter }) => setTime(notAfter, text);
  return {
    'valid from the day after': from(utcTime(SIGNED_AT_MS + DAY_MS)),
    'valid from 2049': from('490101000000Z'),
    'valid from 1950': from('500101000000Z'),
    'valid from 1949': from('19491231235959Z'),
    'valid from 2020, as GeneralizedTime': from('20200101000000Z'),
    'valid from a time without seconds': from('2001010000Z'),
    'valid from a time with an offset': from('200101000000+0000'),
    'valid from a time with fractions': from('20200101000000.5Z'),
    'valid from a day that does not exist': from('200230000000Z'),
    'valid from hour 24': from('200101240000Z'),
    'valid from a 60th second': from('161231235960Z'),
    'valid from nothing': from(''),
    'valid from words': from('once upon a time'),
    'valid until the day before': until(utcTime(SIGNED_AT_MS - DAY_MS)),
    'valid until 2020': until('200601000000Z'),
    'valid until 1999': until('991231235959Z'),
    'valid until 9999': until('99991231235959Z'),
    'valid until a time without seconds': until('4901010000Z'),
    'valid until a time without Z': until('490101000000'),
    'valid until a day that does not exist': until('490230000000Z'),
    'valid until words': until('for ever and ever'),
    'dates exchanged': ({ notBefore, notAfter }) => void ([notBefore.content, notAfter.content] = [notAfter.content, notBefore.content]),
    'no dates': ({ validity }) => void validity.children!.splice(0),
    'three dates': ({ validity, notAfter }) => void validity.children!.push(structuredClone(notAfter)),
  };
}

function nameEdits(): Record<string, Edit> {
  const both: readonly (readonly [string, (name: Signed['issuer']) => void])[] = [
    ['another common name', (name) => void (nameValues(name)[0]!.content = Buffer.from('Somebody else'))],
    ['in capitals', (name) => nameValues(name).forEach((value) => void (value.content = Buffer.from(String(value.content).toUpperCase())))],
    ['in PrintableString', (name) => nameValues(name).forEach((value) => void (value.tag = 0x13))],
    ['in BMPString', (name) => nameValues(name).forEach((value) => {
      value.tag = 0x1e;
      value.content = Buffer.from(Buffer.from(value.content).toString(), 'utf16le').swap16();
    })],
    ['with a space behind', (name) => void (nameValues(name)[0]!.content = Buffer.concat([nameValues(name)[0]!.content, Buffer.from(' ')]))],
    ['in reverse order', (name) => void name.children!.reverse()],
    ['with one part fewer', (name) => void name.children!.pop()],
    ['with one part twice', (name) => void name.children!.push(structuredClone(name.children![0]!))],
    ['with all parts in one set', (name) => void name.children!.splice(0, Infinity, { ...name.children![0]!, children: name.children!.flatMap((part) => part.children!) })],
    ['with line ends in one value', withLineEnds],
    ['with a zero byte', (name) => void (nameValues(name)[0]!.content = Buffer.concat([nameValues(name)[0]!.content, Buffer.of(0)]))],
    ['empty', (name) => void name.children!.splice(0)],
  ];
  return Object.fromEntries(
    both.flatMap(([what, change]) => [
      [`issuer ${what}`, ({ issuer }: Signed) => change(issuer)],
      [`subject ${what}`, ({ subject }: Signed) => change(subject)],
    ]),
  );
}

/** One attribute whose value reads like the whole name where names are compared as lines of text. */
function withLineEnds(name: Signed['issuer']): void {
  const [first, ...rest] = nameValues(name).map((value) => Buffer.from(value.content).toString());
  nameValues(name)[0]!.content = Buffer.from(`${first}\n${rest.map((value, at) => `${['OU', 'O'][at]}=${value}`).join('\n')}`);
  name.children!.splice(1);
}

function fieldEdits(): Record<string, Edit> {
  const serial = (...bytes: number[]): Edit => (signed) => void (signed.serial.content = Buffer.from(bytes));
  const version = (number: number): Edit => (signed) => void (signed.version.children![0]!.content = Buffer.of(number));
  return {
    'serial 1': serial(1),
    'serial 0': serial(0),
    'serial -1': serial(0xff),
    'serial with a needless zero': serial(0, 1),
    'serial of 30 bytes': serial(...Array.from({ length: 30 }, () => 0x55)),
    'serial of no bytes': serial(),
    'version 1': version(0),
    'version 2': version(1),
    'version 4': version(3),
    'no version': ({ parts }) => void parts.shift(),
    'an issuer unique id': ({ parts }) => void parts.splice(-1, 0, leafNode(0x81, Buffer.of(0, 1))),
    'a part that does not belong there': ({ parts }) => void parts.push(leafNode(0x05, Buffer.alloc(0))),
    'no extensions': ({ parts }) => void parts.pop(),
    'extensions empty': ({ extensions }) => void extensions.splice(0),
    'extensions in reverse': ({ extensions }) => void extensions.reverse(),
    'a parameter of the algorithm': ({ algorithm }) => void algorithm.children!.push(leafNode(0x05, Buffer.alloc(0))),
    'a key cut short': ({ key }) => void (key.children![1]!.content = key.children![1]!.content.subarray(0, -1)),
    'a key off its curve': ({ key }) => void (key.children![1]!.content = Buffer.from(key.children![1]!.content).fill(7, 5, 9)),
    'a key of an unknown curve': ({ key }) => void (key.children![0]!.children![1]!.content = EXTENSION.unknown),
    'a key of an unknown kind': ({ key }) => void (key.children![0]!.children![0]!.content = EXTENSION.unknown),
    'a key with unused bits': ({ key }) => void (key.children![1]!.content = Buffer.from(key.children![1]!.content).fill(1, 0, 1)),
  };
}

function extensionEdits(position: Position): Record<string, Edit> {
  const { basicConstraints, keyUsage, extendedKeyUsage, nameConstraints, policies, unknown } = EXTENSION;
  const basic = (value: string, critical = true) => withExtension(basicConstraints, value, critical);
  const usage = (value: string, critical = true) => withExtension(keyUsage, value, critical);
  return {
    'a CA': basic('30 03 01 01 ff'),
    'a CA, not critical': basic('30 03 01 01 ff', false),
    'a CA, path length 0': basic('30 06 01 01 ff 02 01 00'),
    'a CA, path length 1': basic('30 06 01 01 ff 02 01 01'),
    'a CA, path length -1': basic('30 06 01 01 ff 02 01 ff'),
    'a CA, written as 01': basic('30 03 01 01 01'),
    'no CA': basic('30 00'),
    'no CA, written out': basic('30 03 01 01 00'),
    'no CA, path length 0': basic('30 03 02 01 00'),
    'basicConstraints garbage': basic('de ad be ef'),
    'basicConstraints of no bytes': basic(''),
    'basicConstraints with a byte behind': basic('30 03 01 01 ff 00'),
    'basicConstraints in BER': basic('30 80 01 01 ff 00 00'),
    'no basicConstraints': without(basicConstraints),
    'basicConstraints twice': withDoubled(basicConstraints),
    'keyUsage certSign, crlSign': usage('03 02 01 06'),
    'keyUsage certSign': usage('03 02 02 04'),
    'keyUsage digitalSignature': usage('03 02 07 80'),
    'keyUsage digitalSignature, certSign': usage('03 02 02 84'),
    'keyUsage digitalSignature, not critical': usage('03 02 07 80', false),
    'keyUsage keyAgreement': usage('03 02 03 08'),
    'keyUsage decipherOnly': usage('03 03 07 00 80'),
    'keyUsage without bits': usage('03 01 00'),
    'keyUsage zero': usage('03 02 07 00'),
    'keyUsage garbage': usage('de ad be ef'),
    'keyUsage with unused bits set': usage('03 02 07 ff'),
    'no keyUsage': without(keyUsage),
    'keyUsage twice': withDoubled(keyUsage),
    'extendedKeyUsage serverAuth': withAdded(extendedKeyUsage, '30 0a 06 08 2b 06 01 05 05 07 03 01', false),
    'extendedKeyUsage serverAuth, critical': withAdded(extendedKeyUsage, '30 0a 06 08 2b 06 01 05 05 07 03 01', true),
    'extendedKeyUsage empty': withAdded(extendedKeyUsage, '30 00', false),
    'nameConstraints': withAdded(nameConstraints, '30 00', false),
    'nameConstraints, critical': withAdded(nameConstraints, '30 0a a0 08 30 06 82 04 74 65 73 74', true),
    'policies': withAdded(policies, '30 06 30 04 06 02 2a 03', false),
    'policies, critical': withAdded(policies, '30 06 30 04 06 02 2a 03', true),
    'an unknown extension': withAdded(unknown, '05 00', false),
    'an unknown extension, critical': withAdded(unknown, '05 00', true),
    'an unknown extension of no bytes': withAdded(unknown, '', false),
    'no key identifier': without(EXTENSION.subjectKeyIdentifier),
    'another key identifier': withExtension(EXTENSION.subjectKeyIdentifier, '04 04 01 02 03 04', false),
    ...(position === 2
      ? {}
      : {
          'no key identifier of the issuer': without(EXTENSION.authorityKeyIdentifier),
          'another key identifier of the issuer': withExtension(EXTENSION.authorityKeyIdentifier, '30 06 80 04 01 02 03 04', false),
        }),
  };
}

function markerEdits(position: 0 | 1): Record<string, Edit> {
  const [own, other] =
    position === 0
      ? [EXTENSION.leafMarker, EXTENSION.intermediateMarker]
      : [EXTENSION.intermediateMarker, EXTENSION.leafMarker];
  return {
    'no marker': without(own),
    'marker critical': withExtension(own, '05 00', true),
    'marker of no bytes': withExtension(own, '', false),
    'marker with another value': withExtension(own, '0c 02 68 69', false),
    'marker twice': withDoubled(own),
    'both markers': withAdded(other, '05 00', false),
    "the other's marker": (signed) => {
      without(own)(signed);
      withAdded(other, '05 00', false)(signed);
    },
  };
}

function outsideChanges(): Record<string, Partial<Reissue>> {
  return {
    'another algorithm outside': {
      editOutside: ({ children }) => void (children![1]!.children![0]!.content = Buffer.from('2a8648ce3d040302', 'hex')),
    },
    'a parameter of the algorithm outside': {
      editOutside: ({ children }) => void children![1]!.children!.push(leafNode(0x05, Buffer.alloc(0))),
    },
    'a fourth part': { editOutside: ({ children }) => void children!.push(leafNode(0x05, Buffer.alloc(0))) },
    'no signature': { editOutside: ({ children }) => void children!.pop() },
    'signature with unused bits': {
      editOutside: ({ children }) => void (children![2]!.content = Buffer.concat([Buffer.of(1), children![2]!.content.subarray(1)])),
    },
    'signature with a byte behind': {
      editOutside: ({ children }) => void (children![2]!.content = Buffer.concat([children![2]!.content, Buffer.of(0)])),
    },
    'signature in BER': {
      editOutside: ({ children }) => {
        const [unused, tag, ...rest] = children![2]!.content;
        children![2]!.content = Buffer.from([unused!, tag!, 0x81, ...rest]);
      },
    },
    'signature empty': { editOutside: ({ children }) => void (children![2]!.content = Buffer.of(0)) },
  };
}
