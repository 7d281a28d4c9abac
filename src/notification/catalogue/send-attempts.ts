/** Results that Apple reports for one attempt to send a notification. Source: docs, sendAttemptResult (apple.md 6.3). */
export type SendAttemptResult =
  | 'SUCCESS'
  | 'CIRCULAR_REDIRECT'
  | 'INVALID_RESPONSE'
  | 'NO_RESPONSE'
  | 'OTHER'
  | 'PREMATURE_CLOSE'
  | 'SOCKET_ISSUE'
  | 'TIMED_OUT'
  | 'TLS_ISSUE'
  | 'UNSUCCESSFUL_HTTP_RESPONSE_CODE'
  | 'UNSUPPORTED_CHARSET';

interface SendAttemptEntry {
  readonly value: SendAttemptResult;
  /** The result as Apple observes it: one sentence. */
  readonly meaning: string;
  /** The usual cause: one sentence, not documented by Apple. */
  readonly cause: string;
  /** Next step for the user: one or two sentences; empty if none is needed. */
  readonly hint: string;
}

/** Every result, success first, then in Apple's order. Causes and hints are not from Apple, which documents none. */
export const SEND_ATTEMPTS: readonly SendAttemptEntry[] = [
  {
    value: 'SUCCESS',
    meaning: 'The endpoint responded with a status from 200 to 206.',
    cause: 'The endpoint accepted the notification.',
    hint: '',
  },
  {
    value: 'CIRCULAR_REDIRECT',
    meaning: 'The endpoint redirects in a loop.',
    cause:
      'A rule that redirects http to https, or adds or removes a trailing slash or www, also applies to its own result.',
    hint: 'Give Apple the final URL, and exclude its path from every redirect rule.',
  },
  {
    value: 'INVALID_RESPONSE',
    meaning: 'The endpoint sent a malformed HTTP response.',
    cause: 'A hand-written server or a proxy sends a malformed header, conflicting lengths or a malformed chunk.',
    hint: 'Inspect the raw response with curl -v --http1.1 -d {} URL, and fix the server or proxy that sends it.',
  },
  {
    value: 'NO_RESPONSE',
    meaning: 'A connection was established, but no HTTP response arrived.',
    cause: 'The server closed the connection without responding, or the service on that port does not speak HTTP.',
    hint: 'Check the port of the URL, and look for a crash during the request in the log of the server or proxy.',
  },
  {
    value: 'OTHER',
    meaning: 'The attempt failed for a reason that no other result covers.',
    cause: 'Something unusual, such as a redirect to a URL that is neither http nor https.',
    hint: 'Run `storewire check URL` from outside your network: it shows the step that fails.',
  },
  {
    value: 'PREMATURE_CLOSE',
    meaning: 'The connection was closed before the exchange was complete.',
    cause: 'A proxy, a load balancer or the server itself dropped the connection in the middle of the response.',
    hint: 'Look for a crash, a restart or an idle timeout of the proxy, and for a Content-Length larger than the body.',
  },
  {
    value: 'SOCKET_ISSUE',
    meaning: 'The network failed: no connection could be established, or it broke.',
    cause: 'The name does not resolve, nothing listens on the port, or a firewall rejects or resets the connection.',
    hint: 'Check DNS and port with `storewire check URL` from outside your network, and allow 17.0.0.0/8, the range Apple sends from.',
  },
  {
    value: 'TIMED_OUT',
    meaning: 'No complete response arrived in time.',
    cause: 'The endpoint processes the notification before it responds, or a firewall silently drops packets.',
    hint: 'Store the notification, respond 200 immediately, and process it afterwards. If nothing arrives, allow 17.0.0.0/8.',
  },
  {
    value: 'TLS_ISSUE',
    meaning: 'No TLS connection could be established, or the certificate could not be validated.',
    cause:
      'The certificate has expired, is self-signed, names another host or comes without its intermediate, or TLS 1.2 is disabled.',
    hint: 'Serve a certificate from a public CA with its full chain, and TLS 1.2 or newer. `storewire check URL` names the defect.',
  },
  {
    value: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
    meaning: 'The endpoint responded with a status outside 200 to 206.',
    cause:
      'The path is wrong, a login or bot protection intercepts the request, the endpoint redirects, or the handler failed.',
    hint: 'Find the request in the log of the endpoint. Apple sends a POST without credentials and expects 200.',
  },
  {
    value: 'UNSUPPORTED_CHARSET',
    meaning: 'The response names a character set that is not supported.',
    cause: 'The Content-Type header of the response has a misspelled charset.',
    hint: 'Respond with charset=utf-8, or with no body and no Content-Type.',
  },
];

/** TLS_ISSUE was called SSL_ISSUE before App Store Server API 1.6; old records still contain it. */
const FORMER_NAMES: Readonly<Record<string, SendAttemptResult>> = { SSL_ISSUE: 'TLS_ISSUE' };

/** The entry of a result; undefined for a result added by Apple later. The former name `SSL_ISSUE` finds `TLS_ISSUE`. */
export function findSendAttempt(value: string): SendAttemptEntry | undefined {
  const name = Object.hasOwn(FORMER_NAMES, value) ? FORMER_NAMES[value] : value;
  return SEND_ATTEMPTS.find((entry) => entry.value === name);
}
