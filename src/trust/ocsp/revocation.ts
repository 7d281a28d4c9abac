import { createHash, verify } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { isValidUrl } from '../../address/valid-url.js';
import { ToolError } from '../../errors.js';
import { type HttpResponse, request } from '../../http/request.js';
import { type Certificate, CertificateError, parseCertificate } from '../certificate.js';
import {
  buildOcspRequest,
  matchesCertificate,
  type OcspCertificateStatus,
  OcspError,
  type OcspResponse,
  parseOcspResponse,
} from './messages.js';

/**
 * Result of a revocation check. `good` and `revoked` were signed by the issuer's responder; `unknown` is everything else, with the
 * reason in `detail`. `detail` may quote a URL from the certificate: escape it before printing.
 */
export interface RevocationStatus {
  readonly state: 'good' | 'revoked' | 'unknown';
  readonly detail: string;
  readonly revokedAtMs?: number;
}

export interface RevocationRequest {
  readonly certificate: Certificate;
  /** Issuer of the certificate; must be trusted already. */
  readonly issuer: Certificate;
  readonly dispatcher: Dispatcher;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly nowMs: number;
  /** Deadline of the whole exchange; default {@link OCSP_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Apple's library waits 30 s, but Apple's responder responds within a fraction of a second. */
const OCSP_TIMEOUT_MS = 5_000;

/** Genuine responses have about 3 KB. */
const MAX_RESPONSE_BYTES = 65_536;

/**
 * Requests the revocation status of `certificate` from the OCSP responder that it names. Every failure of the responder becomes the
 * state `unknown`; throws only ToolError `interrupted`, when `signal` aborts. Does not follow redirects.
 */
export async function checkRevocation(options: RevocationRequest): Promise<RevocationStatus> {
  const { certificate, issuer, nowMs } = options;
  const url = parseResponderUrl(certificate.ocspUrl);
  if (typeof url === 'string') return { state: 'unknown', detail: url };
  try {
    const httpResponse = await post(url, options);
    if (httpResponse.status !== 200) return { state: 'unknown', detail: describeHttpStatus(url, httpResponse.status) };
    const response = await parseOcspResponse(httpResponse.body);
    return describeStatus(url, verifyOcspResponse(response, certificate, issuer, nowMs));
  } catch (error) {
    return { state: 'unknown', detail: describeError(url, error) };
  }
}

function parseResponderUrl(text: string | null): URL | string {
  if (text === null) return 'the certificate names no OCSP responder';
  if (!isValidUrl(text)) return `the certificate names an OCSP responder that is not a valid URL: ${text}`;
  const url = new URL(text);
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  return isHttp ? url : `the certificate names an OCSP responder that is not http or https: ${text}`;
}

async function post(url: URL, options: RevocationRequest): Promise<HttpResponse> {
  const { certificate, issuer, dispatcher, sleep, signal, timeoutMs = OCSP_TIMEOUT_MS } = options;
  return request({
    dispatcher,
    method: 'POST',
    url,
    headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
    body: await buildOcspRequest(certificate, issuer),
    timeoutMs,
    maxBodyBytes: MAX_RESPONSE_BYTES,
    sleep,
    ...(signal === undefined ? {} : { signal }),
  });
}

function describeHttpStatus(url: URL, status: number): string {
  const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return `${url.host} responded with HTTP ${status}${redirect}`;
}

/** Text for an error of the exchange or the response; rethrows interruptions and bugs. */
function describeError(url: URL, error: unknown): string {
  if (error instanceof OcspError) return `${url.host} ${error.message}`;
  if (error instanceof ToolError && error.kind === 'remote') return error.message;
  throw error;
}

/** CRLReason, RFC 5280 5.3.1. */
const REASONS: Readonly<Record<number, string>> = {
  1: 'its key was compromised',
  2: "the issuer's key was compromised",
  3: 'the affiliation changed',
  4: 'superseded by another',
  5: 'no longer in use',
  6: 'on hold',
  9: 'privilege withdrawn',
  10: "the attribute issuer's key was compromised",
};

function describeStatus({ host }: URL, status: OcspCertificateStatus): RevocationStatus {
  const { state, revokedAtMs, reason } = status;
  if (state === 'good') return { state, detail: `${host} reports it as good` };
  if (state === 'unknown' || revokedAtMs === null)
    return { state: 'unknown', detail: `${host} does not know the certificate` };
  const why = reason === null ? '' : `: ${REASONS[reason] ?? `reason ${reason}`}`;
  return {
    state,
    detail: `${host} reports it as revoked at ${new Date(revokedAtMs).toISOString()}${why}`,
    revokedAtMs,
  };
}

/** Tolerance between the responder's clock and ours. Source: apple.md 2.2, Apple's node library allows the same. */
const SKEW_MS = 60_000;

const OID_OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

/** Accepted signature algorithms: no SHA-1, as in Apple's library. */
const ALGORITHMS: Readonly<Record<string, { readonly hash: string; readonly key: string }>> = {
  '1.2.840.10045.4.3.2': { hash: 'sha256', key: 'ec' },
  '1.2.840.10045.4.3.3': { hash: 'sha384', key: 'ec' },
  '1.2.840.10045.4.3.4': { hash: 'sha512', key: 'ec' },
  '1.2.840.113549.1.1.11': { hash: 'sha256', key: 'rsa' },
  '1.2.840.113549.1.1.12': { hash: 'sha384', key: 'rsa' },
  '1.2.840.113549.1.1.13': { hash: 'sha512', key: 'rsa' },
};

/**
 * Verifies a response and returns the status of `certificate` in it. Checks the signer and its authorisation, the signature, that the
 * response covers this certificate and that it is current. Throws {@link OcspError} for the first defect.
 */
export function verifyOcspResponse(
  response: OcspResponse,
  certificate: Certificate,
  issuer: Certificate,
  nowMs: number,
): OcspCertificateStatus {
  const signer = findSigner(response, issuer);
  checkAuthorised(signer, issuer, nowMs);
  checkSignature(response, signer);
  if (response.criticalExtensions.length > 0) {
    throw new OcspError(
      `sent a response with an unknown critical extension (${response.criticalExtensions.join(', ')})`,
    );
  }
  const status = findStatus(response, certificate, issuer);
  checkCurrent(status, nowMs);
  return status;
}

/** The certificate that signed the response: the issuer's, or one in the response. */
function findSigner({ responder, certificates }: OcspResponse, issuer: Certificate): Certificate {
  const isResponder = (candidate: Certificate): boolean =>
    'name' in responder
      ? candidate.subjectDer.equals(responder.name)
      : createHash('sha1').update(candidate.publicKeyBits).digest().equals(responder.keyHash);
  if (isResponder(issuer)) return issuer;
  const signer = certificates.map(readSentCertificate).find(isResponder);
  if (signer === undefined) throw new OcspError('did not send the certificate that signed its response');
  return signer;
}

function readSentCertificate(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new OcspError(`sent a certificate that cannot be read: ${error.message}`, { cause: error });
  }
}

