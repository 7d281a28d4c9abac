import { setMaxListeners } from 'node:events';
import { ToolError } from '../errors.js';
import type { ResponseEvidence } from '../intermediary/mark.js';
import type { Authority } from '../simulator/authority/authority.js';
import type { Random } from '../simulator/random.js';
import { AUDIT_FORGERIES } from './forgeries/forgeries.js';
import { type GenuineToken, planGenuine } from './forgeries/genuine.js';
import {
  type AuditedApp,
  type AuditForgery,
  createForgeryKit,
  type ForgeryKit,
  JSON_TYPE,
  type NamedIds,
  type Post,
} from './forgery.js';
import { inFlightFor, keepInFlight } from './in-flight.js';
import {
  BURST,
  type ControlPlan,
  INVALID_CONTROLS,
  NEEDS_TRUST,
  OBSERVATION_PROBES,
  VALID_CONTROLS,
} from './probes.js';
import {
  type AuditReport,
  type AuditResponse,
  type Control,
  type Evidence,
  type Interruption,
  isSuccess,
  judgeAudit,
  type Observation,
  type SentRequest,
} from './report.js';
import { type AuditSendDeps, createPace, requestEvidence, sendPost } from './send.js';
import { NOTHING_FOUND, type Survey, surveyEndpoint } from './survey.js';

export interface AuditOptions {
  readonly url: URL;
  /** Display form of the URL, for the report. */
  readonly displayedUrl: string;
  readonly app: AuditedApp;
  /** A bundle id is configured. Without one, a genuine notification cannot be attributed to another app. */
  readonly isAppKnown: boolean;
  readonly authority: Authority;
  /** The endpoint trusts the test authority: valid notifications are sent as well. */
  readonly control: boolean;
  readonly genuine: readonly GenuineToken[];
  /** Time (ms) after which nothing more is sent. */
  readonly deadlineMs: number;
}

/** Resolves to true if the request took effect. */
export type AskEffect = (sent: NamedIds & { readonly id: string }) => Promise<boolean>;

export interface AuditClientDeps extends AuditSendDeps {
  readonly random: Random;
  readonly askEffect: AskEffect | null;
  /** Called before each request. */
  readonly onProgress: (done: number, total: number, id: string) => void;
}

/** Consecutive requests without a response after which sending stops. */
const MOST_UNANSWERED = 3;

/** Limit of listeners on the signal: each request of a burst adds two. */
const MOST_AT_ONCE = 2 * BURST + 10;

/**
 * Audits one endpoint: controls one by one, then forgeries, several in flight, then observations, at most 20 requests a second. Faults of the endpoint are part of the
 * report. An interruption ends it with a report of the results so far, without asking for effects again. Throws ToolError `remote` if the
 * first request gets no response, and `interrupted` before the first response.
 */
export async function auditEndpoint(options: AuditOptions, deps: AuditClientDeps): Promise<AuditReport> {
  const { url, displayedUrl, app, authority, control, genuine } = options;
  const startedAtMs = deps.now();
  // A burst adds many listeners at once; Node warns of a leak above ten.
  if (deps.signal !== undefined) setMaxListeners(MOST_AT_ONCE, deps.signal);
  const kit = await createForgeryKit({ app, authority, nowMs: deps.now(), random: deps.random });
  const { forgeries: genuineForgeries, notMade } = planGenuine(genuine, options.isAppKnown ? app.bundleId : null);
  const forgeries = [...AUDIT_FORGERIES, ...genuineForgeries];
  const plans = [...INVALID_CONTROLS, ...(control ? VALID_CONTROLS : [])];
  const total = plans.length + forgeries.length + OBSERVATION_PROBES.length;
  const client = createAuditClient(url, total, options, deps);
  const results: Results = { controls: [], survey: NOTHING_FOUND, attempts: [], observations: [], stopReason: null };
  let interrupted: Interruption | null = null;
  try {
    await sendAll({ plans, forgeries, kit, client, deps }, results);
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind !== 'interrupted' || results.controls.length === 0) throw error;
    results.stopReason = 'interrupted';
    const { controls, attempts, observations } = results;
    interrupted = { after: controls.length + attempts.length + observations.length, of: total };
  }
  return {
    url: displayedUrl,
    ...judgeAudit(results),
    interrupted,
    controls: results.controls,
    observations: results.observations,
    notSent: forgeries.map(({ id }) => id).filter((id) => !results.attempts.some((attempt) => attempt.id === id)),
    notMade,
    startedAtMs,
    elapsedMs: deps.now() - startedAtMs,
  };
}

/** Results so far; filled as responses arrive, so that an interruption loses none. */
interface Results {
  readonly controls: Control[];
  survey: Survey;
  readonly attempts: UnratedAttempt[];
  readonly observations: Observation[];
  stopReason: Evidence['stopReason'];
}

interface AuditPlan {
  readonly plans: readonly ControlPlan[];
  readonly forgeries: readonly AuditForgery[];
  readonly kit: ForgeryKit;
  readonly client: AuditClient;
  readonly deps: AuditClientDeps;
}

