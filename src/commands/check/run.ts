import packageJson from '../../../package.json' with { type: 'json' };
import { displayUrl } from '../../address/display.js';
import { isLoopback } from '../../address/reach.js';
import { type CheckContext, systemResolver } from '../../endpoint-check/context.js';
import {
  asksConnect,
  blockedBy,
  type CheckedStep,
  type CheckPlan,
  markSkipped,
  needsUrl,
  planGroups,
  skipped,
  verdictOf,
} from '../../endpoint-check/step.js';
import { ToolError } from '../../errors.js';
import { openServerSettings, requireEnvironment } from '../../session/server.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveEnvironment } from '../../settings/resolve-app.js';
import type { Environment } from '../../settings/setting.js';
import { type Apple, type CheckDeps, compareClocks, openApple, readConnectApp } from './apple.js';
import { CHECKED_ENVIRONMENTS, type ConnectLookup, connectSteps, urlsInUse } from './connect-steps.js';
import { type Deadline, startDeadline } from './deadline.js';
import { checkFromOutside } from './endpoint-steps.js';
import { type CheckOptions, type CheckReport, step, unanswered } from './model.js';
import { settingsSteps } from './settings-steps.js';
import { testSteps } from './test-steps.js';

/** Receives the steps of one group at a time, in the order of the groups. */
type StepListener = (steps: readonly CheckedStep[]) => void;

/** Inputs and resources of one run. */
interface Run {
  /** URL under test; null if the URLs in App Store Connect are. */
  readonly url: string | null;
  readonly options: CheckOptions;
  readonly plan: CheckPlan;
  /** Null if none was selected. */
  readonly environments: readonly Environment[] | null;
  readonly apple: Apple;
  readonly deadline: Deadline;
  readonly add: StepListener;
  readonly deps: CheckDeps;
}

/** Runs the selected groups. Throws usage errors before any request is sent, and if interrupted. */
export async function makeReport(
  url: string | null,
  options: CheckOptions,
  onSteps: StepListener,
  deps: CheckDeps,
): Promise<CheckReport> {
  const plan = planGroups({ only: options.only, skip: options.skip, isStrict: options.strict });
  requireGroups(plan);
  const named = options.environment === 'both' ? undefined : options.environment;
  const open = openServerSettings(options, named, deps);
  const environments = environmentsOf(options, open, plan, deps);
  const apple = await openApple({ open, environments, plan, options }, deps);
  requireUrl(url, plan, apple);
  const deadline = startDeadline(options.timeout, deps);
  const steps: CheckedStep[] = [];
  const startedAtMs = deps.now();
  const groupMs = new Map<number, number>();
  let addedMs = startedAtMs;
  const add: StepListener = (more) => {
    const nowMs = deps.now();
    if (more.length > 0) groupMs.set(steps.length, nowMs - addedMs);
    addedMs = nowMs;
    steps.push(...more);
    onSteps(more);
  };
  try {
    const checkedUrl = await runGroups({ url, options, plan, environments, apple, deadline, add, deps });
    const judged = markSkipped(steps, plan);
    const times = { startedAtMs, elapsedMs: deps.now() - startedAtMs, groupMs };
    return { url: checkedUrl, verdict: verdictOf(judged), steps: judged, times };
  } finally {
    deadline.clear();
  }
}

function environmentsOf(
  { environment }: CheckOptions,
  open: OpenSettings,
  { required }: CheckPlan,
  deps: CheckDeps,
): readonly Environment[] | null {
  if (environment === 'both') return CHECKED_ENVIRONMENTS;
  if (required.has('test')) return [requireEnvironment(open, deps, 'sandbox, production or both')];
  const setting = resolveEnvironment(open);
  return setting === null ? null : [setting.value];
}

function requireGroups({ groups }: CheckPlan): void {
  if (groups.size > 0) return;
  throw new ToolError('usage', 'ERR_USAGE_CHECK_GROUPS', '--only and --skip select no group', {
    hint: 'Remove one of them.',
  });
}

function requireUrl(url: string | null, plan: CheckPlan, { connect, bundleId }: Apple): void {
  if (url !== null || !needsUrl(plan) || (connect.state !== 'absent' && bundleId !== null)) return;
  throw new ToolError('usage', 'ERR_USAGE_CHECK_URL', 'no URL to check', {
    hint: 'Run storewire check https://example.com/apple, or set an App Store Connect key and a bundle id to check the URLs set there.',
  });
}