/**
 * RFC 6960, 4.2.2.2: the signer is the issuer, or a responder certificate that it issued for OCSP. Revocation of the responder
 * certificate is not checked, as in Apple's library: such certificates are short-lived and marked with ocsp-nocheck.
 */
function checkAuthorised(signer: Certificate, issuer: Certificate, nowMs: number): void {
  if (signer === issuer) return;
  if (!signer.issuerDer.equals(issuer.subjectDer) || !signer.x509.verify(issuer.publicKey)) {
    throw new OcspError('signed its response with a certificate from another issuer');
  }
  if (!signer.extendedKeyUsage?.has(OID_OCSP_SIGNING)) {
    throw new OcspError('signed its response with a certificate without OCSPSigning');
  }
  if (signer.keyUsage?.has('digitalSignature') === false) {
    throw new OcspError('signed its response with a certificate that may not sign data');
  }
  if (nowMs < signer.notBeforeMs - SKEW_MS || nowMs > signer.notAfterMs + SKEW_MS) {
    throw new OcspError('signed its response with a certificate that is not valid now');
  }
}

function checkSignature(
  { signatureAlgorithm, signedBytes, signature }: OcspResponse,
  { publicKey }: Certificate,
): void {
  const algorithm = ALGORITHMS[signatureAlgorithm];
  if (algorithm === undefined)
    throw new OcspError(`signed its response with an unsupported algorithm (${signatureAlgorithm})`);
  if (algorithm.key !== publicKey.asymmetricKeyType || !verify(algorithm.hash, signedBytes, publicKey, signature)) {
    throw new OcspError('sent a response with an invalid signature');
  }
}

/** Rejects a response with two statuses for one certificate, which could contradict each other. */
function findStatus({ statuses }: OcspResponse, certificate: Certificate, issuer: Certificate): OcspCertificateStatus {
  const [status, second] = statuses.filter(({ id }) => matchesCertificate(id, certificate, issuer));
  if (status === undefined) throw new OcspError('responded for another certificate');
  if (second !== undefined) throw new OcspError('responded twice for the certificate');
  return status;
}

function checkCurrent({ thisUpdateMs, nextUpdateMs }: OcspCertificateStatus, nowMs: number): void {
  const iso = (ms: number): string => new Date(ms).toISOString();
  if (thisUpdateMs > nowMs + SKEW_MS)
    throw new OcspError(`sent a response that is not valid before ${iso(thisUpdateMs)}`);
  if (nextUpdateMs === null) throw new OcspError('sent a response without an expiry');
  if (nextUpdateMs < nowMs - SKEW_MS) throw new OcspError(`sent a stale response, valid until ${iso(nextUpdateMs)}`);
}
