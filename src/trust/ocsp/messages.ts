import { createHash } from 'node:crypto';
import type { AsnType } from 'asn1js';
import type { BasicOCSPResponse, SingleResponse } from 'pkijs';
import type { Certificate } from '../certificate.js';
import { toHex } from '../der.js';

/** Thrown for an unusable response; the message describes the defect and follows the host name of the responder. */
export class OcspError extends Error {
  override readonly name = 'OcspError';
}

/** Status of one certificate in a response. Times are milliseconds since the epoch. */
export interface OcspCertificateStatus {
  readonly id: CertificateId;
  readonly state: 'good' | 'revoked' | 'unknown';
  readonly revokedAtMs: number | null;
  /** Number of the CRLReason; null if none is given. */
  readonly reason: number | null;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number | null;
}

/** A parsed basic OCSP response, not verified yet. */
export interface OcspResponse {
  /** The signed bytes, as received. */
  readonly signedBytes: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** Responder named in the response: the encoded Name, or the SHA-1 of the key. */
  readonly responder: { readonly name: Uint8Array } | { readonly keyHash: Uint8Array };
  /** DER of the certificates in the response. */
  readonly certificates: readonly Uint8Array[];
  readonly statuses: readonly OcspCertificateStatus[];
  /** Object identifiers of the critical extensions; none is supported. */
  readonly criticalExtensions: readonly string[];
}

/** OCSPResponseStatus, RFC 6960 4.2.1. */
const STATUSES: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
};

const OID_BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';

/** Parses an OCSP response. Throws {@link OcspError} on anything but a well-formed, successful basic response. */
export async function parseOcspResponse(bytes: Uint8Array): Promise<OcspResponse> {
  const [{ fromBER }, pki] = await Promise.all([import('asn1js'), import('../pki.js')]);
  const open = (der: Uint8Array): AsnType => {
    const { offset, result } = fromBER(new Uint8Array(der));
    if (offset !== der.length) throw new Error('trailing or missing bytes');
    return result;
  };
  const response = parseOrReject(() => new pki.OCSPResponse({ schema: open(bytes) }));
  const status = response.responseStatus.valueBlock.valueDec;
  if (status !== 0) throw new OcspError(`responded with the OCSP status ${STATUSES[status] ?? status}`);
  const { responseBytes } = response;
  if (responseBytes?.responseType !== OID_BASIC_RESPONSE)
    throw new OcspError('responded without a basic OCSP response');
  return parseOrReject(() => {
    const schema = open(responseBytes.response.valueBlock.valueHexView);
    return readBasicResponse(new pki.BasicOCSPResponse({ schema }));
  });
}

/** Converts any error of the parser to {@link OcspError}. */
function parseOrReject<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new OcspError('sent a malformed OCSP response', { cause });
  }
}

function readBasicResponse(basic: BasicOCSPResponse): OcspResponse {
  const { tbsResponseData: data } = basic;
  const extensions = [data, ...data.responses].flatMap((part) =>
    'responses' in part ? (part.responseExtensions ?? []) : (part.singleExtensions ?? []),
  );
  return {
    signedBytes: data.tbsView,
    signatureAlgorithm: basic.signatureAlgorithm.algorithmId,
    signature: basic.signature.valueBlock.valueHexView,
    responder: readResponder(data.responderID),
    certificates: (basic.certs ?? []).map((certificate) => new Uint8Array(certificate.toSchema().toBER())),
    statuses: data.responses.map(readSingleResponse),
    criticalExtensions: extensions.filter(({ critical }) => critical).map(({ extnID }) => extnID),
  };
}

/** pkijs does not type this field: it is a Name, with the bytes it was parsed from, or an OCTET STRING. */
function readResponder(responder: NameBlock | HashBlock): OcspResponse['responder'] {
  if ('typesAndValues' in responder) return { name: new Uint8Array(responder.valueBeforeDecode) };
  return { keyHash: responder.valueBlock.valueHexView };
}

interface NameBlock {
  readonly typesAndValues: unknown;
  readonly valueBeforeDecode: ArrayBuffer;
}

interface HashBlock {
  readonly valueBlock: { readonly valueHexView: Uint8Array };
}

function readSingleResponse({ certID, certStatus, thisUpdate, nextUpdate }: SingleResponse): OcspCertificateStatus {
  return {
    id: {
      hashOid: certID.hashAlgorithm.algorithmId,
      issuerNameHash: certID.issuerNameHash.valueBlock.valueHexView,
      issuerKeyHash: certID.issuerKeyHash.valueBlock.valueHexView,
      serial: toHex(certID.serialNumber.valueBlock.valueHexView).replace(/^00(?=.)/, ''),
    },
    ...readStatus(certStatus),
    thisUpdateMs: readDate(thisUpdate),
    nextUpdateMs: nextUpdate === undefined ? null : readDate(nextUpdate),
  };
}

