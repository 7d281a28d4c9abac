import { reachOf } from '../../address/reach.js';
import { findSendAttempt, type SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { type DeliveryResult, isSuccessStatus } from '../../sender/deliver.js';
import { blockedBy, type Looked, quoted, skipped } from '../step.js';
import { describeOpening, findIntermediary } from './intermediaries.js';
import {
  adviseOn,
  EXPECTED_STATUS,
  isHtml,
  isRedirected,
  judgeBelieved,
  judgeRedirect,
  judgeRefusal,
  REFUSALS,
} from './statuses.js';
import { type HttpFindings, POST_IDS, type PostId } from './titles.js';

/** What was seen of the POST. */
export interface PostSeen {
  readonly delivery: DeliveryResult;
  /** Bytes of the body. */
  readonly bodyBytes: number;
  /** What became of a small body, where it was worth asking; null otherwise. */
  readonly small: DeliveryResult | null;
  /** What speaks at the port instead of HTTP/1, where that could be told. */
  readonly speaks: 'tls' | 'http2' | null;
}

/** What the POST amounts to, step by step. One thing wrong fails one step, and the others that cannot be judged wait for it. Pure. */
export function judgePost(seen: PostSeen, url: URL): HttpFindings<PostId> {
  const [id, looked] = findDefect(seen, url) ?? ['http.status', judgeStatus(seen.delivery, url)];
  const passed = passedBefore(id, seen);
  const rest = POST_IDS.map((each) => [each, passed.get(each) ?? skipped(blockedBy({ id }))]);
  return { ...(Object.fromEntries(rest) as HttpFindings<PostId>), [id]: looked };
}

/** What is known beside the step named: those before it are all right, those after it cannot be told, but for the time. */
function passedBefore(id: PostId, { delivery, bodyBytes }: PostSeen): ReadonlyMap<PostId, Looked> {
  if (id === 'http.answer' || (!isComplete(delivery) && !isRedirected(delivery))) return new Map();
  const before: readonly (readonly [PostId, string])[] = [
    ['http.answer', 'answered'],
    ['http.version', 'answers HTTP/1.1'],
    ['http.wall', 'none recognised'],
    ['http.redirect', 'none'],
    ['http.size', `took ${bodyBytes} bytes`],
    ['http.charset', 'none that is unknown'],
  ];
  const passed = before.slice(0, POST_IDS.indexOf(id)).map(([each, seen]) => [each, { status: 'pass', seen }] as const);
  return new Map<PostId, Looked>([...passed, ['http.time', judgeTime(delivery.ms)]]);
}

/** The one thing that is wrong with how it answers; null where only the status is left to judge. */
function findDefect(seen: PostSeen, url: URL): readonly [PostId, Looked] | null {
  const { delivery } = seen;
  if (isTooSmall(seen)) return ['http.size', judgeSize(seen)];
  if (seen.speaks === 'http2' || delivery.httpStatus === 426 || delivery.httpStatus === 505)
    return ['http.version', judgeVersion(seen)];
  if (isTlsPort(seen)) return ['http.answer', judgeTlsPort(delivery)];
  if (!isComplete(delivery) && !isRedirected(delivery)) return ['http.answer', judgeNoAnswer(delivery, url)];
  const wall = findIntermediary({ ...delivery, status: delivery.httpStatus ?? 0, body: textOf(delivery) });
  if (wall !== null) return ['http.wall', { ...judgeWall(wall.name, delivery), hint: describeOpening(wall, url) }];
  if (isRedirected(delivery)) return ['http.redirect', judgeRedirect(delivery, url)];
  if (delivery.result === 'UNSUPPORTED_CHARSET') return ['http.charset', judgeCharset(delivery)];
  return null;
}

const COMPLETE = new Set<SendAttemptResult>(['SUCCESS', 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', 'UNSUPPORTED_CHARSET']);

/** Whether an answer came that can be looked at. */
export function isComplete({ result }: Pick<DeliveryResult, 'result'>): boolean {
  return COMPLETE.has(result);
}

function isTooSmall({ delivery, small }: PostSeen): boolean {
  return delivery.httpStatus === 413 || (!isComplete(delivery) && small !== null && isComplete(small));
}

function judgeSize({ delivery, bodyBytes, small }: PostSeen): Looked {
  const takesSmall = small !== null && isComplete(small) ? '; a small body is answered' : '';
  return {
    status: 'fail',
    seen: `a body of ${bodyBytes} bytes is too large for it: ${quoted(delivery.detail)}${takesSmall}`,
    expected: 'bodies of 18.8 KB, and room for more',
    sendAttemptResult: delivery.result,
    hint: 'Raise the limit for bodies to 1 MB (nginx: client_max_body_size; Express: express.json({ limit }); API gateways and firewalls have their own).',
  };
}

function judgeVersion({ delivery }: PostSeen): Looked {
  return {
    status: 'fail',
    seen:
      delivery.httpStatus === null
        ? 'the server speaks HTTP/2 only'
        : `answered ${delivery.httpStatus}: it wants another version of HTTP`,
    expected: 'HTTP/1.1, be it beside HTTP/2',
    sendAttemptResult: delivery.result,
    hint: 'Turn HTTP/1.1 on: that Apple sends over HTTP/2 is not documented.',
  };
}

/** What nginx, Apache and Go say to plain HTTP at a port of TLS. */
const SAYS_TLS =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL|HTTP request to an HTTPS server/;

function isTlsPort({ delivery, speaks }: PostSeen): boolean {
  return speaks === 'tls' || (delivery.httpStatus === 400 && SAYS_TLS.test(textOf(delivery)));
}

function judgeTlsPort({ result }: DeliveryResult): Looked {
  return {
    status: 'fail',
    seen: 'the server speaks TLS at this port',
    expected: 'an answer over plain http, as the URL says',
    sendAttemptResult: result,
    hint: 'Write https:// instead of http://.',
  };
}

/** Nobody listens where a machine of one's own refuses: neither DNS nor Apple's network has to do with it. */
function judgeNoAnswer({ result, detail }: DeliveryResult, { hostname }: URL): Looked {
  const looked = { status: 'fail', seen: quoted(detail), expected: 'an answer', sendAttemptResult: result } as const;
  if (result === 'TLS_ISSUE') return { ...looked, hint: 'The group tls says what is wrong with it.' };
  const isNear = result === 'SOCKET_ISSUE' && reachOf(hostname) !== 'public';
  const hint = isNear ? 'Start the endpoint, or correct the port of the URL.' : (findSendAttempt(result)?.hint ?? '');
  return { ...looked, hint };
}

function judgeWall(name: string, { result, httpStatus }: DeliveryResult): Looked {
  const reaches = result === 'SUCCESS' ? '; Apple would take it for delivered' : '';
  return {
    status: 'fail',
    seen: `${name} stands before the endpoint (${httpStatus})${reaches}`,
    expected: 'nothing that lets only some through',
    sendAttemptResult: result === 'SUCCESS' ? null : result,
  };
}

function judgeCharset({ result, headers }: DeliveryResult): Looked {
  return {
    status: 'fail',
    seen: `answered with Content-Type ${quoted(String(headers['content-type'] ?? ''))}`,
    expected: 'utf-8, or no charset',
    sendAttemptResult: result,
    hint: findSendAttempt(result)?.hint ?? '',
  };
}

function judgeStatus(delivery: DeliveryResult, url: URL): Looked {
  const { httpStatus: status, result } = delivery;
  const isPage = isHtml(textOf(delivery));
  if (status !== null && isSuccessStatus(status)) return judgeBelieved(status, isPage, url);
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

/** From where one feels it. Apple's own limit is not documented. */
const SLOW_MS = 1_000;

function judgeTime(ms: number): Looked {
  const seen = `${ms} ms`;
  if (ms <= SLOW_MS) return { status: 'pass', seen };
  const hint = 'Store the notification, answer, and do the work afterwards: how long Apple waits is not documented.';
  return { status: 'warn', seen, expected: 'an answer within 1 s', hint };
}

function textOf({ responseBody }: Pick<DeliveryResult, 'responseBody'>): string {
  return Buffer.from(responseBody).toString('utf8');
}
