import packageJson from '../../../package.json' with { type: 'json' };
import { displayUrl } from '../../address/display.js';
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
import { resolveEnvironment } from '../../settings/resolve.js';
import type { Environment } from '../../settings/setting.js';
import { type Apple, askConnect, type CheckDeps, compareClocks, openApple } from './apple.js';
import { type ConnectFound, connectSteps, ENVIRONMENTS, urlsInUse } from './connect-steps.js';
import { type Deadline, startDeadline } from './deadline.js';
import { lookFromOutside } from './endpoint-steps.js';
import { type CheckOptions, type CheckReport, step, unanswered } from './model.js';
import { settingsSteps } from './settings-steps.js';
import { testSteps } from './test-steps.js';

/** Takes steps as they become known, those of a group together, the groups in their order. */
type Tell = (steps: readonly CheckedStep[]) => void;

/** One run: what it was asked for, and what it has learned. */
interface Run {
  /** The URL given; null where App Store Connect's own are looked at. */
  readonly url: string | null;
  readonly options: CheckOptions;
  readonly plan: CheckPlan;
  /** Null where none was named. */
  readonly environments: readonly Environment[] | null;
  readonly apple: Apple;
  readonly deadline: Deadline;
  readonly add: Tell;
  readonly deps: CheckDeps;
}

/** Goes through all groups that were asked for. Throws usage errors, before anything is asked, and when interrupted. */
export async function makeReport(
  url: string | null,
  options: CheckOptions,
  tell: Tell,
  deps: CheckDeps,
): Promise<CheckReport> {
  const plan = planGroups({ only: options.only, skip: options.skip, isStrict: options.strict });
  requireGroups(plan);
  const named = options.environment === 'both' ? undefined : options.environment;
  const open = openServerSettings(options, named, deps);
  const environments = environmentsOf(options, open, plan);
  const apple = await openApple({ open, environments, plan, options }, deps);
  requireUrl(url, plan, apple);
  const deadline = startDeadline(options.timeout, deps);
  const steps: CheckedStep[] = [];
  const add: Tell = (more) => {
    steps.push(...more);
    tell(more);
  };
  try {
    const shown = await goThrough({ url, options, plan, environments, apple, deadline, add, deps });
    const judged = markSkipped(steps, plan);
    return { url: shown, verdict: verdictOf(judged), steps: judged };
  } finally {
    deadline.clear();
  }
}

function environmentsOf(
  { environment }: CheckOptions,
  open: OpenSettings,
  { required }: CheckPlan,
): readonly Environment[] | null {
  if (environment === 'both') return ENVIRONMENTS;
  if (required.has('test')) return [requireEnvironment(open, 'sandbox, production or both')];
  const setting = resolveEnvironment(open);
  return setting === null ? null : [setting.value];
}

function requireGroups({ groups }: CheckPlan): void {
  if (groups.size > 0) return;
  throw new ToolError('usage', 'ERR_USAGE_CHECK_GROUPS', '--only and --skip leave no group to look at', {
    hint: 'Take one of them out.',
  });
}

function requireUrl(url: string | null, plan: CheckPlan, { connect, bundleId }: Apple): void {
  if (url !== null || !needsUrl(plan) || (connect.state !== 'absent' && bundleId !== null)) return;
  throw new ToolError('usage', 'ERR_USAGE_CHECK_URL', 'there is no URL to check', {
    hint: 'Write storewire check https://example.com/apple, or set an App Store Connect key and the bundle id: then the URLs set there are checked.',
  });
}

const NOT_ASKED: ConnectFound = { state: 'not-asked', why: 'it was left out' };

/** Resolves with the URL that was looked at, as it may be shown. */
async function goThrough(run: Run): Promise<string | null> {
  const { url, plan, apple, add, deps, deadline, environments } = run;
  const [clock, found] = await Promise.all([
    plan.groups.has('settings') ? compareClocks(apple, environments, deadline, deps) : null,
    asksConnect(plan, url !== null) ? askConnect(apple, deadline, deps) : NOT_ASKED,
  ]);
  if (plan.groups.has('settings')) add(settingsSteps({ ...apple, clock }));
  const shown = await lookAtUrls(found, run);
  if (plan.groups.has('app-store-connect')) add(connectPart(found, run));
  if (plan.groups.has('test')) {
    const { options } = run;
    add(await testSteps({ apple, found, url, environments, plan, options, deadline }, deps));
  }
  return shown;
}

async function lookAtUrls(found: ConnectFound, run: Run): Promise<string | null> {
  const { url, plan, environments, add, deps } = run;
  const isToldThere = plan.groups.has('app-store-connect') || environments !== null;
  const appUrls =
    found.state === 'app' && !isToldThere
      ? { sandbox: found.app.urls.subscriptionStatusUrlForSandbox, production: found.app.urls.subscriptionStatusUrl }
      : null;
  const set = found.state === 'app' ? urlsInUse(found.app.urls, environments ?? ENVIRONMENTS) : [];
  const urls = url === null ? set : [url];
  if (!needsUrl(plan)) return urls[0] === undefined ? null : displayUrl(urls[0], 'report');
  if (urls.length === 0) add([noUrlStep(found, plan)]);
  const world = worldOf(run);
  for (const each of urls) await lookFromOutside(each, { groups: plan.groups, appUrls, world, tell: add, deps });
  return urls[0] === undefined ? null : displayUrl(urls[0], 'report');
}

/** Where App Store Connect has the URL, or should. What is wrong there is told once. */
function noUrlStep(found: ConnectFound, { groups }: CheckPlan): CheckedStep {
  const [id, title] = ['url.url', 'address'] as const;
  if (groups.has('app-store-connect')) return step(id, title, skipped('App Store Connect has none to look at'));
  if (found.state === 'failed') return unanswered(id, title, found.error);
  return step(id, title, {
    status: 'fail',
    seen: 'App Store Connect has no URL',
    expected: 'a URL',
    hint: 'Set one: storewire endpoint set --sandbox URL --production URL --version V2',
  });
}

function connectPart(found: ConnectFound, { url, environments, plan, apple }: Run): readonly CheckedStep[] {
  const [id, title] = ['app-store-connect.app', 'the app in App Store Connect'] as const;
  if (apple.connect.state === 'refused' && plan.groups.has('settings'))
    return [step(id, title, skipped(blockedBy({ id: 'settings.connect-key' })))];
  const { bundleId, appAppleId } = apple;
  return connectSteps(found, { url, environments, bundleId: bundleId ?? '', appAppleId });
}

/** The longest that one question to the endpoint may take, as the emulator's sender waits; how long Apple does is not documented [U]. */
const PATIENCE_MS = 30_000;

/** Of the deadline: an endpoint that hangs is to be found out before time is up. */
const SHARE = 0.75;

function worldOf({ options, deadline, deps }: Run): CheckContext {
  const timeoutMs = Math.min(PATIENCE_MS, SHARE * options.timeout);
  const { now, sleep, random } = deps;
  const userAgent = `storewire-check/${packageJson.version}`;
  // No roots beside the public ones: Apple knows of no others.
  return {
    ...{ resolver: systemResolver(timeoutMs), ca: [], timeoutMs, now, sleep, random },
    ...{ signal: deadline.signal, userAgent },
  };
}