async function sendAll({ plans, forgeries, kit, client, deps }: AuditPlan, results: Results): Promise<void> {
  for (const { make, ...plan } of plans) {
    results.controls.push({ ...plan, ...(await client.sendOne(plan.id, make(kit))) });
  }
  results.survey = await surveyEndpoint((method, body) => client.probe(method, body));
  // With --effect each request is followed by the question what it caused.
  const inFlight = deps.askEffect === null ? inFlightFor(results.controls, deps.timeoutMs) : 1;
  await sendForgeries(forgeries, kit, client, inFlight, results);
  const isTrusted = results.controls.some(({ kind, httpStatus }) => kind === 'valid' && isSuccess({ httpStatus }));
  if (results.stopReason === null) await observeAll(kit, client, isTrusted, results.observations);
  if (deps.askEffect !== null) await recheckEffects(results, deps.askEffect);
}

interface AuditClient {
  /** Reason to send nothing more; null to go on. */
  stopReason(): Evidence['stopReason'];
  /** Sends within the rate limit and checks for an effect. */
  sendOne(id: string, post: Post): Promise<SentRequest>;
  /** Sends within the rate limit. */
  post(post: Post): Promise<AuditResponse>;
  /** Sends a request other than a forgery within the rate limit; null without a response. */
  probe(method: 'GET' | 'POST', body: string): Promise<ResponseEvidence | null>;
  reportProgress(id: string): void;
}

function createAuditClient(url: URL, total: number, { deadlineMs }: AuditOptions, deps: AuditClientDeps): AuditClient {
  const turn = createPace(deps);
  let done = 0;
  let isReached = false;
  let unansweredInRow = 0;
  const post: AuditClient['post'] = async (body) => {
    await turn();
    const timeoutMs = Math.min(deps.timeoutMs, Math.max(1, deadlineMs - deps.now()));
    const answer = await sendPost(url, body, { ...deps, timeoutMs });
    if (answer.httpStatus === null && !isReached) throw unreachable(answer.failure);
    isReached = true;
    unansweredInRow = answer.httpStatus === null ? unansweredInRow + 1 : 0;
    return answer;
  };
  const reportProgress = (id: string): void => {
    done += 1;
    deps.onProgress(done, total, id);
  };
  return {
    post,
    async probe(method, body) {
      await turn();
      const timeoutMs = Math.min(deps.timeoutMs, Math.max(1, deadlineMs - deps.now()));
      return (await requestEvidence(url, { method, body, contentType: JSON_TYPE }, { ...deps, timeoutMs })).evidence;
    },
    reportProgress,
    stopReason() {
      if (unansweredInRow >= MOST_UNANSWERED) return 'unanswered';
      return deps.now() >= deadlineMs ? 'deadline' : null;
    },
    async sendOne(id, body) {
      reportProgress(id);
      const answer = await post(body);
      const { notificationUUID, originalTransactionId } = body;
      const ids = { notificationUUID, originalTransactionId };
      const tookEffect = deps.askEffect === null ? null : await deps.askEffect({ id, ...ids });
      return { id, ...ids, ...answer, tookEffect };
    },
  };
}

type UnratedAttempt = Evidence['attempts'][number];

/** Forgeries do not depend on each other. Those that were answered are results, in their order, also if the run is interrupted. */
async function sendForgeries(
  forgeries: readonly AuditForgery[],
  kit: ForgeryKit,
  client: AuditClient,
  inFlight: number,
  results: Results,
): Promise<void> {
  const sent = new Map<number, UnratedAttempt>();
  const next = async (index: number): Promise<(() => Promise<void>) | null> => {
    results.stopReason = client.stopReason();
    const forgery = forgeries[index];
    if (results.stopReason !== null || forgery === undefined) return null;
    const { make, ...facts } = forgery;
    const body = await make(kit);
    return async () => void sent.set(index, { ...facts, ...(await client.sendOne(facts.id, body)) });
  };
  try {
    await keepInFlight(inFlight, next);
  } finally {
    const inOrder = [...sent].sort(([one], [other]) => one - other);
    results.attempts.push(...inOrder.map(([, attempt]) => attempt));
  }
}

async function observeAll(
  kit: ForgeryKit,
  client: AuditClient,
  isTrusted: boolean,
  observations: Observation[],
): Promise<void> {
  for (const { id, title, needsTrust, observe } of OBSERVATION_PROBES) {
    client.reportProgress(id);
    if (client.stopReason() !== null) return;
    const seen =
      needsTrust && !isTrusted
        ? { seen: null, note: NEEDS_TRUST }
        : await observe(kit, (post) => client.post(post), isTrusted);
    observations.push({ id, title, ...seen });
  }
}

/** Runs --effect again for requests without an effect: an endpoint that answers first may act later. */
async function recheckEffects(results: Results, askEffect: AskEffect): Promise<void> {
  const recheck = async <T extends SentRequest>(sent: T): Promise<T> =>
    sent.tookEffect === true ? sent : { ...sent, tookEffect: await askEffect(sent) };
  for (const [index, control] of results.controls.entries()) results.controls[index] = await recheck(control);
  for (const [index, attempt] of results.attempts.entries()) results.attempts[index] = await recheck(attempt);
}

function unreachable(failure: string | null): ToolError {
  return new ToolError('remote', 'ERR_AUDIT_UNREACHABLE', failure ?? 'no response', {
    hint: 'Start the endpoint, or check the URL. For details: storewire check URL',
  });
}
