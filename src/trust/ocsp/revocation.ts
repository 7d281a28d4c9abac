import { createHash, verify } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { ToolError } from '../../errors.js';
import { type HttpResponse, request } from '../../http/request.js';
import { type Certificate, CertificateError, parseCertificate } from '../certificate.js';
import {
  buildOcspRequest,
  names,
  type OcspAnswer,
  OcspError,
  type OcspStatement,
  parseOcspResponse,
} from './messages.js';

/**
 * `good` and `revoked` are what the issuer's responder signed; `unknown` is everything else, and `detail` says what came in
 * the way. `detail` may quote an address from the certificate: escape it before showing it.
 */
export interface RevocationAnswer {
  readonly state: 'good' | 'revoked' | 'unknown';
  readonly detail: string;
  readonly revokedAtMs?: number;
}

export interface RevocationQuestion {
  readonly certificate: Certificate;
  /** Must be the certificate's issuer, itself trusted already. */
  readonly issuer: Certificate;
  readonly dispatcher: Dispatcher;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly nowMs: number;
  /** For the whole exchange; {@link OCSP_TIMEOUT_MS} unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Apple's library waits 30 s; its responder answers within a fraction of one, and nobody wants to wait that long. */
export const OCSP_TIMEOUT_MS = 5_000;

/** A genuine answer has about 3 KB. */
const MAX_ANSWER_BYTES = 65_536;

/**
 * Asks the OCSP responder named in `certificate` whether its issuer has withdrawn it. Whatever the responder does becomes
 * an answer; throws ToolError `interrupted` only, when `signal` aborts. Redirects are not followed.
 */
export async function askRevocation(question: RevocationQuestion): Promise<RevocationAnswer> {
  const { certificate, issuer, nowMs } = question;
  const url = parseResponderUrl(certificate.ocspUrl);
  if (typeof url === 'string') return { state: 'unknown', detail: url };
  try {
    const response = await post(url, question);
    if (response.status !== 200) return { state: 'unknown', detail: describeStatus(url, response.status) };
    const answer = await parseOcspResponse(response.body);
    return describeStatement(url, judgeAnswer(answer, certificate, issuer, nowMs));
  } catch (error) {
    return { state: 'unknown', detail: describeTrouble(url, error) };
  }
}

function parseResponderUrl(text: string | null): URL | string {
  if (text === null) return 'the certificate names no OCSP responder';
  if (!URL.canParse(text)) return `the certificate names an OCSP responder that is no URL: ${text}`;
  const url = new URL(text);
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  return isHttp ? url : `the certificate names an OCSP responder that is not http or https: ${text}`;
}

async function post(url: URL, question: RevocationQuestion): Promise<HttpResponse> {
  const { certificate, issuer, dispatcher, sleep, signal, timeoutMs = OCSP_TIMEOUT_MS } = question;
  return request({
    dispatcher,
    method: 'POST',
    url,
    headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
    body: await buildOcspRequest(certificate, issuer),
    timeoutMs,
    maxBodyBytes: MAX_ANSWER_BYTES,
    sleep,
    ...(signal === undefined ? {} : { signal }),
  });
}

function describeStatus(url: URL, status: number): string {
  const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return `${url.host} answered with HTTP ${status}${redirect}`;
}

/** An error of the exchange or of the answer to words; an interruption and bugs go on. */
function describeTrouble(url: URL, error: unknown): string {
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

function describeStatement({ host }: URL, statement: OcspStatement): RevocationAnswer {
  const { state, revokedAtMs, reason } = statement;
  if (state === 'good') return { state, detail: `${host} says it is good` };
  if (state === 'unknown' || revokedAtMs === null)
    return { state: 'unknown', detail: `${host} does not know the certificate` };
  const why = reason === null ? '' : `: ${REASONS[reason] ?? `reason ${reason}`}`;
  return { state, detail: `${host} says it was revoked at ${new Date(revokedAtMs).toISOString()}${why}`, revokedAtMs };
}

/** Tolerance between the responder's clock and ours. Source: apple.md 2.2, Apple's node library allows the same. */
const SKEW_MS = 60_000;

const OID_OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

/** Signature algorithms believed: no SHA-1, as in Apple's library. */
const ALGORITHMS: Readonly<Record<string, { readonly hash: string; readonly key: string }>> = {
  '1.2.840.10045.4.3.2': { hash: 'sha256', key: 'ec' },
  '1.2.840.10045.4.3.3': { hash: 'sha384', key: 'ec' },
  '1.2.840.10045.4.3.4': { hash: 'sha512', key: 'ec' },
  '1.2.840.113549.1.1.11': { hash: 'sha256', key: 'rsa' },
  '1.2.840.113549.1.1.12': { hash: 'sha384', key: 'rsa' },
  '1.2.840.113549.1.1.13': { hash: 'sha512', key: 'rsa' },
};

/**
 * What a signed answer says about `certificate`, once everything about it holds: who signed it, that they may, the
 * signature, that it is about this certificate and that it is current. Throws {@link OcspError} with the first thing wrong.
 */
export function judgeAnswer(
  answer: OcspAnswer,
  certificate: Certificate,
  issuer: Certificate,
  nowMs: number,
): OcspStatement {
  const signer = findSigner(answer, issuer);
  checkMaySign(signer, issuer, nowMs);
  checkSignature(answer, signer);
  if (answer.criticalExtensions.length > 0) {
    throw new OcspError(`answered with a critical extension we do not know (${answer.criticalExtensions.join(', ')})`);
  }
  const statement = findStatement(answer, certificate, issuer);
  checkCurrent(statement, nowMs);
  return statement;
}

/** The certificate the answer says it was signed with: the issuer's, or one sent along. */
function findSigner({ responder, certificates }: OcspAnswer, issuer: Certificate): Certificate {
  const isResponder = (candidate: Certificate): boolean =>
    'name' in responder
      ? candidate.subjectDer.equals(responder.name)
      : createHash('sha1').update(candidate.publicKeyBits).digest().equals(responder.keyHash);
  if (isResponder(issuer)) return issuer;
  const signer = certificates.map(readSentCertificate).find(isResponder);
  if (signer === undefined) throw new OcspError('did not send the certificate its answer is signed with');
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
 * RFC 6960, 4.2.2.2: the issuer itself, or one it named for OCSP. Whether that one was revoked in turn is not asked:
 * they are short-lived and marked with ocsp-nocheck; Apple's library does not ask either.
 */
function checkMaySign(signer: Certificate, issuer: Certificate, nowMs: number): void {
  if (signer === issuer) return;
  if (!signer.issuerDer.equals(issuer.subjectDer) || !signer.x509.verify(issuer.publicKey)) {
    throw new OcspError('signed its answer with a certificate that the issuer did not issue');
  }
  if (!signer.extendedKeyUsage?.has(OID_OCSP_SIGNING)) {
    throw new OcspError('signed its answer with a certificate that does not carry OCSPSigning');
  }
  if (signer.keyUsage?.has('digitalSignature') === false) {
    throw new OcspError('signed its answer with a certificate that may not make signatures');
  }
  if (nowMs < signer.notBeforeMs - SKEW_MS || nowMs > signer.notAfterMs + SKEW_MS) {
    throw new OcspError('signed its answer with a certificate that is not valid now');
  }
}

function checkSignature({ signatureAlgorithm, signedBytes, signature }: OcspAnswer, { publicKey }: Certificate): void {
  const algorithm = ALGORITHMS[signatureAlgorithm];
  if (algorithm === undefined)
    throw new OcspError(`signed its answer with an algorithm not accepted (${signatureAlgorithm})`);
  if (algorithm.key !== publicKey.asymmetricKeyType || !verify(algorithm.hash, signedBytes, publicKey, signature)) {
    throw new OcspError('sent an answer whose signature does not match');
  }
}

/** Two statements about one certificate could contradict each other: then neither is taken. */
function findStatement({ statements }: OcspAnswer, certificate: Certificate, issuer: Certificate): OcspStatement {
  const [statement, second] = statements.filter(({ id }) => names(id, certificate, issuer));
  if (statement === undefined) throw new OcspError('answered about another certificate');
  if (second !== undefined) throw new OcspError('answered twice about the certificate');
  return statement;
}

function checkCurrent({ thisUpdateMs, nextUpdateMs }: OcspStatement, nowMs: number): void {
  const iso = (ms: number): string => new Date(ms).toISOString();
  if (thisUpdateMs > nowMs + SKEW_MS)
    throw new OcspError(`sent an answer that is not valid before ${iso(thisUpdateMs)}`);
  if (nextUpdateMs === null) throw new OcspError('sent an answer that does not say how long it holds');
  if (nextUpdateMs < nowMs - SKEW_MS) throw new OcspError(`sent a stale answer: it held until ${iso(nextUpdateMs)}`);
}
