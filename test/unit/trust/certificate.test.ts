import { beforeAll, describe, expect, it } from 'vitest';
import { CertificateError, parseCertificate } from '../../../src/trust/certificate.js';
import { appleRoot } from '../../../src/trust/roots.js';
import {
  caExtensions,
  leafExtensions,
  type Made,
  makeCertificate,
  ocspSignerExtensions,
  TEST_NOW_MS,
  x509,
} from '../../support/certificates.js';
import { type DerNode, readTree, writeTree } from '../../support/der-tree.js';

let root: Made;
let leaf: Made;

beforeAll(async () => {
  root = await makeCertificate({
    subject: 'C=US, O=Test Inc., CN=Test Root',
    keyKind: 'P-384',
    extensions: caExtensions(1),
  });
  leaf = await makeCertificate({
    subject: 'C=US, O=Test Inc., OU=Signing, CN=Test Leaf',
    issuer: root,
    hash: 'SHA-384',
    serial: '00F0',
    extensions: [
      ...leafExtensions('http://ocsp.example.com/a'),
      new x509.Extension('1.2.840.113635.100.6.11.1', false, Buffer.from('0500', 'hex')),
    ],
  });
});

describe('parseCertificate', () => {
  it('parses the fields of a certificate', () => {
    const {
      der,
      x509: node,
      publicKey,
      publicKeyBits,
      subjectDer,
      issuerDer,
      sha256,
      extensions,
      ...rest
    } = leaf.certificate;
    expect(rest).toEqual({
      subject: 'CN=Test Leaf, OU=Signing, O=Test Inc., C=US',
      issuer: 'CN=Test Root, O=Test Inc., C=US',
      serial: 'F0',
      notBeforeMs: TEST_NOW_MS - 365 * 86_400_000,
      notAfterMs: TEST_NOW_MS + 365 * 86_400_000,
      keyType: 'P-256',
      signatureAlgorithm: '1.2.840.10045.4.3.3',
      isCa: false,
      pathLength: null,
      keyUsage: new Set(['digitalSignature']),
      extendedKeyUsage: null,
      ocspUrl: 'http://ocsp.example.com/a',
    });
    expect(sha256).toBe(node.fingerprint256.replaceAll(':', ''));
    expect(issuerDer.equals(root.certificate.subjectDer)).toBe(true);
    expect(subjectDer.equals(issuerDer)).toBe(false);
    expect(publicKeyBits).toHaveLength(65);
    expect(node.verify(root.certificate.publicKey)).toBe(true);
    expect(publicKey.asymmetricKeyType).toBe('ec');
    expect(der).toEqual(new Uint8Array(node.raw));
    expect([...extensions].map(([oid, { critical }]) => [oid, critical])).toEqual([
      ['2.5.29.19', true],
      ['2.5.29.15', true],
      ['1.3.6.1.5.5.7.1.1', false],
      ['1.2.840.113635.100.6.11.1', false],
    ]);
  });

  it('reads a certificate authority', () => {
    expect(root.certificate).toMatchObject({ isCa: true, pathLength: 1, keyType: 'P-384', ocspUrl: null });
    expect(root.certificate.keyUsage).toEqual(new Set(['keyCertSign', 'cRLSign']));
  });

  it("reads Apple's root, whose name is encoded most specific part first", () => {
    expect(appleRoot().certificate).toMatchObject({
      subject: 'CN=Apple Root CA - G3, OU=Apple Certification Authority, O=Apple Inc., C=US',
      serial: '2DC5FC88D2C54B95',
      notBeforeMs: Date.UTC(2014, 3, 30, 18, 19, 6),
      notAfterMs: Date.UTC(2039, 3, 30, 18, 19, 6),
      keyType: 'P-384',
      isCa: true,
      pathLength: null,
    });
  });

  it('reads an RSA key and extended key usages', async () => {
    const made = await makeCertificate({ subject: 'CN=R', keyKind: 'RSA', extensions: ocspSignerExtensions() });
    expect(made.certificate).toMatchObject({ keyType: 'RSA 2048', keyUsage: null });
    expect(made.certificate.extendedKeyUsage).toEqual(new Set(['1.3.6.1.5.5.7.3.9']));
  });

  it('gives defaults for missing extensions', async () => {
    const { certificate } = await makeCertificate({ subject: 'CN=Plain' });
    expect(certificate).toMatchObject({ isCa: false, pathLength: null, keyUsage: null, ocspUrl: null });
    expect(certificate.extensions.size).toBe(0);
  });

  it('escapes separators inside values, and keeps control characters', async () => {
    const { certificate } = await makeCertificate({ subject: 'CN=a\\, O\\=Apple \\+ b\u001b[31m' });
    expect(certificate.subject).toBe('CN=a\\, O=Apple \\+ b\u001b[31m');
  });
});

