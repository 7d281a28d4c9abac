import { createHash, type KeyObject, sign } from 'node:crypto';
import type * as Asn1 from 'asn1js';
import type { Certificate } from '../../trust/certificate.js';
import { type CertificateId, identify, OID_SHA256, serialBytes } from '../../trust/ocsp/messages.js';
import type * as Pki from '../../trust/pki.js';

/** Status of one certificate in an OCSP response. Times are in milliseconds, truncated to seconds. */
export interface CertificateStatement {
  readonly id: CertificateId;
  /** `reason` is a CRLReason: 1 is keyCompromise. */
  readonly state: 'good' | 'unknown' | { readonly revokedAtMs: number; readonly reason?: number };
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number | null;
}

export interface OcspResponseFields {
  readonly statements: readonly CertificateStatement[];
  readonly producedAtMs: number;
  /** The issuer itself, or a delegated responder, whose certificate must be in `certificates`. */
  readonly signer: { readonly certificate: Certificate; readonly key: KeyObject };
  /** Form of responderID. Default: `keyHash`, as Apple's responder. */
  readonly namedBy?: 'keyHash' | 'name';
  /** Included in the response. */
  readonly certificates?: readonly Certificate[];
  /** Default: `sha256`. The others serve tests of refusals and larger keys. */
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
}

