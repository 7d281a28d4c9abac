import { isIP } from 'node:net';
import { reachOf } from '../../address/reach.js';
import type { ResponseEvidence } from '../../intermediary/mark.js';
import { isJsonObject, stringifyJson } from '../../jws/json.js';
import { type DeliveryResult, deliver } from '../../sender/deliver.js';
import { exchange } from '../../sender/exchange.js';
import { judgeDeadline, judgeFailure } from '../../sender/judge-failure.js';
import { type ResolveHost, resolveHost } from '../../sender/resolve-host.js';
import { createAuthority } from '../../simulator/authority/authority.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { buildNotification } from '../../simulator/payloads/notification.js';
import type { CheckContext } from '../context.js';
import { looksLikeHttp2, plainHttpRequest, probeRaw } from '../raw-probe.js';
import { blockedBy, findBlocker, makeStep, quoted, type Step, type StepOutcome, skipped } from '../step.js';
import { portOf, tryHandshake } from '../tls/observe.js';
import { isComplete, judgePost, type PostObservation } from './judge.js';
import { isRedirected } from './statuses.js';
import { HTTP_IDS, HTTP_TITLES, type HttpFindings, type HttpId } from './titles.js';

/**
 * Sends an unsigned POST of the size and shape of Apple's, as the emulator's sender does, then a GET. Without a response, a failure in
 * `previous` (steps of url, dns and tls) explains it and all steps are skipped. `addresses`: those of the host, if they are known. Plain http is used for loopback and private hosts only.
 * Steps: {@link HTTP_TITLES}. Throws ToolError `interrupted` if `context.signal` aborts.
 */
export async function checkHttp(
  url: URL,
  given: CheckContext,
  previous: readonly Step[] = [],
  addresses: readonly string[] = [],
): Promise<readonly Step[]> {
  const context = { ...given, resolve: resolveWith(url, addresses, given) };
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || reachOf(url.hostname) === 'public')) {
    return skipAll(blockedBy({ id: 'url.https' }));
  }
  const body = await makeProbe(context);
  const delivery = await send(url, body, context);
  const blocker = findBlocker(previous.filter(({ group }) => group === 'dns' || group === 'tls'));
  if (blocker !== undefined && !isAnswered(delivery)) return skipAll(blockedBy(blocker));
  const observed = { delivery, bodyBytes: Buffer.byteLength(body), ...UNTRIED };
  if (!isAnswered(delivery)) return show(judgeSilence(await investigateNoAnswer(url, observed, context), url));
  const [get, emptyPost] = await probeOthers(url, context);
  const seen = { ...(await compareSizes(url, observed, context)), get: get.evidence, emptyPost: emptyPost.evidence };
  const post = judgePost(seen, url);
  // What answered instead of the handler answers these as well: their result says nothing about the handler.
  const isWalled = post['http.wall'].status === 'fail';
  return show({
    ...post,
    'http.get': isWalled ? skipped(blockedBy({ id: 'http.wall' })) : judgeProbes(get, emptyPost),
  });
}

interface HttpContext extends CheckContext {
  readonly resolve: ResolveHost;
}

/** Requests go to the addresses that the other groups were checked at. A redirect may lead to another host. */
function resolveWith(url: URL, addresses: readonly string[], { resolver }: CheckContext): ResolveHost {
  return (hostname, signal) =>
    hostname === url.hostname && addresses.length > 0 ? Promise.resolve(addresses) : resolver.lookup(hostname, signal);
}

const UNTRIED = { small: null, padded: null, emptyPost: null, get: null, detectedProtocol: null } as const;

/** Outcomes without a response: a GET would add nothing. If only the size of the body is the cause, `http.size` names it. */
function judgeSilence(seen: PostObservation, url: URL): HttpFindings {
  const post = judgePost(seen, url);
  const cause = post['http.answer'].status === 'fail' ? 'http.answer' : 'http.size';
  return { ...post, 'http.get': skipped(blockedBy({ id: cause })) };
}

function show(findings: HttpFindings): readonly Step[] {
  return HTTP_IDS.map((id) => makeStep(id, HTTP_TITLES[id], findings[id]));
}

function skipAll(reason: string): readonly Step[] {
  return show(Object.fromEntries(HTTP_IDS.map((id) => [id, skipped(reason)])) as Record<HttpId, StepOutcome>);
}

/** Sends small bodies after a rejection, to distinguish a size limit from a rejection of the content. */
async function compareSizes(url: URL, seen: PostObservation, context: HttpContext): Promise<PostObservation> {
  const { delivery, bodyBytes } = seen;
  if (!MAY_LIMIT_SIZE.has(delivery.httpStatus ?? 0) || isRedirected(delivery)) return seen;
  const small = await send(url, SMALL_BODY, context);
  if (!isComplete(small) || small.httpStatus === delivery.httpStatus) return { ...seen, small };
  const padding = 'x'.repeat(Math.max(0, bodyBytes - SMALL_BODY.length - PADDING_BYTES));
  const padded = await send(url, stringifyJson({ ...SMALL_VALUE, padding }), context);
  return { ...seen, small, padded };
}

/** Statuses that firewalls, gateways and body parsers give to what is too large, 413 apart. */
const MAY_LIMIT_SIZE: ReadonlySet<number> = new Set([
  400, 401, 403, 404, 405, 406, 409, 415, 422, 429, 431, 500, 502, 503,
]);