/** Where things stand in a certificate: the parts of the signed part by position. */
const parts = (tree: DerNode): DerNode[] => tree.children![0]!.children!;
const extensions = (tree: DerNode): DerNode[] => parts(tree)[7]!.children![0]!.children!;
const extensionAt = (tree: DerNode, at: number): DerNode[] => extensions(tree)[at]!.children!;
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const node = (text: string): DerNode => readTree(hex(text));
const [BASIC, USAGE, ACCESS] = [0, 1, 2];

/** Each row is the leaf with one thing changed. */
const DEFECTS: readonly [string, (tree: DerNode) => void, string][] = [
  ['no signature', (tree) => tree.children!.pop(), 'the signature is missing'],
  ['a fourth part', (tree) => tree.children!.push(node('0500')), 'the certificate has extra parts'],
  [
    'another outer algorithm',
    (tree) => (tree.children![1]!.children![0]!.content = hex('2a8648ce3d040302')),
    'differs inside and outside',
  ],
  ['a parameter outside only', (tree) => tree.children![1]!.children!.push(node('0500')), 'differs inside and outside'],
  ['version 4', (tree) => (parts(tree)[0]!.children![0]!.content = hex('03')), 'version 4 is unknown'],
  [
    'version 1 written out',
    (tree) => (parts(tree)[0]!.children![0]!.content = hex('00')),
    'version 1 is unknown or must not be encoded',
  ],
  [
    'extensions in version 2',
    (tree) => (parts(tree)[0]!.children![0]!.content = hex('01')),
    'the signed part has extra parts',
  ],
  ['no version', (tree) => parts(tree).shift(), 'the signed part has extra parts'],
  ['a negative serial', (tree) => (parts(tree)[1]!.content = hex('f0')), 'the serial number is negative'],
  [
    'a serial with a zero too many',
    (tree) => (parts(tree)[1]!.content = hex('0001')),
    'the serial number is an integer that is not minimal',
  ],
  ['no serial', (tree) => parts(tree).splice(1, 1), 'the serial number has the wrong type'],
  [
    'three times in the validity',
    (tree) => parts(tree)[4]!.children!.push(node('170d3235303130313030303030305a')),
    'more than two times',
  ],
  [
    'a date that does not exist',
    (tree) => (parts(tree)[4]!.children![1]!.content = Buffer.from('270230000000Z')),
    'notAfter is not an existing date',
  ],
  ['a name that is a set', (tree) => (parts(tree)[5]!.tag = 0x31), 'the subject has the wrong type'],
  [
    'an empty part of the name',
    (tree) => (parts(tree)[5]!.children![0]!.children = []),
    'a part of the subject is empty',
  ],
  [
    'text that is not UTF-8',
    (tree) =>
      Object.assign(parts(tree)[5]!.children![0]!.children![0]!.children![1]!, { tag: 0x0c, content: hex('ff') }),
    'the subject is not valid UTF-8',
  ],
  [
    'half a BMP character',
    (tree) =>
      Object.assign(parts(tree)[5]!.children![0]!.children![0]!.children![1]!, { tag: 0x1e, content: hex('004100') }),
    'contains half a character',
  ],
  [
    'a key that is no point of its curve',
    (tree) => (parts(tree)[6]!.children![1]!.content[5]! ^= 1),
    'node:crypto does not support its public key',
  ],
  ['a key without a curve', (tree) => parts(tree)[6]!.children![0]!.children!.pop(), 'the curve of the key is missing'],
  ['an extension twice', (tree) => extensions(tree).push(extensions(tree)[0]!), 'extension 2.5.29.19 is duplicated'],
  [
    'an extension without a value',
    (tree) => extensionAt(tree, BASIC).pop(),
    'the value of extension 2.5.29.19 is missing',
  ],
  [
    'an extension with a part too many',
    (tree) => extensionAt(tree, BASIC).push(node('0500')),
    'extension 2.5.29.19 has extra parts',
  ],
  [
    'critical that is neither',
    (tree) => (extensionAt(tree, BASIC)[1]!.content = hex('01')),
    'critical of extension 2.5.29.19 is not a boolean',
  ],
  [
    'a path length without being a CA',
    (tree) => (extensionAt(tree, BASIC)[2]!.content = hex('3003020100')),
    'a path length without being a CA',
  ],
  [
    'a negative path length',
    (tree) => (extensionAt(tree, BASIC)[2]!.content = hex('30060101ff0201ff')),
    'the path length of basicConstraints is out of range',
  ],
  [
    'basicConstraints with something behind',
    (tree) => (extensionAt(tree, BASIC)[2]!.content = hex('300000')),
    'trailing bytes after the value: 1',
  ],
  [
    'basicConstraints with a part too many',
    (tree) => (extensionAt(tree, BASIC)[2]!.content = hex('30080101ff0201000500')),
    'basicConstraints has extra parts',
  ],
  [
    'keyUsage that is not a bit string',
    (tree) => (extensionAt(tree, USAGE)[2]!.content = hex('0500')),
    'keyUsage has the wrong type',
  ],
  [
    'an OCSP address that is not ASCII',
    (tree) => (extensionAt(tree, ACCESS)[1]!.content = hex('3010300e06082b060105050730018602ffff')),
    'is not ASCII',
  ],
  [
    'an OCSP entry without an address',
    (tree) => (extensionAt(tree, ACCESS)[1]!.content = hex('300c300a06082b06010505073001')),
    'does not have exactly one location',
  ],
];

