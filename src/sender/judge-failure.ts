import { type Failure, type Judgement, quote, type Stage } from './outcome.js';

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL']);

const UNREACHABLE = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
]);

/** Alerts after the handshake, as Node names them: under TLS 1.3 a server that wants a client certificate says so only then. */
const TLS = /^(?:ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$)/;

const HTTP_VERSION = 'HTTP/';

/**
 * What Apple would call a request that got no complete answer. Pure.
 *
 * | what happened | result |
 * | --- | --- |
 * | the name does not resolve, the connection is refused, no route, a reset before the first byte of an answer | SOCKET_ISSUE |
 * | the TLS handshake fails or is closed, the certificate does not pass, an alert at any later time | TLS_ISSUE |
 * | connected, then closed in order without a byte; or the first bytes are not those of HTTP/1 | NO_RESPONSE |
 * | an answer that began as HTTP and breaks its rules | INVALID_RESPONSE |
 * | an answer that began and was cut off, by a close or a reset | PREMATURE_CLOSE |
 * | the system gave up waiting for the peer | TIMED_OUT |
 * | anything else | OTHER |
 *
 * Apple documents one sentence for each value and no such table [U]: where that sentence leaves a case open, the value is the one
 * that fits the moment of the failure. A deadline of our own is told by {@link judgeDeadline}.
 */
export function judgeFailure(failure: Failure): Judgement {
  const { stage, error } = failure;
  const code = codeOf(error);
  const fault = `(${code || error.message})`;
  if (UNRESOLVED.has(code)) return { result: 'SOCKET_ISSUE', detail: `the host name does not resolve ${fault}` };
  if (code === 'ECONNREFUSED')
    return { result: 'SOCKET_ISSUE', detail: 'the connection was refused: nothing listens there' };
  if (UNREACHABLE.has(code)) return { result: 'SOCKET_ISSUE', detail: `there is no way to the host ${fault}` };
  if (code === 'ETIMEDOUT') return { result: 'TIMED_OUT', detail: `${UNFINISHED[stage]} in time ${fault}` };
  if (code.startsWith('HPE_')) return judgeBrokenHttp(code, failure);
  if (isClose(code)) return judgeClose(isReset(code, error), failure);
  if (stage === 'handshake' || TLS.test(code))
    return { result: 'TLS_ISSUE', detail: describeTlsDefect(code, error.message) };
  return { result: 'OTHER', detail: `the request failed ${fault}` };
}

/** What our own deadline amounts to: the same value at every stage. */
export function judgeDeadline(stage: Stage, timeoutMs: number): Judgement {
  return { result: 'TIMED_OUT', detail: `${UNFINISHED[stage]} within ${timeoutMs / 1000} s` };
}

const UNFINISHED: Readonly<Record<Stage, string>> = {
  connecting: 'no connection could be made',
  handshake: 'the TLS handshake was not complete',
  waiting: 'the request was sent, but no answer began',
  answering: 'an answer began, but was not complete',
};

function judgeBrokenHttp(code: string, { firstBytes, httpStatus }: Failure): Judgement {
  const start = Buffer.from(firstBytes).toString('latin1');
  if (httpStatus === null && !start.startsWith(HTTP_VERSION.slice(0, start.length))) {
    return { result: 'NO_RESPONSE', detail: `what came back is not HTTP: it begins ${quote(start)}` };
  }
  // Node names an answer that ends too early as a fault of parsing.
  if (code === 'HPE_INVALID_EOF_STATE') return cutOff('closed', httpStatus);
  return { result: 'INVALID_RESPONSE', detail: `the answer is broken HTTP (${code})` };
}

function judgeClose(reset: boolean, { stage, httpStatus }: Failure): Judgement {
  const how = reset ? 'reset' : 'closed';
  if (stage === 'answering') return cutOff(how, httpStatus);
  const detail = `the connection was ${how} ${BEFORE[stage]}`;
  return { result: reset ? 'SOCKET_ISSUE' : CLOSED_DURING[stage], detail };
}

const BEFORE = {
  connecting: 'while it was made',
  handshake: 'during the TLS handshake',
  waiting: 'before an answer began',
} as const;

const CLOSED_DURING = { connecting: 'SOCKET_ISSUE', handshake: 'TLS_ISSUE', waiting: 'NO_RESPONSE' } as const;

function cutOff(how: string, httpStatus: number | null): Judgement {
  const answer = httpStatus === null ? 'the answer' : `the answer (${httpStatus})`;
  return { result: 'PREMATURE_CLOSE', detail: `the connection was ${how} before ${answer} was complete` };
}

function isClose(code: string): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED';
}

/** Node says ECONNRESET for a close in order too; only a real reset comes from a call to the system. EPIPE follows a close. */
function isReset(code: string, error: Error): boolean {
  return code !== 'EPIPE' && 'syscall' in error && error.syscall !== undefined;
}

/** The code of an error, or of the first of several: one for each address of a name. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error ? codeOf(first) : '';
}

/** Why a certificate was refused, by Node's code. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate, or one above it, has expired',
  CERT_NOT_YET_VALID: 'the certificate, or one above it, is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in a root that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the chain is incomplete, or its root is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the chain is incomplete, or its root is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the chain is incomplete, or its root is not trusted: the certificate came alone',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
};

/** Why there was no session, by OpenSSL's own words. */
const SESSION: Readonly<Record<string, string>> = {
  'wrong version number': 'what listens there does not speak TLS',
  'packet length too long': 'what listens there does not speak TLS',
  'unsupported protocol': 'the server offers no TLS 1.2 or newer',
  'tlsv1 alert protocol version': 'the server offers no TLS 1.2 or newer',
  'sslv3 alert handshake failure':
    'the server refused the handshake: no cipher in common, or it asks for a client certificate',
  'tlsv13 alert certificate required': 'the server asks for a client certificate',
  'tlsv1 unrecognized name': 'the server has no certificate for this host name',
  'tlsv1 alert no application protocol': 'the server does not speak HTTP/1.1',
};

/** `error:0A00010B:SSL routines:ssl3_get_record:wrong version number:file:line`, as OpenSSL 3 writes it; Node calls it EPROTO. */
const OPENSSL_MESSAGE = /:SSL routines:[^:]*:([^:]+):/;

/** What was wrong with TLS, in words, with the code to look for. Pure. */
export function describeTlsDefect(code: string, message: string): string {
  const words =
    OPENSSL_MESSAGE.exec(message)?.[1] ??
    code
      .replace(/^ERR_SSL_/, '')
      .replaceAll('_', ' ')
      .toLowerCase();
  const known = CERTIFICATE[code] ?? SESSION[words];
  const shown = code === 'EPROTO' ? words : code || message;
  return known === undefined ? `TLS failed (${shown})` : `${known} (${shown})`;
}
