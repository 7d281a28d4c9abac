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
import { type ConnectLookup, destinationInUse } from './connect-steps.js';
import { type Deadline, timedOut } from './deadline.js';
import { type CheckOptions, step, unanswered } from './model.js';

interface TestRun {
  readonly apple: Apple;
  readonly found: ConnectLookup;
  /** URL under test; null if the URLs in App Store Connect are. */
  readonly url: string | null;
  /** Null if none was selected. */
  readonly environments: readonly Environment[] | null;
  readonly plan: CheckPlan;
  readonly options: CheckOptions;
  readonly deadline: Deadline;
}

const ALL = { id: 'test.request', title: 'TEST notification' } as const;

/** Requests a TEST in each environment where it would reach the URL under test, in parallel, and polls for the outcome. */
export async function testSteps(run: TestRun, deps: CheckDeps): Promise<readonly CheckedStep[]> {
  const { apple, environments, plan, options, deadline } = run;
  const { server } = apple;
  if (server.state === 'absent') return [step(ALL.id, ALL.title, skipped(server.why))];
  if (server.state === 'refused') return [withoutKey(server.error, plan)];
  if (environments === null) return [step(ALL.id, ALL.title, skipped(NO_ENVIRONMENT))];
  if (deadline.signal.aborted && !deps.signal.aborted) return [unanswered(ALL.id, ALL.title, timedOut())];
  const flags = { ...options, json: true, wait: true };
  const notes = createReporter(options, deps);
  const shared = { server: server.value, flags, deps, deadlineMs: deadline.atMs, notes };
  const results = await Promise.all(
    environments.map(async (environment) => {
      const startedMs = deps.now();
      const reason = reasonToSkip(environment, run);
      if (reason !== null)
        return testSkipped(environment, reason, plan.required.has('test') && !isReportedElsewhere(run));
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
          { url: destinationUrl(result.environment, run), isAnyUrlGiven: run.url !== null, ask: statusCommand },
        ),
  );
}

/** A missing or invalid key is reported once: by the settings group, if selected. */
function withoutKey(error: ToolError, { groups }: CheckPlan): CheckedStep {
  const isKey = error.kind === 'auth';
  const cause = isKey ? 'settings.server-key' : 'settings.bundle-id';
  if (groups.has('settings')) return step(ALL.id, ALL.title, skipped(blockedBy({ id: cause })));
  return isKey ? unanswered(ALL.id, ALL.title, error) : step(ALL.id, ALL.title, skipped(error.message));
}

const NO_ENVIRONMENT = 'no environment selected (--environment sandbox, production or both)';

/** Display form of the URL in App Store Connect for the environment; null if not known. */
function destinationUrl(environment: Environment, { found }: TestRun): string | null {
  if (found.state !== 'app') return null;
  const { url } = destinationInUse(found.app.urls, environment);
  return url === null ? null : displayUrl(url, 'report');
}

/** Reason that a TEST would not reach the URL under test; null if it would, or if that is not known. */
function reasonToSkip(environment: Environment, run: TestRun): string | null {
  const { found, url, apple } = run;
  if (found.state === 'app') {
    const set = destinationInUse(found.app.urls, environment).url;
    if (set === null && (url !== null || isReportedElsewhere(run)))
      return `no ${environment} URL is set in App Store Connect`;
    return set === null || url === null || isSameAddress(set, url)
      ? null
      : `Apple would send it to ${displayUrl(set, 'report')}, not to the URL under test`;
  }
  if (url === null) return null;
  const { hostname } = new URL(url);
  if (reachOf(hostname) === 'public' || isLocalEmulator(apple, environment)) return null;
  return `local URL: Apple cannot deliver a TEST to ${hostname}`;
}

/** True if the app-store-connect group already reports the missing URL. */
function isReportedElsewhere({ found, plan }: TestRun): boolean {
  return found.state === 'app' && plan.groups.has('app-store-connect');
}

/** Outcome of one TEST. */
interface TestOutcome {
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

interface TestTarget {
  /** Display form of the URL that received the TEST; null if App Store Connect was not available. */
  readonly url: string | null;
  /** True if a URL was given, which could have been compared. */
  readonly isAnyUrlGiven: boolean;
  /** Command to check the outcome later. */
  readonly ask: (token: string, environment: Environment) => string;
}

/** Step `test.sandbox` or `test.production`. */
function testStep(found: TestOutcome, target: TestTarget): CheckedStep {
  return { ...judge(found, target), url: target.url, ms: found.ms };
}

function judge(found: TestOutcome, target: TestTarget): CheckedStep {
  const { environment, outcome, error, sendAttempts, testNotificationToken: token } = found;
  const { ask } = target;
  const [id, title] = [`test.${environment}`, `${environment} TEST`] as const;
  if (error !== undefined && error.kind !== 'no') return unanswered(id, title, { ...error, kind: error.kind });
  if (outcome === PENDING || outcome === null) return unanswered(id, title, pending(token, environment, ask));
  if (outcome === SUCCESS) {
    return step(id, title, { status: 'pass', seen: `SUCCESS${attemptsOf(sendAttempts)}${describeTarget(target)}` });
  }
  if (error !== undefined) {
    const hint = `Set a URL: storewire endpoint set --${environment} URL --version V2`;
    return step(id, title, { status: 'fail', seen: error.message, expected: 'a URL', hint });
  }
  const entry = findSendAttempt(outcome);
  const meaning = entry?.meaning ?? 'This version does not know this result.';
  return {
    ...step(id, title, {
      status: 'fail',
      seen: `${outcome}${attemptsOf(sendAttempts)}${describeTarget(target)}. ${meaning}`,
      expected: SUCCESS,
      ...(entry === undefined ? {} : { hint: entry.hint }),
    }),
    sendAttemptResult: outcome,
  };
}

function attemptsOf(attempts: readonly SendAttempt[]): string {
  return attempts.length > 1 ? `, ${countOf(attempts.length, 'attempt')}` : '';
}

/** Without App Store Connect it is not known which URL received the TEST. */
function describeTarget({ url, isAnyUrlGiven }: TestTarget): string {
  if (url !== null) return '';
  const text = ', at the URL set in App Store Connect';
  return isAnyUrlGiven ? `${text} (not compared with this URL)` : text;
}

function pending(token: string | null, environment: Environment, ask: TestTarget['ask']): StepError & { hint: string } {
  const message = 'no result yet';
  const hint = token === null ? 'Run the check again.' : `Check again later: ${ask(token, environment)}`;
  return { kind: 'pending', code: 'ERR_CHECK_PENDING', message, hint };
}

/** Skips a TEST that would not reach the URL under test; a required one fails. */
function testSkipped(environment: Environment, reason: string, isRequired: boolean): CheckedStep {
  const [id, title] = [`test.${environment}`, `${environment} TEST`] as const;
  if (!isRequired) return step(id, title, skipped(reason));
  return step(id, title, {
    status: 'fail',
    seen: reason,
    expected: 'a TEST of this URL',
    hint: 'Set this URL in App Store Connect (storewire endpoint set), or check the one that is set there.',
  });
}
