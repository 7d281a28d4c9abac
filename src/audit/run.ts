import { setMaxListeners } from 'node:events';
import type { Dispatcher } from 'undici';
import { ToolError } from '../errors.js';
import { request } from '../http/request.js';
import type { Authority } from '../simulator/authority/authority.js';
import type { Random } from '../simulator/random.js';
import { FORGERIES } from './forgeries/forgeries.js';
import { type GenuineToken, planGenuine } from './forgeries/genuine.js';
import {
  type AuditedApp,
  createForgeryKit,
  type Forgery,
  type ForgeryKit,
  type NamedIds,
  type Post,
} from './forgery.js';
import { BURST, INVALID_CONTROLS, NEEDS_TRUST, OBSERVATION_PROBES, VALID_CONTROLS } from './probes.js';
import {
  type Answer,
  type AuditReport,
  type Control,
  type Evidence,
  isTaken,
  judgeAudit,
  type Observation,
  type Sent,
} from './report.js';

export interface AuditOptions {
  readonly url: URL;
  /** As it may stand in a report. */
  readonly shownUrl: string;
  readonly app: AuditedApp;
  /** Whether somebody said which app it is: without that, no genuine notification can be told for another's. */
  readonly isAppKnown: boolean;
  readonly authority: Authority;
  /** Whether the authority's root is trusted there: then a notification in order is sent, too. */
  readonly control: boolean;
  readonly genuine: readonly GenuineToken[];
  /** The moment (ms) after which nothing more is sent. */
  readonly deadlineMs: number;
}

/** Whether what was sent took effect: true is yes. */
export type AskEffect = (sent: NamedIds & { readonly id: string }) => Promise<boolean>;

export interface AuditDeps extends SendDeps {
  readonly random: Random;
  readonly askEffect: AskEffect | null;
  /** Told before each thing is sent. */
  readonly onProgress: (done: number, total: number, id: string) => void;
}

/** So many in a row without an answer: the next would have none either. */
const MOST_UNANSWERED = 3;

/** Listeners on the signal: each of a burst has two. */
const MOST_AT_ONCE = 2 * BURST + 10;

/**
 * Audits one endpoint: controls, then forgeries, then what is only observed, never more than twenty requests a second. Whatever the
 * endpoint does is in the report. Throws ToolError `remote` where the very first request has no answer, and `interrupted`.
 */
export async function auditEndpoint(options: AuditOptions, deps: AuditDeps): Promise<AuditReport> {
  const { url, shownUrl, app, authority, control, genuine } = options;
  // A burst waits for many turns and answers at once; more than ten listeners look like a leak to Node, which then says so.
  if (deps.signal !== undefined) setMaxListeners(MOST_AT_ONCE, deps.signal);
  const workshop = await createForgeryKit({ app, authority, nowMs: deps.now(), random: deps.random });
  const { forgeries: madeOfGenuine, notMade } = planGenuine(genuine, options.isAppKnown ? app.bundleId : null);
  const forgeries = [...FORGERIES, ...madeOfGenuine];
  const plans = [...INVALID_CONTROLS, ...(control ? VALID_CONTROLS : [])];
  const courier = openCourier(url, plans.length + forgeries.length + OBSERVATION_PROBES.length, options, deps);
  const controls: Control[] = [];
  for (const { make, ...plan } of plans) {
    controls.push({ ...plan, ...(await courier.sendOne(plan.id, make(workshop))) });
  }
  const { attempts, brokenOff } = await sendForgeries(forgeries, workshop, courier);
  const isTrusted = controls.some(({ kind, httpStatus }) => kind === 'good' && isTaken({ httpStatus }));
  const observations = await observeAll(workshop, courier, isTrusted, brokenOff !== null);
  const evidence = await lookAgain({ controls, attempts, brokenOff }, deps.askEffect);
  return {
    url: shownUrl,
    ...judgeAudit(evidence),
    controls: evidence.controls,
    observations,
    notSent: forgeries.slice(attempts.length).map(({ id }) => id),
    notMade,
  };
}

interface Courier {
  /** Null where nothing more is to be sent, and why. */
  stopped(): Evidence['brokenOff'];
  /** Sends in turn and asks for the effect. */
  sendOne(id: string, post: Post): Promise<Sent>;
  /** Sends in turn. */
  post(post: Post): ReturnType<typeof send>;
  tell(id: string): void;
}

function openCourier(url: URL, total: number, { deadlineMs }: AuditOptions, deps: AuditDeps): Courier {
  const turn = createPace(deps);
  let done = 0;
  let isReached = false;
  let unansweredInRow = 0;
  const post: Courier['post'] = async (body) => {
    await turn();
    const timeoutMs = Math.min(deps.timeoutMs, Math.max(1, deadlineMs - deps.now()));
    const answer = await send(url, body, { ...deps, timeoutMs });
    if (answer.httpStatus === null && !isReached) throw unreachable(answer.failure);
    isReached = true;
    unansweredInRow = answer.httpStatus === null ? unansweredInRow + 1 : 0;
    return answer;
  };
  const tell = (id: string): void => {
    done += 1;
    deps.onProgress(done, total, id);
  };
  return {
    post,
    tell,
    stopped() {
      if (unansweredInRow >= MOST_UNANSWERED) return 'unanswered';
      return deps.now() >= deadlineMs ? 'deadline' : null;
    },
    async sendOne(id, body) {
      tell(id);
      const answer = await post(body);
      const { notificationUUID, originalTransactionId } = body;
      const ids = { notificationUUID, originalTransactionId };
      const tookEffect = deps.askEffect === null ? null : await deps.askEffect({ id, ...ids });
      return { id, ...ids, ...answer, tookEffect };
    },
  };
}

