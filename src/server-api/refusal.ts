import { isLoopback } from '../address/reach.js';
import { type ErrorKind, ToolError } from '../errors.js';
import { type ClockDifference, clockDifference } from '../http/clock-difference.js';
import { adviseOnProxy, foreignResponse } from '../http/proxy.js';
import { type HttpResponse, parseRetryAfter } from '../http/request.js';
import { parseJsonObject } from '../jws/json.js';
import { teamPrefixOf } from '../notification/bundle-id.js';
import { type ApiErrorEntry, findApiError } from './errors.js';
import { unexpectedAnswer } from './responses.js';

/** Facts of the request that error messages mention. */
export interface RequestFacts {
  readonly host: string;
  readonly environment: 'sandbox' | 'production' | null;
  readonly issuerId: string;
  readonly keyId: string;
  readonly bundleId: string;
  /** As proxyOf gives it. */
  readonly proxy: string | null;
  readonly nowMs: number;
}

/** A response other than 200. `errorCode` is Apple's seven-digit code; null if the response has none, as every 401. */
export class ServerApiError extends ToolError {
  readonly status: number;
  readonly errorCode: number | null;
  /** Time (ms) from `Retry-After`; null if none. */
  readonly retryAtMs: number | null;
  readonly retryable: boolean;

  constructor(kind: ErrorKind, code: string, message: string, facts: RefusalFacts) {
    super(kind, code, message, facts.hint === undefined ? {} : { hint: facts.hint });
    this.status = facts.status;
    this.errorCode = facts.errorCode;
    this.retryAtMs = facts.retryAtMs;
    this.retryable = facts.retryable;
  }
}

interface RefusalFacts {
  readonly status: number;
  readonly errorCode: number | null;
  readonly retryAtMs: number | null;
  readonly retryable: boolean;
  readonly hint?: string;
}

/**
 * Converts a response other than 200 into an error: `ERR_API_UNAUTHENTICATED` and `ERR_API_CLOCK` for 401 and 403, `ERR_API_<NAME>` for each
 * documented code, `ERR_API_REFUSED` for an unknown code, `ERR_API_FAILED` for 5xx without a code, `ERR_API_ANSWER` for anything that Apple
 * does not send, such as the page of a proxy: that says nothing about the credentials.
 */
export function refusalOf(response: HttpResponse, request: RequestFacts): ToolError {
  const { status } = response;
  const body = parseJsonObject(response.body);
  const errorCode = typeof body?.errorCode === 'number' ? body.errorCode : null;
  const page = errorCode === null ? foreignResponse(response) : null;
  if (page !== null) return fromElsewhere(page, status, request);
  if (status === 401 || (status === 403 && errorCode === null)) return unauthenticated(response, request);
  const retryAtMs = parseRetryAfter(response.headers['retry-after'], request.nowMs);
  const errorMessage = typeof body?.errorMessage === 'string' ? body.errorMessage : null;
  const entry = findApiError(errorCode ?? (status === 429 ? 4290000 : 0));
  if (entry !== undefined) return documented(entry, status, retryAtMs);
  if (errorCode !== null) return unknownCode(errorCode, errorMessage, { status, retryAtMs }, request.host);
  if (status >= 500) return failed(status, retryAtMs, request.host);
  return unexpectedAnswer(request.host, `with HTTP status ${status} and no error code`);
}

function documented(entry: ApiErrorEntry, status: number, retryAtMs: number | null): ServerApiError {
  const { code: errorCode, name, meaning, next: hint, retryable } = entry;
  const kind = entry.kind === 'no' ? 'usage' : entry.kind;
  const when = retryAtMs === null ? '' : `; retry after ${momentText(retryAtMs)}`;
  const message = `Apple reports that ${meaning} (${errorCode} ${name})${when}`;
  return new ServerApiError(kind, toolCodeOf(name), message, { status, errorCode, retryAtMs, retryable, hint });
}

/** A code added later: its first three digits still give the kind of error. */
function unknownCode(
  errorCode: number,
  errorMessage: string | null,
  { status, retryAtMs }: Pick<RefusalFacts, 'status' | 'retryAtMs'>,
  host: string,
): ServerApiError {
  const said = errorMessage === null ? '' : `: ${errorMessage.slice(0, 300)}`;
  const message = `${host} rejected the request with error ${errorCode}${said}`;
  const retryable = status >= 500 || status === 429;
  const facts = {
    status,
    errorCode,
    retryAtMs,
    retryable,
    hint: 'This version does not know the code; see the App Store Server API documentation.',
  };
  return new ServerApiError(status < 500 && status !== 429 ? 'usage' : 'remote', 'ERR_API_REFUSED', message, facts);
}

/** A page instead of the API's JSON. 5xx is retried, as a gateway may be up again soon; the rest would be answered the same way again. */
function fromElsewhere(page: string, status: number, { host, proxy }: RequestFacts): ServerApiError {
  const isDown = status >= 500 && status !== 511;
  const facts = { status, errorCode: null, retryAtMs: null, retryable: isDown, hint: adviseOnProxy(host, proxy) };
  if (isDown)
    return new ServerApiError(
      'remote',
      'ERR_API_FAILED',
      `${host} failed with HTTP status ${status} and ${page}`,
      facts,
    );
  const { kind, code, message } = unexpectedAnswer(host, `${status} with ${page}`);
  return new ServerApiError(kind, code, message, facts);
}

