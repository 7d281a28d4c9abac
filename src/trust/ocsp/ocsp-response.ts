import type { AsnType } from 'asn1js';
import type { BasicOCSPResponse, SingleResponse } from 'pkijs';
import { toHex } from '../der.js';
import type { CertificateId } from './certificate-id.js';

/** Thrown where an answer cannot be used; the message says why, in words that follow the responder's name. */
export class OcspError extends Error {
  override readonly name = 'OcspError';
}

/** What the answer says about one certificate. Times are milliseconds since the epoch. */
export interface OcspStatement {
  readonly id: CertificateId;
  readonly state: 'good' | 'revoked' | 'unknown';
  readonly revokedAtMs: number | null;
  /** Number of the CRLReason; null where none is given. */
  readonly reason: number | null;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number | null;
}

/** A basic OCSP answer, taken apart and not yet believed. */
export interface OcspAnswer {
  /** The bytes the signature is over, as sent. */
  readonly signedBytes: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** Who says to have signed: the encoded Name, or the SHA-1 of the key. */
  readonly responder: { readonly name: Uint8Array } | { readonly keyHash: Uint8Array };
  /** DER of the certificates sent along. */
  readonly certificates: readonly Uint8Array[];
  readonly statements: readonly OcspStatement[];
  /** Object identifiers of the extensions marked critical: we know none. */
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

/** Reads an OCSP response. Throws {@link OcspError} on anything but a well-formed, successful basic response. */
export async function parseOcspResponse(bytes: Uint8Array): Promise<OcspAnswer> {
  const [{ fromBER }, pki] = await Promise.all([import('asn1js'), import('pkijs')]);
  const open = (der: Uint8Array): AsnType => {
    const { offset, result } = fromBER(new Uint8Array(der));
    if (offset !== der.length) throw new Error('trailing or missing bytes');
    return result;
  };
  const response = wellFormed(() => new pki.OCSPResponse({ schema: open(bytes) }));
  const status = response.responseStatus.valueBlock.valueDec;
  if (status !== 0) throw new OcspError(`answered with the OCSP status ${STATUSES[status] ?? status}`);
  const { responseBytes } = response;
  if (responseBytes?.responseType !== OID_BASIC_RESPONSE) throw new OcspError('answered with no basic OCSP response');
  return wellFormed(() => {
    const schema = open(responseBytes.response.valueBlock.valueHexView);
    return readBasicResponse(new pki.BasicOCSPResponse({ schema }));
  });
}

/** The parser throws errors of many kinds; whatever it is, the answer cannot be read. */
function wellFormed<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new OcspError('answered with something that is no OCSP response', { cause });
  }
}

function readBasicResponse(basic: BasicOCSPResponse): OcspAnswer {
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
    statements: data.responses.map(readStatement),
    criticalExtensions: extensions.filter(({ critical }) => critical).map(({ extnID }) => extnID),
  };
}

/** pkijs leaves the type open: a name that keeps the bytes it was read from, or an OCTET STRING. */
function readResponder(responder: NameBlock | HashBlock): OcspAnswer['responder'] {
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

function readStatement({ certID, certStatus, thisUpdate, nextUpdate }: SingleResponse): OcspStatement {
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

/** CertStatus as asn1js sees it: [0] good, [1] revoked with time and perhaps a reason, [2] unknown. */
interface StatusBlock {
  readonly idBlock: { readonly tagNumber: number };
  readonly valueBlock: { readonly value?: readonly [{ toDate(): Date }, ReasonBlock?] };
}
interface ReasonBlock {
  readonly valueBlock: { readonly value: readonly { readonly valueBlock: { readonly valueDec: number } }[] };
}

function readStatus(status: StatusBlock): Pick<OcspStatement, 'state' | 'revokedAtMs' | 'reason'> {
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