describe('a certificate with one defect', () => {
  it.each(DEFECTS)('%s', (_what, change, message) => {
    const tree = readTree(Uint8Array.from(leaf.certificate.der));
    change(tree);
    expect(() => parseCertificate(writeTree(tree))).toThrow(CertificateError);
    expect(() => parseCertificate(writeTree(tree))).toThrow(message);
  });

  it.each([
    ['nothing', () => new Uint8Array(), 'the value is empty'],
    ['text', () => Buffer.from('not a certificate'), 'a value is truncated'],
    ['PEM', () => Buffer.from(leaf.certificate.x509.toString()), 'tag 0x2d is not used in DER'],
    [
      'two certificates',
      () => Buffer.concat([leaf.certificate.der, root.certificate.der]),
      'trailing bytes after the value',
    ],
    ['a certificate cut short', () => leaf.certificate.der.subarray(0, -1), 'is truncated'],
    ['more than 64 KiB', () => new Uint8Array(65_537), 'it has more than 65536 bytes'],
  ])('%s', (_what, make, message) => {
    expect(() => parseCertificate(make())).toThrow(CertificateError);
    expect(() => parseCertificate(make())).toThrow(message);
  });
});

describe('a certificate that is unusual but sound', () => {
  it.each([
    [
      'critical FALSE written out',
      (tree: DerNode) => extensionAt(tree, USAGE)[1]!,
      '00',
      (c: typeof leaf.certificate) => c.extensions.get('2.5.29.15')?.critical,
      false,
    ],
    [
      'several key usages',
      (tree: DerNode) => extensionAt(tree, USAGE)[2]!,
      '03020186',
      (c: typeof leaf.certificate) => [...(c.keyUsage ?? [])],
      ['digitalSignature', 'keyCertSign', 'cRLSign'],
    ],
    [
      'the ninth key usage',
      (tree: DerNode) => extensionAt(tree, USAGE)[2]!,
      '0303070080',
      (c: typeof leaf.certificate) => [...(c.keyUsage ?? [])],
      ['decipherOnly'],
    ],
    [
      'a second OCSP address',
      (tree: DerNode) => extensionAt(tree, ACCESS)[1]!,
      '3020 300e 06082b06010505073001 8602 6161 300e 06082b06010505073001 8602 6262',
      (c: typeof leaf.certificate) => c.ocspUrl,
      'aa',
    ],
    [
      'an OCSP address behind another method',
      (tree: DerNode) => extensionAt(tree, ACCESS)[1]!,
      '3020 300e 06082b06010505073002 8602 6161 300e 06082b06010505073001 8602 6262',
      (c: typeof leaf.certificate) => c.ocspUrl,
      'bb',
    ],
  ])('%s', (_what, place, content, read, expected) => {
    const tree = readTree(Uint8Array.from(leaf.certificate.der));
    place(tree).content = hex(content);
    expect(read(parseCertificate(writeTree(tree)))).toEqual(expected);
  });
});