function failed(status: number, retryAtMs: number | null, host: string): ServerApiError {
  const message = `${host} failed with HTTP status ${status}`;
  const facts = { status, errorCode: null, retryAtMs, retryable: true, hint: 'Try again later.' };
  return new ServerApiError('remote', 'ERR_API_FAILED', message, facts);
}

/** 401 is plain text: "Unauthenticated", then a line with a request id. Source: Apple's answers, apple.md 6.4. */
function unauthenticated({ status, headers, body }: HttpResponse, request: RequestFacts): ServerApiError {
  const requestId = /Request ID:?\s*([\w.-]{1,100})/i.exec(Buffer.from(body).toString('latin1'))?.[1] ?? null;
  const { code, message, hint } = describeUnauthenticated({
    ...request,
    status,
    clock: clockDifference(headers, request.nowMs),
    requestId,
    cause: causeFromEmulator(headers['storewire-cause'], request.host),
  });
  return new ServerApiError('auth', code, message, {
    status,
    errorCode: null,
    retryAtMs: null,
    retryable: false,
    hint,
  });
}

/** Cause in the emulator's header. Accepted from loopback only, as the text becomes part of our message. */
function causeFromEmulator(value: string | string[] | undefined, host: string): string | null {
  if (typeof value !== 'string' || !isLoopback(new URL(`http://${host}`).hostname)) return null;
  try {
    return decodeURIComponent(value).slice(0, LONGEST_CAUSE);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

const LONGEST_CAUSE = 300;

/** The error code of an error that Apple documents: StartDateTooFarInPast -> ERR_API_START_DATE_TOO_FAR_IN_PAST. */
export function toolCodeOf(name: string): `ERR_API_${string}` {
  const words = name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return `ERR_API_${words}`;
}

function momentText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

interface Unauthenticated {
  readonly host: string;
  readonly environment: 'sandbox' | 'production' | null;
  readonly issuerId: string;
  readonly keyId: string;
  readonly bundleId: string;
  /** 401 or 403. */
  readonly status: number;
  /** Null if the clocks agree or the response has no date. */
  readonly clock: ClockDifference | null;
  readonly requestId: string | null;
  /** Cause, given by the emulator only. */
  readonly cause: string | null;
}

/** A clock this far ahead gives tokens from Apple's future, as `iat` is a minute back; one this far behind expired tokens. */
const TOO_FAR_AHEAD_MS = 60_000;

const TOO_FAR_BEHIND_MS = 300_000;

/**
 * Explains rejected credentials. Apple's response gives no cause: a wrong clock shows in its Date header, and for the rest the hint names
 * every possible cause with the effective values. Source: apple.md 6.4.
 */
function describeUnauthenticated(facts: Unauthenticated): { code: string; message: string; hint: string } {
  const { host, status, clock, requestId, cause } = facts;
  const id = requestId === null ? '' : ` (request id ${requestId})`;
  if (clock !== null && (clock.aheadMs >= TOO_FAR_AHEAD_MS || clock.aheadMs <= -TOO_FAR_BEHIND_MS)) {
    const message = `${host} rejected the credentials (${status}): the clock of this machine is ${clock.words}${id}`;
    return { code: 'ERR_API_CLOCK', message, hint: 'Set the clock: a token is valid for five minutes.' };
  }
  const why = cause === null ? '' : `: ${cause}`;
  const message = `${host} rejected the credentials (${status})${why}${id}`;
  const likely =
    clock === null ? '' : `The clock of this machine is ${clock.words}, a likely cause: set it first (NTP). `;
  return { code: 'ERR_API_UNAUTHENTICATED', message, hint: likely + causes(facts) };
}

function causes({ environment, issuerId, keyId, bundleId }: Unauthenticated): string {
  const prefixed = teamPrefixOf(bundleId);
  const team =
    prefixed === null
      ? ''
      : `The bundle id begins with what looks like a team id, ${prefixed.teamId}: try --bundle-id ${prefixed.bundleId} first. `;
  const common =
    `${team}Check that issuer id ${issuerId} and key id ${keyId} belong to the .p8 file, that the key is not revoked, and that ` +
    `${bundleId} is an app of the same team. It must be an In-App Purchase key (SubscriptionKey_${keyId}.p8): a key for App Store ` +
    'Connect (AuthKey_….p8) is not valid here. `storewire config` shows the source of each value.';
  return environment === 'production' ? `${common} ${BEFORE_RELEASE}` : common;
}

/** Said by Apple's maintainers (app-store-server-library-python #51, -node #37 and #60), not in the documentation. */
const BEFORE_RELEASE =
  'Production also answers 401 to every request before the first release of the app: if --environment sandbox works ' +
  'with the same key, that is the cause.';
