import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { encodeExtensions } from './certificate-extensions.js';
import type { CertificateName, CertificatePlan } from './certificate-plan.js';

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
