import type { AppEnvironment } from '../../simulator/payloads/app.js';
import { bearerToken, type EmulatorRequest, type EmulatorResponse } from '../http.js';

/** A call of the Server API that was answered. Texts are the client's: escape them before display. */
export interface ReceivedCall {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly environment: AppEnvironment;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  /** Apple's error code; null if the response has none. */
  readonly errorCode: number | null;
  /** As in the header `x-request-id` of the response, and in the text of a 401. */
  readonly requestId: string;
  /** Key id that the token names, which is not verified where `status` is 401; null without a readable token. */
  readonly keyId: string | null;
  readonly userAgent: string | null;
}

/** Longest text of a client to keep. */
const LONGEST_TEXT = 500;

/** The latest calls, in memory, and the number of all. */
export class CallLog {
  readonly #limit: number;
  readonly #calls: ReceivedCall[] = [];
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(call: ReceivedCall): void {
    this.#total += 1;
    this.#calls.push(call);
    if (this.#calls.length > this.#limit) this.#calls.shift();
  }

  /** The last `count` calls, oldest first. */
  latest(count: number): readonly ReceivedCall[] {
    return this.#calls.slice(-count);
  }

  get total(): number {
    return this.#total;
  }
}

export function describeCall(
  request: EmulatorRequest,
  response: EmulatorResponse,
  facts: Pick<ReceivedCall, 'atMs' | 'environment' | 'requestId'>,
): ReceivedCall {
  const { method, url, headers } = request;
  const { status, errorCode } = response;
  return {
    atMs: facts.atMs,
    environment: facts.environment,
    method,
    path: (url.pathname + url.search).slice(0, LONGEST_TEXT),
    status,
    errorCode: typeof errorCode === 'number' ? errorCode : null,
    requestId: facts.requestId,
    keyId: keyIdOf(bearerToken(request)),
    userAgent: headers['user-agent']?.slice(0, LONGEST_TEXT) ?? null,
  };
}

function keyIdOf(token: string | null): string | null {
  const [header = ''] = (token ?? '').split('.');
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown };
    return typeof kid === 'string' ? kid.slice(0, LONGEST_TEXT) : null;
  } catch {
    // Not a token; the response says so.
    return null;
  }
}
