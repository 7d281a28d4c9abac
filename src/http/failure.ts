import { ToolError } from '../errors.js';

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_FAIL']);
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET']);
const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL']);
/** undici's parser names an error HTTPParserError and loses the code that Node would give (HPE_…). Seen with undici 7.30. */
const NOT_HTTP = 'HPE';
/** OpenSSL's reasons to refuse a certificate, as Node names them, and what goes wrong before one is seen. */
const TLS = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/**
 * What undici or Node throws for a request that got no answer, as a ToolError of kind `remote`. `host` goes into the message.
 * Codes: `ERR_HTTP_TIMEOUT`, `ERR_HTTP_TOO_LARGE`, `ERR_HTTP_UNREACHABLE`. Anything without a code is a bug of ours and comes
 * back unchanged, as does a ToolError.
 */
export function describeFailure(error: unknown, host: string): unknown {
  const code = codeOf(error);
  if (error instanceof ToolError || code === null || code === 'UND_ERR_INVALID_ARG') return error;
  const [toolCode, message] = describeCode(code);
  return new ToolError('remote', toolCode, `${host} ${message}`, { cause: error });
}

function describeCode(code: string): readonly [code: string, message: string] {
  if (TIMEOUTS.has(code)) return ['ERR_HTTP_TIMEOUT', 'could not be connected to in time'];
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return ['ERR_HTTP_TOO_LARGE', 'answered with headers that are too large'];
  if (UNRESOLVED.has(code)) return ['ERR_HTTP_UNREACHABLE', `could not be found: the name does not resolve (${code})`];
  if (code === 'ECONNREFUSED') return ['ERR_HTTP_UNREACHABLE', 'refused the connection'];
  if (BROKEN.has(code)) return ['ERR_HTTP_UNREACHABLE', 'closed the connection before the answer was complete'];
  if (NO_ROUTE.has(code)) return ['ERR_HTTP_UNREACHABLE', `cannot be reached from this network (${code})`];
  if (TLS.test(code)) return ['ERR_HTTP_UNREACHABLE', `could not be connected to securely (${code})`];
  if (code === NOT_HTTP) return ['ERR_HTTP_UNREACHABLE', 'answered with something that is not HTTP'];
  if (code.startsWith('HPE_')) return ['ERR_HTTP_UNREACHABLE', `answered with something that is not HTTP (${code})`];
  return ['ERR_HTTP_UNREACHABLE', `could not be asked (${code})`];
}

/** The code of an error, of the first of several (one per address tried), or of its cause. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.name === 'HTTPParserError') return NOT_HTTP;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}
