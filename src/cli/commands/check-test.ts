import { isSameAddress } from '../../connect-api/same-address.js';
import { blockedBy, skipped } from '../../endpoint/make-step.js';
import type { CheckPlan } from '../../endpoint/plan.js';
import type { CheckedStep } from '../../endpoint/verdict.js';
import type { ToolError } from '../../errors.js';
import { reachOf } from '../../http/reach.js';
import type { Environment } from '../../settings/setting.js';
import type { ConnectFound } from '../check/connect-steps.js';
import { type Deadline, tooLate } from '../check/deadline.js';
import { destinationOf } from '../check/destination.js';
import type { CheckOptions } from '../check/options.js';
import { showUrl } from '../check/report.js';
import { step, unanswered } from '../check/step.js';
import { testLeftOut, testStep } from '../check/test-steps.js';
import { createNotes } from '../notes.js';
import { statusCommand } from '../render/attempts.js';
import { type Apple, type CheckDeps, isPlayedHere } from './check-apple.js';
import { sharpenRefusal, testEnvironment } from './follow.js';

export interface TestRun {
  readonly apple: Apple;
  readonly found: ConnectFound;
  /** The URL given; null where App Store Connect's own are looked at. */
  readonly url: string | null;
  /** Null where none was named. */
  readonly environments: readonly Environment[] | null;
  readonly plan: CheckPlan;
  readonly options: CheckOptions;
  readonly deadline: Deadline;
}

const ALL = { id: 'test.request', title: 'TEST notification' } as const;

/** Requests a TEST of each environment that it tells something of, side by side, and follows them to their outcome. */
export async function testSteps(run: TestRun, deps: CheckDeps): Promise<readonly CheckedStep[]> {
  const { apple, environments, plan, options, deadline } = run;
  const { server } = apple;
  if (server.state === 'absent') return [step(ALL.id, ALL.title, skipped(server.why))];
  if (server.state === 'refused') return [withoutKey(server.error, plan)];
  if (environments === null) return [step(ALL.id, ALL.title, skipped(NO_ENVIRONMENT))];
  if (deadline.signal.aborted && !deps.signal.aborted) return [unanswered(ALL.id, ALL.title, tooLate())];
  const flags = { ...options, json: true, wait: true };
  const notes = createNotes(options, deps);
  const shared = { server: server.value, flags, deps, deadlineMs: deadline.atMs, notes };
  const results = await Promise.all(
    environments.map(async (environment) => {
      const startedMs = deps.now();
      const why = whyNot(environment, run);
      if (why !== null) return testLeftOut(environment, why, plan.required.has('test') && !isToldThere(run));
      const result = await testEnvironment(environment, shared);
      return { ...result, ms: deps.now() - startedMs };
    }),
  );
  notes.clear();
  const outcomes = results.flatMap((result) => ('id' in result ? [] : [result]));
  return results.map((result) =>
    'id' in result
      ? result
      : testStep(
          { ...sharpenRefusal(result, outcomes), ms: result.ms },
          { url: placeOf(result.environment, run), isAnyUrlGiven: run.url !== null, ask: statusCommand },
        ),
  );
}

/** What is wrong is told once: by the group of the settings, where that was asked for. */
function withoutKey(error: ToolError, { groups }: CheckPlan): CheckedStep {
  const isKey = error.kind === 'auth';
  const cause = isKey ? 'settings.server-key' : 'settings.bundle-id';
  if (groups.has('settings')) return step(ALL.id, ALL.title, skipped(blockedBy({ id: cause })));
  return isKey ? unanswered(ALL.id, ALL.title, error) : step(ALL.id, ALL.title, skipped(error.message));
}

const NO_ENVIRONMENT = 'no environment is named, and none is assumed: --environment sandbox, production or both';

/** The URL that App Store Connect has for the environment, shown; null where that is not known. */
function placeOf(environment: Environment, { found }: TestRun): string | null {
  if (found.state !== 'app') return null;
  const { url } = destinationOf(found.app.urls, environment);
  return url === null ? null : showUrl(url);
}

/** Why a TEST would tell nothing of the URL that is checked; null where it would, or where that cannot be known. */
function whyNot(environment: Environment, run: TestRun): string | null {
  const { found, url, apple } = run;
  if (found.state === 'app') {
    const set = destinationOf(found.app.urls, environment).url;
    if (set === null && (url !== null || isToldThere(run))) return `App Store Connect has no URL for ${environment}`;
    return set === null || url === null || isSameAddress(set, url)
      ? null
      : `Apple would send it to ${showUrl(set)}, which is not the URL checked`;
  }
  if (url === null) return null;
  const { hostname } = new URL(url);
  if (reachOf(hostname) === 'public' || isPlayedHere(apple, environment)) return null;
  return `Apple cannot reach ${hostname}, so that its TEST would go elsewhere`;
}

/** Whether the group of App Store Connect fails of what keeps a TEST from telling anything: that is told once. */
function isToldThere({ found, plan }: TestRun): boolean {
  return found.state === 'app' && plan.groups.has('app-store-connect');
}
