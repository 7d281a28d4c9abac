import { isIP } from 'node:net';
import { reachOf } from '../../address/reach.js';
import { isJsonObject, stringifyJson } from '../../jws/json.js';
import { type DeliveryResult, deliver } from '../../sender/deliver.js';
import { exchange } from '../../sender/exchange.js';
import { judgeDeadline, judgeFailure } from '../../sender/judge-failure.js';
import { createAuthority } from '../../simulator/authority/authority.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { buildNotification } from '../../simulator/payloads/notification.js';
import type { CheckContext } from '../context.js';
import { helloOf, looksLikeHttp2, probeRaw } from '../raw-probe.js';
import { blockedBy, findBlocker, type Looked, makeStep, quoted, type Step, skipped } from '../step.js';
import { lookAt, portOf } from '../tls/observe.js';
import { isComplete, judgePost, type PostSeen } from './judge.js';
import { isRedirected } from './statuses.js';
import { HTTP_IDS, HTTP_TITLES, type HttpFindings, type HttpId } from './titles.js';

/**
 * What the endpoint answers: a POST of a body like Apple's that nobody signed, sent as the emulator's sender does, then a GET. A POST
 * that gets no answer because of what an earlier step (`before`, of url, dns and tls) says is not judged again. Nothing is sent over
 * plain http but to this machine and private networks. Steps: those of {@link HTTP_TITLES}.
 * Throws ToolError `interrupted` where `world.signal` aborts.
 */
export async function checkHttp(url: URL, world: CheckContext, before: readonly Step[] = []): Promise<readonly Step[]> {
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
async function seeMore(url: URL, seen: PostSeen, world: CheckContext): Promise<PostSeen> {
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

function send(url: URL, body: string, world: CheckContext): Promise<DeliveryResult> {
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

async function seeWhatSpeaks(url: URL, { result }: DeliveryResult, world: CheckContext): Promise<PostSeen['speaks']> {
  if (url.protocol !== 'http:' || result !== 'NO_RESPONSE') return null;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const [bytes, { session }] = await Promise.all([
    probeRaw(host, portOf(url), helloOf(url), world),
    lookAt(host, portOf(url), isIP(host) === 0 ? host : '', world),
  ]);
  if (session !== null) return 'tls';
  return looksLikeHttp2(bytes) ? 'http2' : null;
}

/** Whether a GET is answered at all: some report that App Store Connect asks so when a URL is saved. */
async function seeGet(url: URL, world: CheckContext): Promise<Looked> {
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

/** Size of a real notification with two nested tokens (apple.md 1). */
const USUAL_BODY_BYTES = 18_800;

/** Nobody's. */
const BUNDLE_ID = 'invalid.storewire.check';

/** How many bytes of the body one of padding makes: it is in two tokens, which are in a third, each in base64. */
const GROWTH = 2 * (4 / 3) ** 2;

/**
 * A body like Apple's in shape and size that no server can take for Apple's: its chain is made up on the spot and its signature signs
 * nothing. Its type is TEST and its app nobody's, so that a server that believes it all the same has nothing to do.
 */
export async function makeProbe({ now, random }: Pick<CheckContext, 'now' | 'random'>): Promise<string> {
  const nowMs = now();
  const chain = await (await createAuthority({ nowMs })).issueChain();
  const { notification } = buildNotification({ type: 'TEST', nowMs, random, bundleId: BUNDLE_ID });
  const data = isJsonObject(notification.data) ? notification.data : {};
  const make = (padding: number): string => {
    const token = unsigned(signPayload({ bundleId: BUNDLE_ID, padding: 'x'.repeat(padding) }, chain));
    const filled = { ...data, signedTransactionInfo: token, signedRenewalInfo: token };
    return stringifyJson({ signedPayload: unsigned(signPayload({ ...notification, data: filled }, chain)) });
  };
  const missing = Math.max(0, USUAL_BODY_BYTES - make(0).length);
  return make(Math.round(missing / GROWTH));
}

/** An ES256 signature has 64 bytes; these are nobody's. */
const NO_SIGNATURE = Buffer.alloc(64, 1).toString('base64url');

function unsigned(jws: string): string {
  return `${jws.slice(0, jws.lastIndexOf('.'))}.${NO_SIGNATURE}`;
}
