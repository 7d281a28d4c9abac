/** The outcomes Apple names for one attempt to send a notification. Source: docs, sendAttemptResult (apple.md 6.3). */
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
  /** What Apple saw: one sentence. */
  readonly meaning: string;
  /** Where it usually comes from: one sentence, ours and not Apple's. */
  readonly cause: string;
  /** What to do next: one or two sentences; empty where there is nothing to do. */
  readonly hint: string;
}

/** Every outcome, success first, then in Apple's order. Causes and hints are ours: Apple documents none. */
export const SEND_ATTEMPTS: readonly SendAttemptEntry[] = [
  {
    value: 'SUCCESS',
    meaning: 'The endpoint answered with a status from 200 to 206.',
    cause: 'The endpoint took the notification.',
    hint: '',
  },
  {
    value: 'CIRCULAR_REDIRECT',
    meaning: 'The endpoint kept redirecting, and the redirects came to no end.',
    cause: 'A rule that turns http into https, or adds or removes a final slash or www, applies to its own result.',
    hint: 'Give Apple the address that answers by itself, and take the path out of every redirect rule.',
  },
  {
    value: 'INVALID_RESPONSE',
    meaning: 'An answer came, but it breaks the rules of HTTP.',
    cause: 'A hand-written server or a proxy sends a broken header, two lengths that differ, or a malformed chunk.',
    hint: 'Look at the raw answer with curl -v --http1.1 -d {} URL and repair what writes it.',
  },
  {
    value: 'NO_RESPONSE',
    meaning: 'A connection was made, but no HTTP response came over it.',
    cause:
      'The server closed the connection without a word, or something that does not speak HTTP listens on that port.',
    hint: 'Check the port of the URL, and the log of the server or proxy for a crash while it handled the request.',
  },
  {
    value: 'OTHER',
    meaning: 'The attempt failed for a reason that has no name of its own.',
    cause: 'Something unusual, such as a redirect to an address that is not http or https.',
    hint: 'Run `storewire check URL` from outside your network: it shows where the connection ends.',
  },
  {
    value: 'PREMATURE_CLOSE',
    meaning: 'The connection was closed before the exchange was complete.',
    cause: 'A proxy, a load balancer or the server itself dropped the connection in the middle of its answer.',
    hint: 'Look for a crash, a restart or an idle limit of the proxy, and for a Content-Length larger than the body.',
  },
  {
    value: 'SOCKET_ISSUE',
    meaning: 'The network failed: no connection could be made, or it broke.',
    cause: 'The name does not resolve, nothing listens on the port, or a firewall refuses or resets the connection.',
    hint: 'Let `storewire check URL` look at name and port from outside your network, and admit 17.0.0.0/8, where Apple sends from.',
  },
  {
    value: 'TIMED_OUT',
    meaning: 'No complete answer came in time.',
    cause: 'The endpoint works on the notification before it answers, or a firewall drops packets silently.',
    hint: 'Store the notification, answer 200 at once, and do the work afterwards. If nothing arrives, admit 17.0.0.0/8.',
  },
  {
    value: 'TLS_ISSUE',
    meaning: 'No TLS session could be set up, or the certificate could not be validated.',
    cause:
      'The certificate has expired, is self-signed, names another host or comes without its intermediate, or TLS 1.2 is off.',
    hint: 'Serve a certificate of a public authority with its whole chain, and TLS 1.2 or newer. `storewire check URL` names what is wrong.',
  },
  {
    value: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
    meaning: 'The endpoint answered with a status outside 200 to 206.',
    cause: 'The path is wrong, a login or bot protection stands in front, a redirect is sent, or the handler failed.',
    hint: 'Find the request in the log of the endpoint. Apple sends a POST without credentials and wants 200 for it.',
  },
  {
    value: 'UNSUPPORTED_CHARSET',
    meaning: 'The answer names a character set that is not supported.',
    cause: 'The Content-Type header of the answer carries a misspelt charset.',
    hint: 'Answer with charset=utf-8, or with no body and no Content-Type at all.',
  },
];

/** The name of TLS_ISSUE before App Store Server API 1.6; old records still carry it. */
const FORMER_NAMES: Readonly<Record<string, SendAttemptResult>> = { SSL_ISSUE: 'TLS_ISSUE' };

/** What is known about an outcome; undefined for one Apple added since. `SSL_ISSUE` is found as what it is called now. */
export function findSendAttempt(value: string): SendAttemptEntry | undefined {
  const name = Object.hasOwn(FORMER_NAMES, value) ? FORMER_NAMES[value] : value;
  return SEND_ATTEMPTS.find((entry) => entry.value === name);
}
