import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import {
  describeName,
  type Extensions,
  type KeyUsage,
  type KnownExtensions,
  readExtensions,
  readKnownExtensions,
} from './certificate-fields.js';
import {
  DerError,
  type DerValue,
  expectTag,
  parseDer,
  readBitString,
  readInteger,
  readOid,
  readSmallInteger,
  readTime,
  TAG,
  toHex,
} from './der.js';

export type { Extension, Extensions, KeyUsage } from './certificate-fields.js';

/** Thrown for bytes that are not exactly one supported certificate; the message follows "cannot be read: ". */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/** An X.509 certificate. All byte arrays are views of `der` and must not be changed. */
export interface Certificate extends KnownExtensions {
  readonly der: Uint8Array;
  readonly x509: X509Certificate;
  /** `CN=…, OU=…, O=…, C=…`, most specific first. May hold control characters: escape it before showing it. */
  readonly subject: string;
  readonly issuer: string;
  /** The encoded Name, for exact comparison. */
  readonly subjectDer: Buffer;
  readonly issuerDer: Buffer;
  /** Upper-case hex, whole bytes, without the sign byte. */
  readonly serial: string;
  /** Upper-case hex of the SHA-256 of `der`. */
  readonly sha256: string;
  readonly notBeforeMs: number;
  /** Last second in which the certificate is valid. */
  readonly notAfterMs: number;
  readonly publicKey: KeyObject;
  /** Content of subjectPublicKey, the input of the OCSP key hash. */
  readonly publicKeyBits: Uint8Array;
  /** `P-256`, `P-384`, `P-521`, `RSA 2048`, `Ed25519`; the object identifier for anything else. */
  readonly keyType: string;
  /** Object identifier, the same inside and outside the signed part. */
  readonly signatureAlgorithm: string;
  readonly keyUsage: ReadonlySet<KeyUsage> | null;
  readonly extensions: Extensions;
}

/** Apple's certificates have 600 to 1,200 bytes; the limit bounds the work for untrusted input. */
const MAX_BYTES = 65_536;

/**
 * Parses exactly one DER certificate. Verifies nothing: no signature, no date, no name.
 * Throws {@link CertificateError} on anything else: BER, trailing bytes, PEM, a duplicate extension, an invalid time,
 * signature algorithms that differ inside and outside, a negative serial, a key or certificate that node:crypto rejects.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_BYTES) throw new CertificateError(`it has more than ${MAX_BYTES} bytes`);
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof DerError) throw new CertificateError(error.message, { cause: error });
    throw error;
  }
}

function readCertificate(der: Uint8Array): Certificate {
  const [tbs, algorithm, signature, ...rest] = expectTag(parseDer(der), TAG.sequence, 'the certificate').children;
  expectTag(algorithm, TAG.sequence, 'the signature algorithm');
  readBitString(signature, 'the signature');
  if (rest.length > 0) throw new DerError('the certificate has extra parts');
  const body = readBody(expectTag(tbs, TAG.sequence, 'the signed part'));
  if (Buffer.compare(body.algorithm.bytes, algorithm!.bytes) !== 0) {
    throw new DerError('the signature algorithm differs inside and outside the signed part');
  }
  return withNodeCertificate(der, body.fields);
}

type Fields = Omit<Certificate, 'der' | 'x509' | 'sha256' | 'publicKey'>;

/** Adds the objects of node:crypto. Creates the key immediately, so that a parsed certificate cannot fail later. */
function withNodeCertificate(der: Uint8Array, fields: Fields): Certificate {
  const x509 = openWithNode(der);
  const sha256 = createHash('sha256').update(der).digest('hex').toUpperCase();
  return { ...fields, der, x509, sha256, publicKey: openKey(x509) };
}

function openWithNode(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new CertificateError('node:crypto cannot read it', { cause });
  }
}

function openKey(x509: X509Certificate): KeyObject {
  try {
    return x509.publicKey;
  } catch (cause) {
    throw new CertificateError('node:crypto does not support its public key', { cause });
  }
}