/** Probes that explain a missing response: a small body, and the protocol on the port. */
async function investigateNoAnswer(url: URL, seen: PostObservation, context: HttpContext): Promise<PostObservation> {
  const { delivery } = seen;
  const small = MAY_BE_SIZE.has(delivery.result) ? await send(url, SMALL_BODY, context) : null;
  return { ...seen, small, detectedProtocol: await detectProtocol(url, delivery, context) };
}

function isAnswered(delivery: DeliveryResult): boolean {
  return isComplete(delivery) || isRedirected(delivery);
}

/** Results that a server may cause by ending a request that is too large, instead of answering 413. */
const MAY_BE_SIZE: ReadonlySet<string> = new Set(['SOCKET_ISSUE', 'NO_RESPONSE', 'PREMATURE_CLOSE', 'TIMED_OUT']);

const SMALL_VALUE = { signedPayload: 'storewire-check' };

const SMALL_BODY = stringifyJson(SMALL_VALUE);

/** `,"padding":""` */
const PADDING_BYTES = 13;

function send(url: URL, body: string, context: HttpContext): Promise<DeliveryResult> {
  const { timeoutMs, ca, resolve, sleep, now, signal, userAgent } = context;
  return deliver({
    url,
    body,
    timeoutMs,
    ca,
    resolve,
    sleep,
    now,
    ...(signal === undefined ? {} : { signal }),
    ...(userAgent === undefined ? {} : { userAgent }),
  });
}

/** For a check that nothing interrupts. */
const NEVER = new AbortController().signal;

async function detectProtocol(
  url: URL,
  { result }: DeliveryResult,
  context: HttpContext,
): Promise<PostObservation['detectedProtocol']> {
  if (url.protocol !== 'http:' || result !== 'NO_RESPONSE') return null;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const { addresses } = await resolveHost(url.hostname, context.signal ?? NEVER, context.resolve);
  const [address = host] = addresses;
  const [bytes, { session }] = await Promise.all([
    probeRaw(address, portOf(url), plainHttpRequest(url), context),
    tryHandshake(address, portOf(url), isIP(host) === 0 ? host : '', context),
  ]);
  if (session !== null) return 'tls';
  return looksLikeHttp2(bytes) ? 'http2' : null;
}

/** A GET or an empty POST and its response; `evidence` is null where none came, and `failure` says why. */
interface Probe {
  readonly method: string;
  readonly evidence: ResponseEvidence | null;
  readonly failure: string | null;
}

/** App Store Connect reportedly sends such requests when a URL is saved (apple.md 1); a guard answers them as it does a notification. */
function probeOthers(url: URL, context: HttpContext): Promise<readonly [get: Probe, emptyPost: Probe]> {
  return Promise.all([probe('GET', url, context), probe('POST', url, context)]);
}

async function probe(method: 'GET' | 'POST', url: URL, context: HttpContext): Promise<Probe> {
  const { sleep, timeoutMs, ca, resolve, userAgent = 'storewire', signal } = context;
  const name = method === 'GET' ? 'GET' : 'an empty POST';
  const done = new AbortController();
  const stop = new AbortController();
  const end = (): void => stop.abort();
  signal?.addEventListener('abort', end, { once: true });
  void sleep(timeoutMs, done.signal).then(end, end);
  try {
    const host = await resolveHost(url.hostname, stop.signal, resolve);
    const ending = await exchange({ url, method, body: new Uint8Array(0), userAgent, ca, host, signal: stop.signal });
    if (ending.kind === 'answer') {
      const { status, headers, body } = ending.answer;
      const evidence = { status, headers, body: Buffer.from(body).toString('utf8'), visited: [url.href] };
      return { method: name, evidence, failure: null };
    }
    const { detail } =
      ending.kind === 'failure' ? judgeFailure(ending.failure) : judgeDeadline(ending.stage, timeoutMs);
    return { method: name, evidence: null, failure: detail };
  } finally {
    done.abort();
    signal?.removeEventListener('abort', end);
  }
}

function judgeProbes(get: Probe, emptyPost: Probe): StepOutcome {
  const probes = [get, emptyPost];
  const silent = probes.find(({ failure }) => failure !== null);
  const expected = 'a response below 500 to both';
  if (silent !== undefined)
    return { status: 'warn', seen: `${silent.method}: ${quoted(silent.failure!)}`, expected, hint: SAVE_HINT };
  const broken = probes.filter(({ evidence }) => (evidence?.status ?? 0) >= 500);
  const seen = probes.map(({ method, evidence }) => `${method} answered ${evidence?.status}`).join(', ');
  if (broken.length === 0) return { status: 'pass', seen };
  return { status: 'warn', seen: `${seen}: App Store Connect may refuse to save the URL`, expected, hint: SAVE_HINT };
}

const SAVE_HINT =
  'Answer GET and an empty POST without failing: App Store Connect reportedly sends one when a URL is saved.';

/** Size of a real notification with two nested tokens (apple.md 1). */
const USUAL_BODY_BYTES = 18_800;

/** Belongs to no app. */
const BUNDLE_ID = 'invalid.storewire.check';

/** Body bytes per byte of padding: it is in two tokens inside a third, base64 each time. */
const GROWTH = 2 * (4 / 3) ** 2;

/**
 * A body with the shape and size of Apple's that fails every verification: its chain is generated here and its signature is invalid. It is
 * a TEST of an app that does not exist, so that it has no effect on a server that accepts it.
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

/** 64 bytes, the length of an ES256 signature, but not a valid one. */
const NO_SIGNATURE = Buffer.alloc(64, 1).toString('base64url');

function unsigned(jws: string): string {
  return `${jws.slice(0, jws.lastIndexOf('.'))}.${NO_SIGNATURE}`;
}
