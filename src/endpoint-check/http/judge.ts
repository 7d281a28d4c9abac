import { reachOf } from '../../address/reach.js';
import {
  adviseOnIntermediary,
  asksForCredentials,
  identifyIntermediary,
  isHtmlPage,
  POSSIBLE_GUARD,
  refusesEveryone,
  UNKNOWN_GUARD,
} from '../../intermediary/identify.js';
import type { Intermediary, ResponseEvidence } from '../../intermediary/mark.js';
import { findSendAttempt, type SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { type DeliveryResult, isSuccessStatus } from '../../sender/deliver.js';
import { blockedBy, quoted, type StepOutcome, skipped } from '../step.js';
import {
  adviseOnStatus,
  EXPECTED_STATUS,
  isRedirected,
  judgeAccepted,
  judgeRedirect,
  judgeRefusal,
  REFUSALS,
} from './statuses.js';
import { type HttpFindings, POST_IDS, type PostId } from './titles.js';

/** Observations of the POST. */
export interface PostObservation {
  readonly delivery: DeliveryResult;
  /** Size of the body sent. */
  readonly bodyBytes: number;
  /** Delivery of a small body; null if not tried. */
  readonly small: DeliveryResult | null;
  /** Delivery of the small body padded to the size of a notification; null if not tried. */
  readonly padded: DeliveryResult | null;
  /** Responses to an empty POST and to a GET; null if not tried or incomplete. */
  readonly emptyPost: ResponseEvidence | null;
  readonly get: ResponseEvidence | null;
  /** Protocol on the port other than HTTP/1, if detected. */
  readonly detectedProtocol: 'tls' | 'http2' | null;
}

/** Steps of the POST. One defect fails one step; those that depend on it are skipped. Pure. */
export function judgePost(seen: PostObservation, url: URL): HttpFindings<PostId> {
  const [id, outcome] = findDefect(seen, url) ?? ['http.status', judgeStatus(seen, url)];
  const passed = passedBefore(id, seen);
  const rest = POST_IDS.map((each) => [each, passed.get(each) ?? skipped(blockedBy({ id }))]);
  return { ...(Object.fromEntries(rest) as HttpFindings<PostId>), [id]: outcome };
}

/** Steps that pass before the given one, and the response time, which is always known. */
function passedBefore(id: PostId, { delivery, bodyBytes }: PostObservation): ReadonlyMap<PostId, StepOutcome> {
  if (id === 'http.answer' || (!isComplete(delivery) && !isRedirected(delivery))) return new Map();
  const passed: readonly (readonly [PostId, string])[] = [
    ['http.answer', 'responded'],
    ['http.version', 'HTTP/1.1'],
    ['http.wall', 'none detected'],
    ['http.redirect', 'none'],
    ['http.size', `accepted ${bodyBytes} bytes`],
    ['http.charset', 'OK'],
  ];
  const steps = passed.slice(0, POST_IDS.indexOf(id)).map(([each, seen]) => [each, { status: 'pass', seen }] as const);
  return new Map<PostId, StepOutcome>([...steps, ['http.time', judgeTime(delivery.ms)]]);
}

/** The first defect of the response other than its status; null if there is none. */
function findDefect(seen: PostObservation, url: URL): readonly [PostId, StepOutcome] | null {
  const { delivery } = seen;
  if (isTooLarge(seen)) return ['http.size', judgeSize(seen)];
  if (seen.detectedProtocol === 'http2' || delivery.httpStatus === 426 || delivery.httpStatus === 505)
    return ['http.version', judgeVersion(seen)];
  if (isTlsPort(seen)) return ['http.answer', judgeTlsPort(delivery)];
  if (!isComplete(delivery) && !isRedirected(delivery)) return ['http.answer', judgeNoAnswer(delivery, url)];
  const intermediary = identifyIntermediary(evidenceOf(delivery));
  if (intermediary?.isCertain) return ['http.wall', judgeIntermediary(intermediary, delivery, url)];
  if (refusedToAll(seen, intermediary) === 'all')
    return ['http.wall', judgeIntermediary(intermediary ?? UNKNOWN_GUARD, delivery, url)];
  if (isRedirected(delivery)) return ['http.redirect', judgeRedirect(delivery, url)];
  if (delivery.result === 'UNSUPPORTED_CHARSET') return ['http.charset', judgeCharset(delivery)];
  return null;
}

const COMPLETE = new Set<SendAttemptResult>(['SUCCESS', 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', 'UNSUPPORTED_CHARSET']);

/** True if the response is complete. */
export function isComplete({ result }: Pick<DeliveryResult, 'result'>): boolean {
  return COMPLETE.has(result);
}

function isTooLarge(seen: PostObservation): boolean {
  const { delivery, small } = seen;
  return (
    delivery.httpStatus === 413 ||
    (!isComplete(delivery) && small !== null && isComplete(small)) ||
    isRefusedForSize(seen)
  );
}

/**
 * A refusal that a small body does not get, and that the same small body gets once it is padded: only its size can be the reason. A handler
 * that distinguishes malformed from forged tokens answers the padded body like the small one.
 */
function isRefusedForSize({ delivery, small, padded }: PostObservation): boolean {
  if (small === null || padded === null || !isComplete(small) || !isComplete(delivery)) return false;
  return padded.httpStatus === delivery.httpStatus && small.httpStatus !== delivery.httpStatus;
}

function refusedToAll(
  { delivery, emptyPost, get }: PostObservation,
  intermediary: Intermediary | null,
): 'all' | 'post' | null {
  return refusesEveryone({ notification: evidenceOf(delivery), emptyPost, get }, intermediary !== null);
}

/** The response as intermediaries are recognised by it. */
function evidenceOf(delivery: DeliveryResult): ResponseEvidence {
  const { headers, visited, httpStatus } = delivery;
  return { status: httpStatus ?? 0, headers, visited, body: textOf(delivery) };
}

function judgeSize(seen: PostObservation): StepOutcome {
  const { delivery, bodyBytes, small } = seen;
  if (isRefusedForSize(seen)) return judgeSizeRefusal(seen, small!);
  const acceptsSmall = small !== null && isComplete(small) ? '; a small body gets a response' : '';
  return {
    status: 'fail',
    seen: `a body of ${bodyBytes} bytes is too large: ${quoted(delivery.detail)}${acceptsSmall}`,
    expected: 'bodies of 18.8 KB, with room for more',
    sendAttemptResult: delivery.result,
    hint: 'Raise the body size limit to 1 MB (nginx: client_max_body_size; Express: express.json({ limit }); API gateways and firewalls have their own).',
  };
}

function judgeSizeRefusal({ delivery, bodyBytes }: PostObservation, small: DeliveryResult): StepOutcome {
  const kilobytes = (bodyBytes / 1000).toFixed(1);
  return {
    status: 'fail',
    seen: `a small body is answered ${small.httpStatus}, one of ${kilobytes} KB ${delivery.httpStatus}: something limits the size`,
    expected: 'the same response to bodies of any size up to 1 MB',
    sendAttemptResult: delivery.result,
    hint: 'Raise the limit for this path (AWS WAF: SizeRestrictions_BODY of the core rule set; nginx: client_max_body_size; Express: express.json({ limit })).',
  };
}

function judgeVersion({ delivery }: PostObservation): StepOutcome {
  return {
    status: 'fail',
    seen:
      delivery.httpStatus === null
        ? 'the server speaks HTTP/2 only'
        : `answered ${delivery.httpStatus}: it requires another HTTP version`,
    expected: 'HTTP/1.1 (HTTP/2 optional)',
    sendAttemptResult: delivery.result,
    hint: 'Enable HTTP/1.1. Apple does not document that it sends over HTTP/2.',
  };
}

/** Replies of nginx, Apache and Go to plain HTTP on a TLS port. */
const TLS_PORT_REPLY =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL|HTTP request to an HTTPS server/;

function isTlsPort({ delivery, detectedProtocol }: PostObservation): boolean {
  return detectedProtocol === 'tls' || (delivery.httpStatus === 400 && TLS_PORT_REPLY.test(textOf(delivery)));
}

function judgeTlsPort({ result }: DeliveryResult): StepOutcome {
  return {
    status: 'fail',
    seen: 'the server speaks TLS on this port',
    expected: 'plain HTTP, as in the URL',
    sendAttemptResult: result,
    hint: 'Use https:// instead of http://.',
  };
}

/** A local host that refuses connections has no listener: advice about DNS or Apple's network would mislead. */
function judgeNoAnswer({ result, detail }: DeliveryResult, { hostname }: URL): StepOutcome {
  const outcome = { status: 'fail', seen: quoted(detail), expected: 'a response', sendAttemptResult: result } as const;
  if (result === 'TLS_ISSUE') return { ...outcome, hint: 'See the tls group for the cause.' };
  const isLocal = result === 'SOCKET_ISSUE' && reachOf(hostname) !== 'public';
  const hint = isLocal ? 'Start the endpoint, or correct the port in the URL.' : (findSendAttempt(result)?.hint ?? '');
  return { ...outcome, hint };
}

/** A validator of the body is part of the application: it answers before the handler, but not instead of it. */
const ORIGIN: Readonly<Partial<Record<Intermediary['kind'], string>>> = {
  model: 'before the handler verified anything',
};

function judgeIntermediary(intermediary: Intermediary, delivery: DeliveryResult, url: URL): StepOutcome {
  const { result, httpStatus, redirectStatus } = delivery;
  const status = redirectStatus ?? httpStatus;
  const isDelivered = result === 'SUCCESS';
  // A redirect to a login is refused as a redirect, whether or not the host it leads to can be reached from here.
  const reported = redirectStatus === null ? result : 'UNSUCCESSFUL_HTTP_RESPONSE_CODE';
  return {
    status: 'fail',
    seen: `answered ${status}, ${ORIGIN[intermediary.kind] ?? 'not by the handler'}: ${intermediary.name}${isDelivered ? '; Apple would count it as delivered' : ''}`,
    expected: 'a response of the handler',
    sendAttemptResult: isDelivered ? null : reported,
    hint: adviseOnIntermediary(intermediary, url),
  };
}

function judgeCharset({ result, headers }: DeliveryResult): StepOutcome {
  return {
    status: 'fail',
    seen: `responded with Content-Type ${quoted(String(headers['content-type'] ?? ''))}`,
    expected: 'utf-8, or no charset',
    sendAttemptResult: result,
    hint: findSendAttempt(result)?.hint ?? '',
  };
}

function judgeStatus(seen: PostObservation, url: URL): StepOutcome {
  const { delivery } = seen;
  const { httpStatus: status, result } = delivery;
  const body = textOf(delivery);
  if (status !== null && isSuccessStatus(status)) return judgeAccepted(status, body, url);
  if (status !== null && REFUSALS.includes(status))
    return judgeUncertain(seen, status, url) ?? judgeRefusal(status, isHtmlPage(body));
  const { seen: observed, hint } = adviseOnStatus(status ?? 0);
  return {
    status: 'fail',
    seen: `answered ${status}: ${observed}`,
    expected: EXPECTED_STATUS,
    sendAttemptResult: result,
    hint,
  };
}

/** A refusal that an empty POST gets as well, and that speaks like a guard's: its origin is not certain from outside. A page has a rule of its own. */
function judgeUncertain(seen: PostObservation, status: number, url: URL): StepOutcome | null {
  const marked = identifyIntermediary(evidenceOf(seen.delivery));
  if (refusedToAll(seen, marked) === null || (marked === null && isHtmlPage(textOf(seen.delivery)))) return null;
  if (marked === null && !asksForCredentials(evidenceOf(seen.delivery))) return null;
  const intermediary = marked ?? POSSIBLE_GUARD;
  return {
    status: 'warn',
    seen: `answered ${status}, and the same to an empty POST: the handler, or ${intermediary.name}`,
    expected: 'a refusal that is clearly from the handler',
    hint: `If it is not the handler: ${adviseOnIntermediary(intermediary, url)} If it is, answer 400 to an empty body.`,
  };
}

/** Threshold of a warning; Apple does not document its timeout. */
const SLOW_MS = 1_000;

function judgeTime(ms: number): StepOutcome {
  const seen = `${ms} ms`;
  if (ms <= SLOW_MS) return { status: 'pass', seen };
  const hint = 'Store the notification, answer, then process it. Apple does not document its timeout.';
  return { status: 'warn', seen, expected: 'a response within 1 s', hint };
}

function textOf({ responseBody }: Pick<DeliveryResult, 'responseBody'>): string {
  return Buffer.from(responseBody).toString('utf8');
}