/** TBSCertificate, RFC 5280 4.1.2. */
function readBody(tbs: DerValue): { algorithm: DerValue; fields: Fields } {
  const parts = [...tbs.children];
  const version = readVersion(parts);
  const serial = readSerial(parts.shift());
  const algorithm = expectTag(parts.shift(), TAG.sequence, 'the inner signature algorithm');
  const issuer = expectTag(parts.shift(), TAG.sequence, 'the issuer');
  const validity = readValidity(parts.shift());
  const subject = expectTag(parts.shift(), TAG.sequence, 'the subject');
  const key = readKey(parts.shift());
  const extensions = readTail(parts, version);
  const fields: Fields = {
    subject: describeName(subject, 'the subject'),
    issuer: describeName(issuer, 'the issuer'),
    subjectDer: asBuffer(subject.bytes),
    issuerDer: asBuffer(issuer.bytes),
    serial,
    ...validity,
    ...key,
    signatureAlgorithm: readAlgorithm(algorithm, 'the inner signature algorithm'),
    ...readKnownExtensions(extensions),
    extensions,
  };
  return { algorithm, fields };
}

const TAG_VERSION = 0xa0;

const TAG_EXTENSIONS = 0xa3;

/** Removes the version from the front: 1, 2 or 3. Version 1 is the default and must not be encoded. */
function readVersion(parts: DerValue[]): number {
  if (parts[0]?.tag !== TAG_VERSION) return 1;
  const number = readSmallInteger(onlyChild(parts.shift()!, 'the version'), 'the version');
  if (number !== 1 && number !== 2) throw new DerError(`version ${number + 1} is unknown or must not be encoded`);
  return number + 1;
}

function readSerial(value: DerValue | undefined): string {
  const bytes = readInteger(value, 'the serial number');
  if (bytes[0]! >= 0x80) throw new DerError('the serial number is negative');
  return toHex(bytes[0] === 0 && bytes.length > 1 ? bytes.subarray(1) : bytes);
}

function readValidity(value: DerValue | undefined): Pick<Fields, 'notBeforeMs' | 'notAfterMs'> {
  const [from, to, ...rest] = expectTag(value, TAG.sequence, 'the validity').children;
  if (rest.length > 0) throw new DerError('the validity has more than two times');
  return { notBeforeMs: readTime(from, 'notBefore'), notAfterMs: readTime(to, 'notAfter') };
}

/** The fields after the key: the extensions of version 3. Unique identifiers, which CAs must not use (RFC 5280 4.1.2.8), are rejected. */
function readTail(parts: DerValue[], version: number): Extensions {
  const list = version === 3 && parts[0]?.tag === TAG_EXTENSIONS ? parts.shift() : undefined;
  if (parts.length > 0) throw new DerError('the signed part has extra parts');
  return list === undefined ? new Map() : readExtensions(onlyChild(list, 'the field of extensions'));
}

function readAlgorithm(value: DerValue, what: string): string {
  if (value.children.length > 2) throw new DerError(`${what} has extra parts`);
  return readOid(value.children[0], what);
}

/** RFC 3279 2.3.1: the parameter of an RSA key must be present and NULL. */
const TAG_NULL = 0x05;

const OID_EC = '1.2.840.10045.2.1';

const OID_RSA = '1.2.840.113549.1.1.1';

const KEY_NAMES: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
  '1.3.101.112': 'Ed25519',
};

function readKey(value: DerValue | undefined): Pick<Fields, 'keyType' | 'publicKeyBits'> {
  const [algorithm, bits, ...rest] = expectTag(value, TAG.sequence, 'the public key').children;
  if (rest.length > 0) throw new DerError('the public key has extra parts');
  const oid = readAlgorithm(expectTag(algorithm, TAG.sequence, 'the key algorithm'), 'the key algorithm');
  const publicKeyBits = readBitString(bits, 'the public key').bits;
  if (oid === OID_RSA) {
    expectTag(algorithm!.children[1], TAG_NULL, 'the parameter of the RSA key');
    return { keyType: `RSA ${rsaBits(publicKeyBits)}`, publicKeyBits };
  }
  const name = oid === OID_EC ? readOid(algorithm!.children[1], 'the curve of the key') : oid;
  return { keyType: KEY_NAMES[name] ?? name, publicKeyBits };
}

function rsaBits(publicKeyBits: Uint8Array): number {
  const key = expectTag(parseDer(publicKeyBits), TAG.sequence, 'the RSA key');
  const modulus = readInteger(key.children[0], 'the modulus of the RSA key');
  const digits = modulus[0] === 0 ? modulus.subarray(1) : modulus;
  return digits.length === 0 ? 0 : digits.length * 8 - (Math.clz32(digits[0]!) - 24);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function onlyChild(value: DerValue, what: string): DerValue {
  const [child, ...rest] = value.children;
  if (child === undefined || rest.length > 0) throw new DerError(`${what} does not contain exactly one value`);
  return child;
}
