import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { Extension } from 'pkijs';

const NAME_OIDS = { CN: '2.5.4.3', OU: '2.5.4.11', O: '2.5.4.10', C: '2.5.4.6' } as const;

const NAME_PARTS = ['CN', 'OU', 'O', 'C'] as const;

const SIGNATURE_OIDS = { sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3' } as const;

const SERIAL_BYTES = 16;

/**
 * Builds an X.509 version 3 certificate signed with ECDSA. The serial number is derived from the fields, so that only
 * the signature is random.
 *
 * Built with pkijs: @peculiar/x509 needs a global Reflect polyfill, and an application that imports `storewire/testing`
 * may have another one. OCSP needs pkijs in any case.
 */
export async function makeCertificate(fields: CertificateFields): Promise<X509Certificate> {
  const [asn1, pki] = await Promise.all([import('asn1js'), import('../../trust/pki.js')]);
  const algorithm = new pki.AlgorithmIdentifier({ algorithmId: SIGNATURE_OIDS[fields.hash] });
  const certificate = new pki.Certificate({
    version: 2,
    serialNumber: new asn1.Integer({ valueHex: serialOf(fields) }),
    signature: algorithm,
    signatureAlgorithm: algorithm,
    issuer: await encodeName(fields.issuer),
    subject: await encodeName(fields.subject),
    notBefore: await encodeTime(fields.notBeforeMs),
    notAfter: await encodeTime(fields.notAfterMs),
    subjectPublicKeyInfo: pki.PublicKeyInfo.fromBER(spkiOf(fields.publicKey)),
    extensions: await encodeExtensions(fields.extensions, fields.publicKey),
  });
  certificate.tbsView = new Uint8Array(certificate.encodeTBS().toBER());
  const signature = sign(fields.hash, certificate.tbsView, fields.signingKey);
  certificate.signatureValue = new asn1.BitString({ valueHex: bufferOf(signature) });
  return new X509Certificate(Buffer.from(certificate.toSchema().toBER()));
}

/** Parses a name as node prints it: one `CN=…` per line, in the order of the encoding. Other parts are dropped. */
export function parseCertificateName(text: string): CertificateName {
  const parts = text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  const known = parts.filter(([part]) => NAME_PARTS.some((name) => name === part));
  return { CN: '', ...Object.fromEntries(known) };
}

/** Positive and without a leading zero, as RFC 5280 section 4.1.2.2 requires. */
function serialOf(fields: CertificateFields): ArrayBuffer {
  const { subject, issuer, notBeforeMs, notAfterMs, extensions } = fields;
  const identity = { subject, issuer, notBeforeMs, notAfterMs, marker: extensions.marker, ocspUrl: extensions.ocspUrl };
  const digest = createHash('sha256').update(JSON.stringify(identity)).update(spkiOf(fields.publicKey)).digest();
  const serial = digest.subarray(0, SERIAL_BYTES);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  return bufferOf(serial);
}

/** One RDN for each part, as is usual; pkijs by itself puts all parts into one. */
async function encodeName(name: CertificateName) {
  const [asn1, { RelativeDistinguishedNames }] = await Promise.all([import('asn1js'), import('../../trust/pki.js')]);
  const sequenceOf = (part: keyof CertificateName, value: string) => {
    const text = part === 'C' ? new asn1.PrintableString({ value }) : new asn1.Utf8String({ value });
    return new asn1.Sequence({ value: [new asn1.ObjectIdentifier({ value: NAME_OIDS[part] }), text] });
  };
  const parts = NAME_PARTS.flatMap((part) => {
    const value = name[part];
    return value === undefined ? [] : [new asn1.Set({ value: [sequenceOf(part, value)] })];
  });
  return RelativeDistinguishedNames.fromBER(new asn1.Sequence({ value: parts }).toBER());
}

/** RFC 5280 section 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050. */
async function encodeTime(atMs: number) {
  const { Time, TimeType } = await import('../../trust/pki.js');
  const value = new Date(Math.floor(atMs / 1000) * 1000);
  return new Time({ type: value.getUTCFullYear() < 2050 ? TimeType.UTCTime : TimeType.GeneralizedTime, value });
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** Distinguished name in Apple's order: CN, OU, O, C. ASCII only. */
export interface CertificateName {
  readonly CN: string;
  readonly OU?: string;
  readonly O?: string;
  readonly C?: string;
}

/** Fields of one certificate. Times are in milliseconds, truncated to whole seconds for X.509. */
interface CertificateFields {
  readonly subject: CertificateName;
  readonly issuer: CertificateName;
  readonly publicKey: KeyObject;
  /** Private key of the issuer; the certificate's own key if it is self-signed. */
  readonly signingKey: KeyObject;
  readonly hash: 'sha256' | 'sha384';
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: ExtensionFields;
}

/** Extensions of one certificate. */
interface ExtensionFields {
  readonly isCa: boolean;
  /** basicConstraints pathLenConstraint: maximum number of CA certificates below this one. */
  readonly pathLength?: number;
  readonly keyUsage: 'certSign' | 'digitalSignature';
  /** Public key of the issuer; absent for a root. */
  readonly issuerKey?: KeyObject;
  /** OID of Apple's marker extension: not critical, value NULL, as in Apple's certificates. */
  readonly marker?: string;
  /** URL of the OCSP responder, for authorityInfoAccess. */
  readonly ocspUrl?: string;
  /** May sign OCSP responses for its issuer; exempt from revocation checks itself (RFC 6960 section 4.2.2.2). */
  readonly ocspSigner?: true;
}

const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocsp: '1.3.6.1.5.5.7.48.1',
  extendedKeyUsage: '2.5.29.37',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const;

/** BIT STRING of RFC 5280 section 4.2.1.3: number of unused bits, then the bits. */
const KEY_USAGE_BITS = { certSign: [1, 0x06], digitalSignature: [7, 0x80] } as const;

const URI_GENERAL_NAME = 6;

interface Encodable {
  toBER(): ArrayBuffer;
}

type Libraries = readonly [asn1: typeof import('asn1js'), pki: typeof import('../../trust/pki.js')];

/** Encodes the extensions for pkijs. The same ones are critical as in Apple's certificates. */
async function encodeExtensions(fields: ExtensionFields, subjectKey: KeyObject): Promise<Extension[]> {
  const libraries = await Promise.all([import('asn1js'), import('../../trust/pki.js')]);
  const [asn1, pki] = libraries;
  const make = (extnID: string, critical: boolean, value: Encodable) =>
    new pki.Extension({ extnID, critical, extnValue: value.toBER() });
  const optional = <T>(value: T | undefined, encode: (value: T) => Extension) =>
    value === undefined ? [] : [encode(value)];
  return [
    make(OID.basicConstraints, true, basicConstraints(libraries, fields)),
    ...optional(fields.issuerKey, (key) =>
      make(OID.authorityKeyIdentifier, false, authorityKeyIdentifier(libraries, key)),
    ),
    ...optional(fields.ocspUrl, (url) => make(OID.authorityInfoAccess, false, ocspAccess(libraries, url))),
    make(OID.subjectKeyIdentifier, false, keyIdentifier(libraries, subjectKey)),
    make(OID.keyUsage, true, keyUsage(libraries, fields.keyUsage)),
    ...optional(fields.marker, (oid) => make(oid, false, new asn1.Null())),
    ...optional(fields.ocspSigner, () => make(OID.extendedKeyUsage, false, ocspSigning(libraries))),
    ...optional(fields.ocspSigner, () => make(OID.ocspNoCheck, false, new asn1.Null())),
  ];
}

function basicConstraints([, pki]: Libraries, fields: ExtensionFields): Encodable {
  const limit = fields.pathLength === undefined ? {} : { pathLenConstraint: fields.pathLength };
  return new pki.BasicConstraints({ cA: fields.isCa, ...limit }).toSchema();
}

function authorityKeyIdentifier(libraries: Libraries, issuerKey: KeyObject): Encodable {
  const [, pki] = libraries;
  return new pki.AuthorityKeyIdentifier({ keyIdentifier: keyIdentifier(libraries, issuerKey) }).toSchema();
}

function ocspAccess([, pki]: Libraries, url: string): Encodable {
  const accessLocation = new pki.GeneralName({ type: URI_GENERAL_NAME, value: url });
  const description = new pki.AccessDescription({ accessMethod: OID.ocsp, accessLocation });
  return new pki.InfoAccess({ accessDescriptions: [description] }).toSchema();
}

/** RFC 5280 section 4.2.1.2, method 1: SHA-1 of the key's bits. */
function keyIdentifier([asn1, pki]: Libraries, key: KeyObject) {
  const info = pki.PublicKeyInfo.fromBER(key.export({ type: 'spki', format: 'der' }));
  const digest = createHash('sha1').update(info.subjectPublicKey.valueBlock.valueHexView).digest();
  return new asn1.OctetString({ valueHex: new Uint8Array(digest).buffer });
}

function keyUsage([asn1]: Libraries, usage: ExtensionFields['keyUsage']): Encodable {
  const [unusedBits, bits] = KEY_USAGE_BITS[usage];
  return new asn1.BitString({ unusedBits, valueHex: new Uint8Array([bits]).buffer });
}

function ocspSigning([, pki]: Libraries): Encodable {
  return new pki.ExtKeyUsage({ keyPurposes: [OID.ocspSigning] }).toSchema();
}
