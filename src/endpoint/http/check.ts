import { isIP } from 'node:net';
import { reachOf } from '../../http/reach.js';
import { type DeliveryResult, deliver } from '../../simulator/sender/deliver.js';
import { exchange } from '../../simulator/sender/exchange.js';
import { judgeDeadline, judgeFailure } from '../../simulator/sender/judge-failure.js';
import { blockedBy, findBlocker, type Looked, makeStep, quoted, skipped } from '../make-step.js';
import { helloOf, looksLikeHttp2, peek } from '../peek.js';
import type { Step } from '../step.js';
import { lookAt, portOf } from '../tls/observe.js';
import type { World } from '../world.js';
import { isComplete, judgePost, type PostSeen } from './judge.js';
import { makeProbe } from './probe.js';
import { isRedirected } from './redirects.js';
import { HTTP_IDS, HTTP_TITLES, type HttpFindings, type HttpId } from './titles.js';

/**
 * What the endpoint answers: a POST of a body like Apple's that nobody signed, sent as the emulator's sender does, then a GET. A POST
 * that gets no answer because of what an earlier step (`before`, of url, dns and tls) says is not judged again. Nothing is sent over
 * plain http but to this machine and private networks. Steps: those of {@link HTTP_TITLES}.
 * Throws ToolError `interrupted` where `world.signal` aborts.
 */
export async function checkHttp(url: URL, world: World, before: readonly Step[] = []): Promise<readonly Step[]> {
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || reachOf(url.hostname) === 'public')) {
    return skipAll(blockedBy({ id: 'url.https' }));
  }
  const body = await makeProbe(world);
  const delivery = await send(url, body, world);
  const blocker = findBlocker(before.filter(({ group }) => group === 'dns' || group === 'tls'));
  if (blocker !== undefined && !isAnswered(delivery)) return skipAll(blockedBy(blocker));
  const seen = await seeMore(url, { delivery, bodyBytes: Buffer.byteLength(body), small: null, speaks: null }, world);
  const post = judgePost(seen, url);
  const isSilent = post['http.answer'].status === 'fail';
  const get = isSilent ? skipped(blockedBy({ id: 'http.answer' })) : await seeGet(url, world);
  return show({ ...post, 'http.get': get });
}

function show(findings: HttpFindings): readonly Step[] {
  return HTTP_IDS.map((id) => makeStep(id, HTTP_TITLES[id], findings[id]));
}

function skipAll(why: string): readonly Step[] {
  return show(Object.fromEntries(HTTP_IDS.map((id) => [id, skipped(why)])) as Record<HttpId, Looked>);
}

/** What else there is to learn where no answer came. */
async function seeMore(url: URL, seen: PostSeen, world: World): Promise<PostSeen> {
  const { delivery } = seen;
  if (isAnswered(delivery)) return seen;
  const small = MAY_BE_SIZE.has(delivery.result) ? await send(url, SMALL_BODY, world) : null;
  return { ...seen, small, speaks: await seeWhatSpeaks(url, delivery, world) };
}

function isAnswered(delivery: DeliveryResult): boolean {
  return isComplete(delivery) || isRedirected(delivery);
}

/** How a server ends a request that is too large for it, when it does not answer 413. */
const MAY_BE_SIZE: ReadonlySet<string> = new Set(['SOCKET_ISSUE', 'NO_RESPONSE', 'PREMATURE_CLOSE', 'TIMED_OUT']);
const SMALL_BODY = '{"signedPayload":"storewire-check"}';

function send(url: URL, body: string, world: World): Promise<DeliveryResult> {
  const { timeoutMs, ca, sleep, now, signal, userAgent } = world;
  return deliver({
    url,
    body,
    timeoutMs,
    ca,
    sleep,
    now,
    ...(signal === undefined ? {} : { signal }),
    ...(userAgent === undefined ? {} : { userAgent }),
  });
}

async function seeWhatSpeaks(url: URL, { result }: DeliveryResult, world: World): Promise<PostSeen['speaks']> {
  if (url.protocol !== 'http:' || result !== 'NO_RESPONSE') return null;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const [bytes, { session }] = await Promise.all([
    peek(host, portOf(url), helloOf(url), world),
    lookAt(host, portOf(url), isIP(host) === 0 ? host : '', world),
  ]);
  if (session !== null) return 'tls';
  return looksLikeHttp2(bytes) ? 'http2' : null;
}

/** Whether a GET is answered at all: some report that App Store Connect asks so when a URL is saved. */
async function seeGet(url: URL, world: World): Promise<Looked> {
  const { sleep, timeoutMs, ca, userAgent = 'storewire', signal } = world;
  const done = new AbortController();
  const stop = new AbortController();
  const end = (): void => stop.abort();
  signal?.addEventListener('abort', end, { once: true });
  void sleep(timeoutMs, done.signal).then(end, end);
  try {
    const ending = await exchange({ url, method: 'GET', body: new Uint8Array(0), userAgent, ca, signal: stop.signal });
    if (ending.kind === 'answer') return { status: 'pass', seen: `answered ${ending.answer.status}` };
    const { detail } =
      ending.kind === 'failure' ? judgeFailure(ending.failure) : judgeDeadline(ending.stage, timeoutMs);
    return { status: 'warn', seen: quoted(detail), expected: 'any answer', hint: GET_HINT };
  } finally {
    done.abort();
    signal?.removeEventListener('abort', end);
  }
}

const GET_HINT = 'Answer GET too, with any status: App Store Connect is reported to ask the URL when it is saved.';
