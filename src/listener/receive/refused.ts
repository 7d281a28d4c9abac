/** Why a request never becomes a notification. `message` holds nothing of the peer's. */
export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Every reason there is, with what is answered. The path that would have been right is in none of them. */
export const REFUSED = {
  NOT_FROM_APPLE: { status: 403, message: 'only notifications from addresses of Apple are taken here' },
  NO_HOST: { status: 400, message: 'a request of HTTP/1.1 needs a Host header' },
  NOT_FOUND: { status: 404, message: 'nothing is to be found here' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'notifications are sent by POST' },
  EXPECTATION_FAILED: { status: 417, message: 'no expectation other than 100-continue can be met' },
  TOO_LARGE: { status: 413, message: 'the body is larger than any notification' },
  UNSUPPORTED_ENCODING: { status: 415, message: 'the body is compressed or otherwise encoded; send it as it is' },
  UNSUPPORTED_TYPE: { status: 415, message: 'the body is to be JSON: send it with Content-Type: application/json' },
  UNSUPPORTED_CHARSET: { status: 415, message: 'the body is to be UTF-8' },
  MALFORMED_HTTP: { status: 400, message: 'this is not HTTP as it is written down' },
  INCOMPLETE: { status: 400, message: 'the request broke off before it was complete' },
  HEADERS_TOO_LARGE: { status: 431, message: 'the headers are too large' },
  TIMED_OUT: { status: 408, message: 'the request was not complete in time' },
  CROWDED_OUT: { status: 408, message: 'closed to make room: no connection had waited longer for its request' },
  BUSY: { status: 503, message: 'too many requests wait for their answer; send it again later' },
  INTERNAL: { status: 503, message: 'the request could not be handled; send it again later' },
} as const satisfies Readonly<Record<string, Omit<Refused, 'code'>>>;

export type RefusedCode = keyof typeof REFUSED;

export function refusedBy(code: RefusedCode): Refused {
  return { code, ...REFUSED[code] };
}