type Unjudged = Evidence['attempts'][number];

async function sendForgeries(
  forgeries: readonly Forgery[],
  workshop: ForgeryKit,
  courier: Courier,
): Promise<Pick<Evidence, 'attempts' | 'brokenOff'>> {
  const attempts: Unjudged[] = [];
  for (const { make, ...facts } of forgeries) {
    const brokenOff = courier.stopped();
    if (brokenOff !== null) return { attempts, brokenOff };
    attempts.push({ ...facts, ...(await courier.sendOne(facts.id, await make(workshop))) });
  }
  return { attempts, brokenOff: null };
}

async function observeAll(
  workshop: ForgeryKit,
  courier: Courier,
  isTrusted: boolean,
  isBrokenOff: boolean,
): Promise<readonly Observation[]> {
  const observations: Observation[] = [];
  for (const { id, title, needsTrust, observe } of isBrokenOff ? [] : OBSERVATION_PROBES) {
    courier.tell(id);
    if (courier.stopped() !== null) break;
    const seen =
      needsTrust && !isTrusted
        ? { seen: null, note: NEEDS_TRUST }
        : await observe(workshop, (post) => courier.post(post), isTrusted);
    observations.push({ id, title, ...seen });
  }
  return observations;
}

/** An endpoint that answers first may act a little later: what had no effect at once is asked about once more at the end. */
async function lookAgain(evidence: Evidence, askEffect: AskEffect | null): Promise<Evidence> {
  if (askEffect === null) return evidence;
  const again = async <T extends Sent>(sent: T): Promise<T> =>
    sent.tookEffect === true ? sent : { ...sent, tookEffect: await askEffect(sent) };
  const controls: Control[] = [];
  for (const control of evidence.controls) controls.push(await again(control));
  const attempts: Unjudged[] = [];
  for (const attempt of evidence.attempts) attempts.push(await again(attempt));
  return { ...evidence, controls, attempts };
}

function unreachable(failure: string | null): ToolError {
  return new ToolError('remote', 'ERR_AUDIT_UNREACHABLE', failure ?? 'there was no answer', {
    hint: 'Start the endpoint, or check the address; storewire check URL tells what stands in the way.',
  });
}

interface SendDeps extends PaceDeps {
  readonly dispatcher: Dispatcher;
  /** `storewire-audit/1.2.3`. */
  readonly userAgent: string;
  /** Longest wait for one answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Of an answer's body, the start is read: enough to see in a report what the endpoint said. */
const ANSWER_BYTES = 4_096;

const SHOWN_CHARACTERS = 200;

/** Posts once; redirects are not followed. What the endpoint does is an answer. Throws `interrupted` where the signal aborts. */
async function send(url: URL, { body, contentType }: Post, deps: SendDeps): Promise<Answer> {
  const { dispatcher, userAgent, timeoutMs, now, sleep, signal } = deps;
  const startedMs = now();
  const headers = { 'content-type': contentType, 'user-agent': userAgent, accept: '*/*' };
  try {
    const answer = await request({
      ...{ dispatcher, method: 'POST', url, headers, body, timeoutMs, sleep },
      ...{ maxBodyBytes: ANSWER_BYTES, longerBody: 'cut' },
      ...(signal && { signal }),
    });
    const text = Buffer.from(answer.body).toString('utf8').trim().slice(0, SHOWN_CHARACTERS);
    return { httpStatus: answer.status, ms: Math.round(now() - startedMs), failure: null, text };
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind !== 'remote') throw error;
    return { httpStatus: null, ms: Math.round(now() - startedMs), failure: error.message, text: '' };
  }
}

/** Most requests a second that an audit sends, whatever the endpoint can take. */
const MOST_PER_SECOND = 20;

const APART_MS = 1_000 / MOST_PER_SECOND;

interface PaceDeps {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Gives out turns, each at least 50 ms after the one before was taken: no second holds more than twenty. Counted from when it was taken
 * and not from when it was due, since a timer that wakes late would bring the next ones too close.
 */
export function createPace({ now, sleep, signal }: PaceDeps): () => Promise<void> {
  let nextMs = 0;
  let before: Promise<void> = Promise.resolve();
  const take = async (): Promise<void> => {
    const leftMs = nextMs - now();
    // A timer may be a millisecond early.
    if (leftMs > 0) await sleep(leftMs + 1, signal);
    nextMs = now() + APART_MS;
  };
  return () => {
    before = before.then(take);
    return before;
  };
}