/** OCSPResponseStatus of an error response. Source: RFC 6960, 4.2.1. */
const OCSP_FAILURES = {
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const;

const OID_BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';

const SIGNATURE_OIDS = {
  ec: {
    sha1: '1.2.840.10045.4.1',
    sha256: '1.2.840.10045.4.3.2',
    sha384: '1.2.840.10045.4.3.3',
    sha512: '1.2.840.10045.4.3.4',
  },
  rsa: {
    sha1: '1.2.840.113549.1.1.5',
    sha256: '1.2.840.113549.1.1.11',
    sha384: '1.2.840.113549.1.1.12',
    sha512: '1.2.840.113549.1.1.13',
  },
} as const;

interface Libraries {
  readonly asn1: typeof Asn1;
  readonly pki: typeof Pki;
}

/** Builds an OCSP response as DER. `signer.key` is an EC or RSA private key. Plausibility is not checked. */
export async function buildOcspResponse(response: OcspResponseFields): Promise<Uint8Array> {
  const libraries = await loadLibraries();
  const { asn1, pki } = libraries;
  const { signer, hash = 'sha256', certificates = [] } = response;
  const data = new pki.ResponseData({
    responderID: nameSigner(response, libraries),
    producedAt: new Date(response.producedAtMs),
    responses: response.statements.map((statement) => buildStatement(statement, libraries)),
  });
  data.tbsView = new Uint8Array(data.toSchema(true).toBER());
  const kind = signer.key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec';
  const basic = new pki.BasicOCSPResponse({
    tbsResponseData: data,
    signatureAlgorithm: new pki.AlgorithmIdentifier({
      algorithmId: SIGNATURE_OIDS[kind][hash],
      ...(kind === 'rsa' ? { algorithmParams: new asn1.Null() } : {}),
    }),
    signature: new asn1.BitString({ valueHex: exactBuffer(sign(hash, data.tbsView, signer.key)) }),
    ...(certificates.length === 0
      ? {}
      : { certs: certificates.map(({ der }) => pki.Certificate.fromBER(exactBuffer(der))) }),
  });
  return encodeResponse(0, libraries, basic.toSchema().toBER());
}

/** Builds an OCSP error response as DER. */
export async function buildOcspFailure(failure: keyof typeof OCSP_FAILURES): Promise<Uint8Array> {
  return encodeResponse(OCSP_FAILURES[failure], await loadLibraries());
}

/** Parses the certificate ids of an OCSP request, in order. Throws Error if it is malformed. */
export async function parseOcspRequest(bytes: Uint8Array): Promise<CertificateId[]> {
  const { pki } = await loadLibraries();
  const request = pki.OCSPRequest.fromBER(exactBuffer(bytes));
  return request.tbsRequest.requestList.map(({ reqCert }) => ({
    hashOid: reqCert.hashAlgorithm.algorithmId,
    issuerNameHash: reqCert.issuerNameHash.valueBlock.valueHexView,
    issuerKeyHash: reqCert.issuerKeyHash.valueBlock.valueHexView,
    serial: Buffer.from(reqCert.serialNumber.valueBlock.valueHexView)
      .toString('hex')
      .toUpperCase()
      .replace(/^00(?=.)/, ''),
  }));
}

/** Builds the OCSP id of a certificate. Default hash: SHA-256. Throws RangeError for a hash that OCSP does not use. */
export function identifyForOcsp(
  certificate: Certificate,
  issuer: Certificate,
  hashOid: string = OID_SHA256,
): CertificateId {
  const id = identify(certificate, issuer, hashOid);
  if (id === null) throw new RangeError(`not an OCSP hash: ${hashOid}`);
  return id;
}

async function loadLibraries(): Promise<Libraries> {
  const [asn1, pki] = await Promise.all([import('asn1js'), import('../../trust/pki.js')]);
  return { asn1, pki };
}

function nameSigner({ signer, namedBy = 'keyHash' }: OcspResponseFields, { asn1, pki }: Libraries): unknown {
  const { certificate } = signer;
  if (namedBy === 'name') return pki.Certificate.fromBER(exactBuffer(certificate.der)).subject;
  return new asn1.OctetString({ valueHex: exactBuffer(createHash('sha1').update(certificate.publicKeyBits).digest()) });
}

function buildStatement(statement: CertificateStatement, libraries: Libraries): Pki.SingleResponse {
  const { asn1, pki } = libraries;
  const { id, thisUpdateMs, nextUpdateMs } = statement;
  return new pki.SingleResponse({
    certID: new pki.CertID({
      hashAlgorithm: new pki.AlgorithmIdentifier({ algorithmId: id.hashOid, algorithmParams: new asn1.Null() }),
      issuerNameHash: new asn1.OctetString({ valueHex: exactBuffer(id.issuerNameHash) }),
      issuerKeyHash: new asn1.OctetString({ valueHex: exactBuffer(id.issuerKeyHash) }),
      serialNumber: new asn1.Integer({ valueHex: exactBuffer(serialBytes(id.serial)) }),
    }),
    certStatus: buildStatus(statement.state, asn1),
    thisUpdate: new Date(thisUpdateMs),
    ...(nextUpdateMs === null ? {} : { nextUpdate: new Date(nextUpdateMs) }),
  });
}

/** CertStatus: [0] good, [1] revoked, [2] unknown. */
function buildStatus(state: CertificateStatement['state'], asn1: typeof Asn1): Asn1.BaseBlock {
  if (state === 'good') return new asn1.Primitive({ idBlock: { tagClass: 3, tagNumber: 0 } });
  if (state === 'unknown') return new asn1.Primitive({ idBlock: { tagClass: 3, tagNumber: 2 } });
  const { revokedAtMs, reason } = state;
  const time = new asn1.GeneralizedTime({ valueDate: new Date(revokedAtMs) });
  const explicit =
    reason === undefined
      ? []
      : [
          new asn1.Constructed({
            idBlock: { tagClass: 3, tagNumber: 0 },
            value: [new asn1.Enumerated({ value: reason })],
          }),
        ];
  return new asn1.Constructed({ idBlock: { tagClass: 3, tagNumber: 1 }, value: [time, ...explicit] });
}

function encodeResponse(status: number, { asn1, pki }: Libraries, basic?: ArrayBuffer): Uint8Array {
  const responseBytes =
    basic &&
    new pki.ResponseBytes({ responseType: OID_BASIC_RESPONSE, response: new asn1.OctetString({ valueHex: basic }) });
  const response = new pki.OCSPResponse({
    responseStatus: new asn1.Enumerated({ value: status }),
    ...(responseBytes === undefined ? {} : { responseBytes }),
  });
  return new Uint8Array(response.toSchema().toBER());
}

/** asn1js reads a whole ArrayBuffer; a Buffer may be a view of a larger one. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
