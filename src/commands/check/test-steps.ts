import { displayUrl } from '../../address/display.js';
import { reachOf } from '../../address/reach.js';
import { isSameAddress } from '../../address/same.js';
import { createReporter } from '../../cli/reporter.js';
import { statusCommand } from '../../document-view/test-result.js';
import { blockedBy, type CheckedStep, type CheckPlan, type StepError, skipped } from '../../endpoint-check/step.js';
import type { ErrorKind, ToolError } from '../../errors.js';
import { findSendAttempt } from '../../notification/catalogue/send-attempts.js';
import type { SendAttempt } from '../../notification/document.js';
import { PENDING, SUCCESS } from '../../server-api/responses.js';
import { sharpenRefusal, testEnvironment } from '../../session/test-notification.js';
import type { Environment } from '../../settings/setting.js';
import { countOf } from '../../terminal/format.js';
import { type Apple, type CheckDeps, isLocalEmulator } from './apple.js';
import { type ConnectFound, destinationOf } from './connect-steps.js';
import { type Deadline, tooLate } from './deadline.js';
import { type CheckOptions, step, unanswered } from './model.js';

interface TestRun {
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
  const notes = createReporter(options, deps);
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
  return url === null ? null : displayUrl(url, 'report');
}

/** Why a TEST would tell nothing of the URL that is checked; null where it would, or where that cannot be known. */
function whyNot(environment: Environment, run: TestRun): string | null {
  const { found, url, apple } = run;
  if (found.state === 'app') {
    const set = destinationOf(found.app.urls, environment).url;
    if (set === null && (url !== null || isToldThere(run))) return `App Store Connect has no URL for ${environment}`;
    return set === null || url === null || isSameAddress(set, url)
      ? null
      : `Apple would send it to ${displayUrl(set, 'report')}, which is not the URL checked`;
  }
  if (url === null) return null;
  const { hostname } = new URL(url);
  if (reachOf(hostname) === 'public' || isLocalEmulator(apple, environment)) return null;
  return `Apple cannot reach ${hostname}, so that its TEST would go elsewhere`;
}

/** Whether the group of App Store Connect fails of what keeps a TEST from telling anything: that is told once. */
function isToldThere({ found, plan }: TestRun): boolean {
  return found.state === 'app' && plan.groups.has('app-store-connect');
}

/** What became of one TEST, as far as it is told here. */
interface TestFound {
  readonly environment: Environment;
  readonly testNotificationToken: string | null;
  readonly outcome: string | null;
  readonly sendAttempts: readonly SendAttempt[];
  readonly error?: {
    readonly kind: ErrorKind | 'no';
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
  };
  readonly ms: number;
}

interface TestSetting {
  /** The URL that the TEST went to, shown; null where App Store Connect could not be asked. */
  readonly url: string | null;
  /** There was one that this could have been compared with. */
  readonly isAnyUrlGiven: boolean;
  /** What to type to ask again later. */
  readonly ask: (token: string, environment: Environment) => string;
}

/** The step `test.sandbox` or `test.production`. */
function testStep(found: TestFound, setting: TestSetting): CheckedStep {
  return { ...judge(found, setting), url: setting.url, ms: found.ms };
}

function judge(found: TestFound, setting: TestSetting): CheckedStep {
  const { environment, outcome, error, sendAttempts, testNotificationToken: token } = found;
  const { ask } = setting;
  const [id, title] = [`test.${environment}`, `TEST of ${environment}`] as const;
  if (error !== undefined && error.kind !== 'no') return unanswered(id, title, { ...error, kind: error.kind });
  if (outcome === PENDING || outcome === null) return unanswered(id, title, pending(token, environment, ask));
  if (outcome === SUCCESS) {
    return step(id, title, { status: 'pass', seen: `SUCCESS${attemptsOf(sendAttempts)}${describePlace(setting)}` });
  }
  if (error !== undefined) {
    const hint = `Set one: storewire endpoint set --${environment} URL --version V2`;
    return step(id, title, { status: 'fail', seen: error.message, expected: 'a URL', hint });
  }
  const entry = findSendAttempt(outcome);
  const meaning = entry?.meaning ?? 'Apple has added this result since this version was made.';
  return {
    ...step(id, title, {
      status: 'fail',
      seen: `${outcome}${attemptsOf(sendAttempts)}${describePlace(setting)}. ${meaning}`,
      expected: SUCCESS,
      ...(entry === undefined ? {} : { hint: entry.hint }),
    }),
    sendAttemptResult: outcome,
  };
}

function attemptsOf(attempts: readonly SendAttempt[]): string {
  return attempts.length > 1 ? `, ${countOf(attempts.length, 'attempt')}` : '';
}

/** Where App Store Connect was not asked, or did not answer, nobody knows which URL that is. */
function describePlace({ url, isAnyUrlGiven }: TestSetting): string {
  if (url !== null) return '';
  const place = ', at the URL set in App Store Connect';
  return isAnyUrlGiven ? `${place} (it could not be compared with this one)` : place;
}

function pending(
  token: string | null,
  environment: Environment,
  ask: TestSetting['ask'],
): StepError & { hint: string } {
  const message = 'Apple has no outcome of the TEST yet';
  const hint = token === null ? 'Run the check again.' : `Ask again: ${ask(token, environment)}`;
  return { kind: 'pending', code: 'ERR_CHECK_PENDING', message, hint };
}

/** A TEST that would tell nothing of the URL, and why. Where it may not be skipped that is a no. */
function testLeftOut(environment: Environment, why: string, isRequired: boolean): CheckedStep {
  const [id, title] = [`test.${environment}`, `TEST of ${environment}`] as const;
  if (!isRequired) return step(id, title, skipped(why));
  return step(id, title, {
    status: 'fail',
    seen: why,
    expected: 'a TEST of the URL that is checked',
    hint: 'Set the URL in App Store Connect (storewire endpoint set), or check the one that is set there.',
  });
}