const NOT_QUERIED: ConnectLookup = { state: 'not-queried', why: 'not requested' };

/** Resolves with the URL checked, in its `report` form. */
async function runGroups(run: Run): Promise<string | null> {
  const { url, plan, apple, add, deps, deadline, environments } = run;
  const [clock, found] = await Promise.all([
    plan.groups.has('settings') ? compareClocks(apple, environments, deadline, deps) : null,
    asksConnect(plan, url !== null) ? readConnectApp(apple, deadline, deps) : NOT_QUERIED,
  ]);
  if (plan.groups.has('settings')) add(settingsSteps({ ...apple, clock }));
  const checkedUrl = await checkUrls(found, run);
  if (plan.groups.has('app-store-connect')) add(connectPart(found, run));
  if (plan.groups.has('test')) {
    const { options } = run;
    add(await testSteps({ apple, found, url, environments, plan, options, deadline }, deps));
  }
  return checkedUrl;
}

async function checkUrls(found: ConnectLookup, run: Run): Promise<string | null> {
  const { url, plan, environments, apple, add, deps } = run;
  const isReportedElsewhere = plan.groups.has('app-store-connect') || environments !== null;
  const appUrls =
    found.state === 'app' && !isReportedElsewhere
      ? { sandbox: found.app.urls.subscriptionStatusUrlForSandbox, production: found.app.urls.subscriptionStatusUrl }
      : null;
  const set = found.state === 'app' ? urlsInUse(found.app.urls, environments ?? CHECKED_ENVIRONMENTS) : [];
  const urls = url === null ? set : [url];
  if (!needsUrl(plan)) return urls[0] === undefined ? null : displayUrl(urls[0], 'report');
  if (urls.length === 0) add([noUrlStep(found, plan)]);
  const context = contextOf(run);
  const isEmulated = Object.values(apple.address).some((base) => isLoopback(new URL(base).hostname));
  for (const each of urls)
    await checkFromOutside(each, { groups: plan.groups, appUrls, isEmulated, context, onSteps: add, deps });
  return urls[0] === undefined ? null : displayUrl(urls[0], 'report');
}

/** Step for a run whose URL should come from App Store Connect and does not. A problem there is reported once. */
function noUrlStep(found: ConnectLookup, { groups }: CheckPlan): CheckedStep {
  const [id, title] = ['url.url', 'address'] as const;
  if (groups.has('app-store-connect')) return step(id, title, skipped('no URL is set in App Store Connect'));
  if (found.state === 'failed') return unanswered(id, title, found.error);
  return step(id, title, {
    status: 'fail',
    seen: 'no URL is set in App Store Connect',
    expected: 'a URL',
    hint: 'Set a URL: storewire endpoint set --sandbox URL --production URL --version V2',
  });
}

function connectPart(found: ConnectLookup, { url, environments, plan, apple }: Run): readonly CheckedStep[] {
  const [id, title] = ['app-store-connect.app', 'app in App Store Connect'] as const;
  if (apple.connect.state === 'refused' && plan.groups.has('settings'))
    return [step(id, title, skipped(blockedBy({ id: 'settings.connect-key' })))];
  const { bundleId, appAppleId } = apple;
  return connectSteps(found, { url, environments, bundleId: bundleId ?? '', appAppleId });
}

/** Limit of one request to the endpoint, the same as the emulator's sender. Apple does not document its own [U]. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Share of the deadline for one request, so that a hanging endpoint is reported before the run times out. */
const DEADLINE_SHARE = 0.75;

function contextOf({ options, deadline, deps }: Run): CheckContext {
  const timeoutMs = Math.min(REQUEST_TIMEOUT_MS, DEADLINE_SHARE * options.timeout);
  const { now, sleep, random } = deps;
  const userAgent = `storewire-check/${packageJson.version}`;
  // Public roots only, as for Apple.
  return {
    ...{ resolver: systemResolver(timeoutMs, deps.lookUp), ca: [], timeoutMs, now, sleep, random },
    ...{ signal: deadline.signal, userAgent },
  };
}