/** CertStatus as parsed by asn1js: [0] good, [1] revoked with a time and an optional reason, [2] unknown. */
interface StatusBlock {
  readonly idBlock: { readonly tagNumber: number };
  readonly valueBlock: { readonly value?: readonly [{ toDate(): Date }, ReasonBlock?] };
}

interface ReasonBlock {
  readonly valueBlock: { readonly value: readonly { readonly valueBlock: { readonly valueDec: number } }[] };
}

function readStatus(status: StatusBlock): Pick<OcspCertificateStatus, 'state' | 'revokedAtMs' | 'reason'> {
  const { tagNumber } = status.idBlock;
  if (tagNumber === 0) return { state: 'good', revokedAtMs: null, reason: null };
  if (tagNumber === 2) return { state: 'unknown', revokedAtMs: null, reason: null };
  const [time, reason] = status.valueBlock.value ?? [];
  if (tagNumber !== 1 || time === undefined) throw new Error('no certificate status');
  const number = reason?.valueBlock.value[0]?.valueBlock.valueDec ?? null;
  return { state: 'revoked', revokedAtMs: readDate(time.toDate()), reason: number };
}

function readDate(date: Date): number {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new Error('no date');
  return ms;
}

/**
 * Builds the OCSP request for one certificate as DER: SHA-256 CertID, as in Apple's libraries, without a nonce (Apple's responder
 * sends pre-signed responses, which would not repeat it) and without a signature.
 */
export async function buildOcspRequest(certificate: Certificate, issuer: Certificate): Promise<Uint8Array> {
  const [{ Integer, Null, OctetString }, pki] = await Promise.all([import('asn1js'), import('../pki.js')]);
  const id = identify(certificate, issuer, OID_SHA256)!;
  const reqCert = new pki.CertID({
    hashAlgorithm: new pki.AlgorithmIdentifier({ algorithmId: id.hashOid, algorithmParams: new Null() }),
    issuerNameHash: new OctetString({ valueHex: exactBuffer(id.issuerNameHash) }),
    issuerKeyHash: new OctetString({ valueHex: exactBuffer(id.issuerKeyHash) }),
    serialNumber: new Integer({ valueHex: exactBuffer(serialBytes(id.serial)) }),
  });
  const tbsRequest = new pki.TBSRequest({ requestList: [new pki.Request({ reqCert })] });
  return new Uint8Array(new pki.OCSPRequest({ tbsRequest }).toSchema(true).toBER());
}

/** Copy as an ArrayBuffer: asn1js uses the whole ArrayBuffer, and a Buffer may be a view of a larger one. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** CertID, the OCSP identifier of a certificate: hashes of the issuer's name and key, and the serial. Source: RFC 6960, 4.1.1. */
export interface CertificateId {
  /** Object identifier of the hash. */
  readonly hashOid: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Upper-case hex without the sign byte, like {@link Certificate.serial}. */
  readonly serial: string;
}

export const OID_SHA1 = '1.3.14.3.2.26';

export const OID_SHA256 = '2.16.840.1.101.3.4.2.1';

/** SHA-1 is used as an identifier only, not in signatures: responders older than RFC 8954 respond with it. */
const HASHES: Readonly<Record<string, string>> = { [OID_SHA1]: 'sha1', [OID_SHA256]: 'sha256' };

/** Computes the CertID of `certificate` with this hash, {@link OID_SHA1} or {@link OID_SHA256}; null for any other hash. */
export function identify(certificate: Certificate, issuer: Certificate, hashOid: string): CertificateId | null {
  const hash = HASHES[hashOid];
  if (hash === undefined) return null;
  const digest = (bytes: Uint8Array): Uint8Array => createHash(hash).update(bytes).digest();
  return {
    hashOid,
    issuerNameHash: digest(issuer.subjectDer),
    issuerKeyHash: digest(issuer.publicKeyBits),
    serial: certificate.serial,
  };
}

/** True if `id` identifies this certificate of this issuer, compared with the hash that `id` uses. */
export function matchesCertificate(id: CertificateId, certificate: Certificate, issuer: Certificate): boolean {
  const own = identify(certificate, issuer, id.hashOid);
  return (
    own !== null &&
    own.serial === id.serial &&
    Buffer.compare(own.issuerNameHash, id.issuerNameHash) === 0 &&
    Buffer.compare(own.issuerKeyHash, id.issuerKeyHash) === 0
  );
}

/** Content bytes of an INTEGER from a serial in hex: adds a sign byte if the high bit is set. */
export function serialBytes(serial: string): Uint8Array {
  const bytes = Buffer.from(serial, 'hex');
  return bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}
