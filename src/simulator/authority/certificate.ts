import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { Extension } from 'pkijs';

const NAME_OIDS = { CN: '2.5.4.3', OU: '2.5.4.11', O: '2.5.4.10', C: '2.5.4.6' } as const;

const NAME_PARTS = ['CN', 'OU', 'O', 'C'] as const;

const SIGNATURE_OIDS = { sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3' } as const;

const SERIAL_BYTES = 16;

/**
 * Makes an X.509 version 3 certificate signed with ECDSA. The serial number follows from the plan, so that nothing but
 * the signature is random.
 *
 * pkijs and not @peculiar/x509: the latter needs a Reflect polyfill in the global scope, and an application that imports
 * `storewire/testing` may bring another. pkijs is on board for OCSP in any case.
 */
export async function makeCertificate(plan: CertificatePlan): Promise<X509Certificate> {
  const [asn1, pki] = await Promise.all([import('asn1js'), import('pkijs')]);
  const algorithm = new pki.AlgorithmIdentifier({ algorithmId: SIGNATURE_OIDS[plan.hash] });
  const certificate = new pki.Certificate({
    version: 2,
    serialNumber: new asn1.Integer({ valueHex: serialOf(plan) }),
    signature: algorithm,
    signatureAlgorithm: algorithm,
    issuer: await encodeName(plan.issuer),
    subject: await encodeName(plan.subject),
    notBefore: await encodeTime(plan.notBeforeMs),
    notAfter: await encodeTime(plan.notAfterMs),
    subjectPublicKeyInfo: pki.PublicKeyInfo.fromBER(spkiOf(plan.publicKey)),
    extensions: await encodeExtensions(plan.extensions, plan.publicKey),
  });
  certificate.tbsView = new Uint8Array(certificate.encodeTBS().toBER());
  const signature = sign(plan.hash, certificate.tbsView, plan.signingKey);
  certificate.signatureValue = new asn1.BitString({ valueHex: bufferOf(signature) });
  return new X509Certificate(Buffer.from(certificate.toSchema().toBER()));
}

/** The name of a certificate as it can be written again: node shows one `CN=…` a line, in the order of the encoding. */
export function parseCertificateName(text: string): CertificateName {
  const parts = text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  const known = parts.filter(([part]) => NAME_PARTS.some((name) => name === part));
  return { CN: '', ...Object.fromEntries(known) };
}

/** Positive and without a leading zero, as RFC 5280 section 4.1.2.2 wants. */
function serialOf(plan: CertificatePlan): ArrayBuffer {
  const { subject, issuer, notBeforeMs, notAfterMs, extensions } = plan;
  const about = { subject, issuer, notBeforeMs, notAfterMs, marker: extensions.marker, ocspUrl: extensions.ocspUrl };
  const digest = createHash('sha256').update(JSON.stringify(about)).update(spkiOf(plan.publicKey)).digest();
  const serial = digest.subarray(0, SERIAL_BYTES);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  return bufferOf(serial);
}

/** One part to each RDN, as names are commonly written; pkijs by itself puts all parts into a single one. */
async function encodeName(name: CertificateName) {
  const [asn1, { RelativeDistinguishedNames }] = await Promise.all([import('asn1js'), import('pkijs')]);
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
  const { Time, TimeType } = await import('pkijs');
  const value = new Date(Math.floor(atMs / 1000) * 1000);
  return new Time({ type: value.getUTCFullYear() < 2050 ? TimeType.UTCTime : TimeType.GeneralizedTime, value });
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** A distinguished name, in the order Apple writes its own: CN, OU, O, C. Plain ASCII. */
export interface CertificateName {
  readonly CN: string;
  readonly OU?: string;
  readonly O?: string;
  readonly C?: string;
}

/** One certificate to be made. Times are milliseconds, cut to whole seconds as X.509 wants. */
interface CertificatePlan {
  readonly subject: CertificateName;
  readonly issuer: CertificateName;
  readonly publicKey: KeyObject;
  /** The issuer's private key; the certificate's own for a self-signed one. */
  readonly signingKey: KeyObject;
  readonly hash: 'sha256' | 'sha384';
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: ExtensionPlan;
}

/** The extensions of one certificate. */
interface ExtensionPlan {
  readonly isCa: boolean;
  /** How many authorities may stand below this one; for an authority only. */
  readonly pathLength?: number;
  readonly keyUsage: 'certSign' | 'digitalSignature';
  /** The issuer's public key; left out on a root, which issued itself. */
  readonly issuerKey?: KeyObject;
  /** OID of Apple's marker extension: present and not critical, its value NULL, as in Apple's own. */
  readonly marker?: string;
  /** Address of the OCSP responder, written into authorityInfoAccess. */
  readonly ocspUrl?: string;
  /** May sign OCSP responses for its issuer, and is not itself asked about (RFC 6960 section 4.2.2.2). */
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

/** BIT STRING of RFC 5280 section 4.2.1.3: number of unused bits, then the bits from the left. */
const KEY_USAGE_BITS = { certSign: [1, 0x06], digitalSignature: [7, 0x80] } as const;

const URI_GENERAL_NAME = 6;

interface Encodable {
  toBER(): ArrayBuffer;
}

type Libraries = readonly [asn1: typeof import('asn1js'), pki: typeof import('pkijs')];

/** The extensions as pkijs wants them. Which are critical follows Apple's own certificates. */
async function encodeExtensions(plan: ExtensionPlan, subjectKey: KeyObject): Promise<Extension[]> {
  const libraries = await Promise.all([import('asn1js'), import('pkijs')]);
  const [asn1, pki] = libraries;
  const make = (extnID: string, critical: boolean, value: Encodable) =>
    new pki.Extension({ extnID, critical, extnValue: value.toBER() });
  const optional = <T>(value: T | undefined, encode: (value: T) => Extension) =>
    value === undefined ? [] : [encode(value)];
  return [
    make(OID.basicConstraints, true, basicConstraints(libraries, plan)),
    ...optional(plan.issuerKey, (key) =>
      make(OID.authorityKeyIdentifier, false, authorityKeyIdentifier(libraries, key)),
    ),
    ...optional(plan.ocspUrl, (url) => make(OID.authorityInfoAccess, false, ocspAccess(libraries, url))),
    make(OID.subjectKeyIdentifier, false, keyIdentifier(libraries, subjectKey)),
    make(OID.keyUsage, true, keyUsage(libraries, plan.keyUsage)),
    ...optional(plan.marker, (oid) => make(oid, false, new asn1.Null())),
    ...optional(plan.ocspSigner, () => make(OID.extendedKeyUsage, false, ocspSigning(libraries))),
    ...optional(plan.ocspSigner, () => make(OID.ocspNoCheck, false, new asn1.Null())),
  ];
}

function basicConstraints([, pki]: Libraries, plan: ExtensionPlan): Encodable {
  const limit = plan.pathLength === undefined ? {} : { pathLenConstraint: plan.pathLength };
  return new pki.BasicConstraints({ cA: plan.isCa, ...limit }).toSchema();
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

function keyUsage([asn1]: Libraries, usage: ExtensionPlan['keyUsage']): Encodable {
  const [unusedBits, bits] = KEY_USAGE_BITS[usage];
  return new asn1.BitString({ unusedBits, valueHex: new Uint8Array([bits]).buffer });
}

function ocspSigning([, pki]: Libraries): Encodable {
  return new pki.ExtKeyUsage({ keyPurposes: [OID.ocspSigning] }).toSchema();
}
