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

/** Node's codes of alerts after the handshake: with TLS 1.3 a server asks for a client certificate only then. */
const TLS = /^(?:ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$)/;

const HTTP_VERSION = 'HTTP/';

/**
 * Maps a request without a complete response to Apple's result. Pure.
 *
 * | failure | result |
 * | --- | --- |
 * | the name does not resolve, the connection is refused, no route, a reset before the first byte of a response | SOCKET_ISSUE |
 * | the TLS handshake fails or is closed, the certificate is rejected, an alert at any later time | TLS_ISSUE |
 * | connected, then closed without a byte; or the first bytes are not HTTP/1 | NO_RESPONSE |
 * | a malformed HTTP response | INVALID_RESPONSE |
 * | a response cut off by a close or a reset | PREMATURE_CLOSE |
 * | a timeout of the operating system | TIMED_OUT |
 * | anything else | OTHER |
 *
 * Apple documents one sentence for each value and no such table [U]: where that sentence leaves a case open, the stage of the failure
 * decides. {@link judgeDeadline} handles the deadline of the attempt.
 */
export function judgeFailure(failure: Failure): Judgement {
  const { stage, error } = failure;
  const code = codeOf(error);
  const cause = `(${code || error.message})`;
  if (UNRESOLVED.has(code)) return { result: 'SOCKET_ISSUE', detail: `the host name does not resolve ${cause}` };
  if (code === 'ECONNREFUSED')
    return { result: 'SOCKET_ISSUE', detail: 'connection refused: no server is listening there' };
  if (UNREACHABLE.has(code)) return { result: 'SOCKET_ISSUE', detail: `the host is unreachable ${cause}` };
  if (code === 'ETIMEDOUT') return { result: 'TIMED_OUT', detail: `${UNFINISHED[stage]} in time ${cause}` };
  if (code.startsWith('HPE_')) return judgeBrokenHttp(code, failure);
  if (isClose(code)) return judgeClose(isReset(code, error), failure);
  if (stage === 'handshake' || TLS.test(code))
    return { result: 'TLS_ISSUE', detail: describeTlsDefect(code, error.message) };
  return { result: 'OTHER', detail: `the request failed ${cause}` };
}

/** Result of the deadline of an attempt, which is TIMED_OUT at every stage. */
export function judgeDeadline(stage: Stage, timeoutMs: number): Judgement {
  return { result: 'TIMED_OUT', detail: `${UNFINISHED[stage]} within ${timeoutMs / 1000} s` };
}

const UNFINISHED: Readonly<Record<Stage, string>> = {
  connecting: 'the connection was not established',
  handshake: 'the TLS handshake was not complete',
  waiting: 'the request was sent, but no response began',
  answering: 'a response began, but was not complete',
};

function judgeBrokenHttp(code: string, { firstBytes, httpStatus }: Failure): Judgement {
  const start = Buffer.from(firstBytes).toString('latin1');
  if (httpStatus === null && !start.startsWith(HTTP_VERSION.slice(0, start.length))) {
    return { result: 'NO_RESPONSE', detail: `the response is not HTTP: it begins with ${quote(start)}` };
  }
  // Node reports a truncated response as a parse error.
  if (code === 'HPE_INVALID_EOF_STATE') return cutOff('closed', httpStatus);
  return { result: 'INVALID_RESPONSE', detail: `malformed HTTP response (${code})` };
}

function judgeClose(reset: boolean, { stage, httpStatus }: Failure): Judgement {
  const how = reset ? 'reset' : 'closed';
  if (stage === 'answering') return cutOff(how, httpStatus);
  const detail = `the connection was ${how} ${BEFORE[stage]}`;
  return { result: reset ? 'SOCKET_ISSUE' : CLOSED_DURING[stage], detail };
}

const BEFORE = {
  connecting: 'before it was established',
  handshake: 'during the TLS handshake',
  waiting: 'before a response began',
} as const;

const CLOSED_DURING = { connecting: 'SOCKET_ISSUE', handshake: 'TLS_ISSUE', waiting: 'NO_RESPONSE' } as const;

function cutOff(how: string, httpStatus: number | null): Judgement {
  const response = httpStatus === null ? 'the response' : `the response (${httpStatus})`;
  return { result: 'PREMATURE_CLOSE', detail: `the connection was ${how} before ${response} was complete` };
}

function isClose(code: string): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED';
}

/** Node reports ECONNRESET for a regular close too; only a real reset has a `syscall`. EPIPE follows a close. */
function isReset(code: string, error: Error): boolean {
  return code !== 'EPIPE' && 'syscall' in error && error.syscall !== undefined;
}

/** Code of an error, or of the first in an AggregateError, which has one for each address of a name. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error ? codeOf(first) : '';
}

/** Reasons for a rejected certificate, by Node's code. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate, or one above it, has expired',
  CERT_NOT_YET_VALID: 'the certificate, or one above it, is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in a root that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the chain is incomplete, or its root is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the chain is incomplete, or its root is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the chain is incomplete, or its root is not trusted: only the leaf certificate was sent',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
};

/** Reasons for a failed handshake, by OpenSSL's text. */
const SESSION: Readonly<Record<string, string>> = {
  'wrong version number': 'the server does not speak TLS on this port',
  'packet length too long': 'the server does not speak TLS on this port',
  'unsupported protocol': 'the server offers no TLS 1.2 or newer',
  'tlsv1 alert protocol version': 'the server offers no TLS 1.2 or newer',
  'sslv3 alert handshake failure':
    'the server rejected the handshake: no common cipher, or it requires a client certificate',
  'tlsv13 alert certificate required': 'the server requires a client certificate',
  'tlsv1 unrecognized name': 'the server has no certificate for this host name',
  'tlsv1 alert no application protocol': 'the server does not speak HTTP/1.1',
};

/** `error:0A00010B:SSL routines:ssl3_get_record:wrong version number:file:line`, as OpenSSL 3 writes it; Node calls it EPROTO. */
const OPENSSL_MESSAGE = /:SSL routines:[^:]*:([^:]+):/;

/** Describes a TLS failure, with its code, which can be searched for. Pure. */
export function describeTlsDefect(code: string, message: string): string {
  const reason =
    OPENSSL_MESSAGE.exec(message)?.[1] ??
    code
      .replace(/^ERR_SSL_/, '')
      .replaceAll('_', ' ')
      .toLowerCase();
  const description = CERTIFICATE[code] ?? SESSION[reason];
  const shown = code === 'EPROTO' ? reason : code || message;
  return description === undefined ? `TLS failed (${shown})` : `${description} (${shown})`;
}
