import { type KeyObject, sign } from 'node:crypto';
import { type DerNode, readTree, writeTree } from '../der-tree.js';

/** The parts of a version 3 certificate that are signed, each to be changed in place. `extensions` is the list itself. */
export interface Signed {
  readonly parts: DerNode[];
  readonly version: DerNode;
  readonly serial: DerNode;
  readonly algorithm: DerNode;
  readonly issuer: DerNode;
  readonly notBefore: DerNode;
  readonly notAfter: DerNode;
  readonly validity: DerNode;
  readonly subject: DerNode;
  readonly key: DerNode;
  readonly extensions: DerNode[];
}

export type Edit = (signed: Signed) => void;
type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** How a certificate is made again: who signs, with which hash, and which hash it says it was. */
export interface Reissue {
  readonly signingKey: KeyObject;
  readonly hash?: Hash;
  readonly claimedHash?: Hash;
  readonly edit?: Edit;
  /** Changes the signed bytes as they are, after `edit`. */
  readonly editBytes?: (bytes: Uint8Array) => void;
  /** Changes the finished certificate: signed part, algorithm, signature. */
  readonly editOutside?: (certificate: DerNode) => void;
}

/** The certificate once more with one thing changed and a signature that fits; everything else byte for byte as it was. */
export function reissue(der: Uint8Array, options: Reissue): Buffer {
  const { signingKey, hash = 'sha384', claimedHash = hash, edit, editBytes, editOutside } = options;
  const certificate = readTree(der);
  const [tbs, algorithm, signature] = certificate.children as [DerNode, DerNode, DerNode];
  const signed = signedParts(tbs);
  for (const place of [signed.algorithm, algorithm]) place.children![0]!.content = SIGNATURE_OIDS[claimedHash];
  edit?.(signed);
  const bytes = Buffer.from(writeTree(tbs));
  editBytes?.(bytes);
  Object.assign(tbs, opaque(bytes));
  const made =
    signingKey.asymmetricKeyType === 'ed25519' ? sign(null, bytes, signingKey) : sign(hash, bytes, signingKey);
  signature.content = Buffer.concat([Buffer.of(0), made]);
  editOutside?.(certificate);
  return Buffer.from(writeTree(certificate));
}

/** Bytes that stand as they are, sound DER or not: the tag and the rest, with no length written between them. */
function opaque(bytes: Buffer): DerNode {
  const { length, contentStart } = lengthAt(bytes, 1);
  const content = bytes.subarray(contentStart);
  if (content.length !== length) throw new Error('the signed part must keep its length');
  return { tag: bytes[0]!, content, children: null };
}

function lengthAt(bytes: Uint8Array, at: number): { length: number; contentStart: number } {
  const first = bytes[at]!;
  const count = first < 0x80 ? 0 : first & 0x7f;
  const length = count === 0 ? first : Buffer.from(bytes).readUIntBE(at + 1, count);
  return { length, contentStart: at + 1 + count };
}

function signedParts(tbs: DerNode): Signed {
  const parts = tbs.children!;
  const [version, serial, algorithm, issuer, validity, subject, key, wrapper] = parts as [
    DerNode,
    DerNode,
    DerNode,
    DerNode,
    DerNode,
    DerNode,
    DerNode,
    DerNode,
  ];
  const [notBefore, notAfter] = validity.children as [DerNode, DerNode];
  const extensions = wrapper.children![0]!.children!;
  return { parts, version, serial, algorithm, issuer, notBefore, notAfter, validity, subject, key, extensions };
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const SIGNATURE_OIDS: Readonly<Record<Hash, Buffer>> = {
  sha1: hex('2a 86 48 ce 3d 04 01'),
  sha256: hex('2a 86 48 ce 3d 04 03 02'),
  sha384: hex('2a 86 48 ce 3d 04 03 03'),
  sha512: hex('2a 86 48 ce 3d 04 03 04'),
};

/** Object identifiers of extensions, as encoded. */
export const EXTENSION = {
  subjectKeyIdentifier: hex('55 1d 0e'),
  keyUsage: hex('55 1d 0f'),
  basicConstraints: hex('55 1d 13'),
  nameConstraints: hex('55 1d 1e'),
  policies: hex('55 1d 20'),
  authorityKeyIdentifier: hex('55 1d 23'),
  extendedKeyUsage: hex('55 1d 25'),
  intermediateMarker: hex('2a 86 48 86 f7 63 64 06 02 01'),
  leafMarker: hex('2a 86 48 86 f7 63 64 06 0b 01'),
  /** 1.3.6.1.4.1.99999.1, which nobody has. */
  unknown: hex('2b 06 01 04 01 86 8d 1f 01'),
} as const;

const TAG = { boolean: 0x01, octetString: 0x04, oid: 0x06, sequence: 0x30 } as const;

export function setContent(node: DerNode, content: Uint8Array): void {
  node.content = content;
}

/** A value whose content stands as it is. */
export function leafNode(tag: number, content: Uint8Array): DerNode {
  return { tag, content, children: null };
}

export function extensionNode(oid: Buffer, value: Uint8Array, critical = false): DerNode {
  const flag = critical ? [leafNode(TAG.boolean, Buffer.of(0xff))] : [];
  const children = [leafNode(TAG.oid, oid), ...flag, leafNode(TAG.octetString, value)];
  return { tag: TAG.sequence, content: Buffer.alloc(0), children };
}

function indexOf({ extensions }: Signed, oid: Buffer): number {
  const at = extensions.findIndex((extension) => oid.equals(extension.children![0]!.content));
  if (at === -1) throw new Error('the certificate has no such extension');
  return at;
}

export const without =
  (oid: Buffer): Edit =>
  (signed) =>
    void signed.extensions.splice(indexOf(signed, oid), 1);

/** Another value, critical or not, in the same place. */
export const withExtension =
  (oid: Buffer, value: string, critical: boolean): Edit =>
  (signed) =>
    void signed.extensions.splice(indexOf(signed, oid), 1, extensionNode(oid, hex(value), critical));

export const withAdded =
  (oid: Buffer, value: string, critical: boolean): Edit =>
  ({ extensions }) =>
    void extensions.push(extensionNode(oid, hex(value), critical));

export const withDoubled =
  (oid: Buffer): Edit =>
  (signed) =>
    void signed.extensions.push(structuredClone(signed.extensions[indexOf(signed, oid)]!));

/** `text` as it stands, in UTCTime unless it has the four digits of GeneralizedTime's year. */
export function setTime(node: DerNode, text: string): void {
  node.tag = /^\d{14}/.test(text) ? 0x18 : 0x17;
  node.content = Buffer.from(text);
}

/** `YYMMDDHHMMSSZ` */
export function utcTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`;
}

export function setKey({ key }: Signed, publicKey: KeyObject): void {
  Object.assign(key, readTree(publicKey.export({ type: 'spki', format: 'der' })));
}

/** Every value of a Name, in order, as nodes to change. */
export function nameValues(name: DerNode): DerNode[] {
  return name.children!.map((part) => part.children![0]!.children![1]!);
}
