import type { Dispatcher } from 'undici';
import { ToolError } from '../../errors.js';
import { type HttpResponse, request } from '../../http/request.js';
import type { Certificate } from '../certificate.js';
import { judgeAnswer } from './judge.js';
import { buildOcspRequest } from './ocsp-request.js';
import { OcspError, type OcspStatement, parseOcspResponse } from './ocsp-response.js';

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
