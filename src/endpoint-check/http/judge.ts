import { reachOf } from '../../address/reach.js';
import { findSendAttempt, type SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { type DeliveryResult, isSuccessStatus } from '../../sender/deliver.js';
import { blockedBy, quoted, type StepOutcome, skipped } from '../step.js';
import { adviseOnIntermediary, findIntermediary } from './intermediaries.js';
import {
  adviseOn,
  EXPECTED_STATUS,
  isHtml,
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
  /** Protocol on the port other than HTTP/1, if detected. */
  readonly detectedProtocol: 'tls' | 'http2' | null;
}

/** Steps of the POST. One defect fails one step; those that depend on it are skipped. Pure. */
export function judgePost(seen: PostObservation, url: URL): HttpFindings<PostId> {
  const [id, outcome] = findDefect(seen, url) ?? ['http.status', judgeStatus(seen.delivery, url)];
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
  const intermediary = findIntermediary({ ...delivery, status: delivery.httpStatus ?? 0, body: textOf(delivery) });
  if (intermediary !== null) {
    const hint = adviseOnIntermediary(intermediary, url);
    return ['http.wall', { ...judgeIntermediary(intermediary.name, delivery), hint }];
  }
  if (isRedirected(delivery)) return ['http.redirect', judgeRedirect(delivery, url)];
  if (delivery.result === 'UNSUPPORTED_CHARSET') return ['http.charset', judgeCharset(delivery)];
  return null;
}

const COMPLETE = new Set<SendAttemptResult>(['SUCCESS', 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', 'UNSUPPORTED_CHARSET']);

/** True if the response is complete. */
export function isComplete({ result }: Pick<DeliveryResult, 'result'>): boolean {
  return COMPLETE.has(result);
}

function isTooLarge({ delivery, small }: PostObservation): boolean {
  return delivery.httpStatus === 413 || (!isComplete(delivery) && small !== null && isComplete(small));
}

function judgeSize({ delivery, bodyBytes, small }: PostObservation): StepOutcome {
  const acceptsSmall = small !== null && isComplete(small) ? '; a small body gets a response' : '';
  return {
    status: 'fail',
    seen: `a body of ${bodyBytes} bytes is too large: ${quoted(delivery.detail)}${acceptsSmall}`,
    expected: 'bodies of 18.8 KB, with room for more',
    sendAttemptResult: delivery.result,
    hint: 'Raise the body size limit to 1 MB (nginx: client_max_body_size; Express: express.json({ limit }); API gateways and firewalls have their own).',
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

function judgeIntermediary(name: string, { result, httpStatus }: DeliveryResult): StepOutcome {
  const note = result === 'SUCCESS' ? '; Apple would count it as delivered' : '';
  return {
    status: 'fail',
    seen: `blocked by ${name} (${httpStatus})${note}`,
    expected: 'no login, firewall or challenge in front of the endpoint',
    sendAttemptResult: result === 'SUCCESS' ? null : result,
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

function judgeStatus(delivery: DeliveryResult, url: URL): StepOutcome {
  const { httpStatus: status, result } = delivery;
  const isPage = isHtml(textOf(delivery));
  if (status !== null && isSuccessStatus(status)) return judgeAccepted(status, isPage, url);
  if (status !== null && REFUSALS.includes(status)) return judgeRefusal(status, isPage);
  const { seen, hint } = adviseOn(status ?? 0);
  return {
    status: 'fail',
    seen: `answered ${status}: ${seen}`,
    expected: EXPECTED_STATUS,
    sendAttemptResult: result,
    hint,
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
