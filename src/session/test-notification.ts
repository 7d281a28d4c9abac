import { type Command, Option } from 'commander';
import { writeError } from '../cli/error-output.js';
import { EXIT, EXIT_OF_ERROR, type Exit, worstOf } from '../cli/exit.js';
import { durationOption } from '../cli/options.js';
import { createReporter, type Reporter } from '../cli/reporter.js';
import {
  describeAttempt,
  describeResult,
  layDoubt,
  resultsToJson,
  type ShownError,
  statusCommand,
  type TestResult,
} from '../document-view/test-result.js';
import { ToolError } from '../errors.js';
import type { ServerApi } from '../server-api/client.js';
import { findApiError } from '../server-api/errors.js';
import { followTest } from '../server-api/follow-test.js';
import { PENDING, SUCCESS } from '../server-api/responses.js';
import type { Environment } from '../settings/setting.js';
import type { View } from '../terminal/layout.js';
import { addServerOptions, type Server, type ServerDeps, type ServerFlags } from './server.js';

/** Shared by `test` and `status`: follow a TEST, print each attempt, verify the notification sent. */
export interface FollowFlags extends ServerFlags {
  readonly wait: boolean;
  /** Deadline of the command, in ms. */
  readonly timeout: number;
  /** Milliseconds between requests; left out for 2 s, later 10 s. */
  readonly interval?: number;
}

/** Two minutes: most outcomes are known within seconds. */
const FOLLOW_TIMEOUT_MS = 120_000;

/** Flags of `test` and `status`. */
export function addFollowOptions(command: Command): Command {
  return addServerOptions(
    command
      .option('--wait', 'Poll until the outcome is known', false)
      .addOption(timeoutOption())
      .option('--interval <duration>', 'Wait this long between requests (default: 2s, 10s after 20s)', durationOption),
  );
}

function timeoutOption(): Option {
  const option = new Option('--timeout <duration>', 'Stop after this time').argParser(durationOption);
  return option.default(FOLLOW_TIMEOUT_MS, '2m');
}

interface Run {
  readonly server: Server;
  readonly flags: FollowFlags;
  readonly deps: ServerDeps;
  readonly deadlineMs: number;
  readonly notes: Reporter;
}

export function startRun(server: Server, flags: FollowFlags, deps: ServerDeps, startedMs: number): Run {
  return { server, flags, deps, deadlineMs: startedMs + flags.timeout, notes: createReporter(flags, deps) };
}

/**
 * Requests a TEST of one environment and follows it. A failure is part of the result, which is pending once the token is known;
 * only an interruption is thrown.
 */
export async function testEnvironment(environment: Environment, run: Run): Promise<TestResult> {
  const api = run.server.connect(environment, run.deadlineMs, run.notes.waiting);
  let token: string | null = null;
  try {
    token = await api.requestTest();
    if (token === null) return { ...nothingKnown(environment, null), outcome: 'NO_URL', error: noUrl(environment) };
    run.notes.say(`Requested a ${environment} TEST notification. Token: ${token}`);
    if (!run.flags.wait) run.notes.say(`For the outcome: ${statusCommand(token, environment)}`);
    return await followEnvironment(environment, token, api, run);
  } catch (error) {
    const known = nothingKnown(environment, token);
    return { ...known, outcome: token === null ? null : PENDING, error: shownError(error) };
  }
}

/**
 * Follows a TEST by a token that this run did not request. If Apple does not know it, the result says so: right after the request that
 * passes, later the token belongs to the other environment or is out of date. One that carries an older time is not waited for. Throws the
 * errors of the API.
 */
export async function followToken(
  environment: Environment,
  token: string,
  api: ServerApi,
  run: Run,
): Promise<TestResult> {
  const ageMs = ageOfToken(token, run.deps.now());
  const { isKnown, ...result } = await follow(environment, token, api, run, ageMs === null || ageMs < FRESH_MS);
  return isKnown ? result : { ...result, error: unknownToken(environment, token, ageMs) };
}

/** Apple knows a TEST within seconds of its request. */
const FRESH_MS = 60_000;

/** Milliseconds since the request, from a token of the form `<uuid>_<ms>`, as reported for Apple's; null for any other form. */
function ageOfToken(token: string, nowMs: number): number | null {
  const requestedMs = Number(/_(1\d{12})$/.exec(token)?.[1] ?? Number.NaN);
  return Number.isNaN(requestedMs) ? null : nowMs - requestedMs;
}

/** Apple keeps outcomes for six months. */
const KEPT_MS = 180 * 86_400_000;

function unknownToken(environment: Environment, token: string, ageMs: number | null): ShownError {
  const other = environment === 'sandbox' ? 'production' : 'sandbox';
  const message = `Apple has nothing on this token in ${environment}`;
  const code = 'ERR_API_TEST_NOTIFICATION_NOT_FOUND';
  if (ageMs !== null && ageMs > KEPT_MS)
    return { kind: 'pending', code, message, hint: 'It is older than six months, and Apple keeps outcomes for six.' };
  const elsewhere = `Was it requested in ${other}? Try: ${statusCommand(token, other, false)}`;
  const soon = `If it was requested within the last minute, ask again: ${statusCommand(token, environment)}`;
  const hint = ageMs !== null && ageMs >= FRESH_MS ? elsewhere : `${elsewhere}. ${soon}`;
  return { kind: 'pending', code, message, hint };
}

/** Follows a TEST that this run requested and verifies the notification sent. Throws the errors of the API. */
async function followEnvironment(
  environment: Environment,
  token: string,
  api: ServerApi,
  run: Run,
): Promise<TestResult> {
  const { isKnown: _, ...result } = await follow(environment, token, api, run, true);
  return result;
}

async function follow(
  environment: Environment,
  token: string,
  api: ServerApi,
  run: Run,
  waitForUnknown: boolean,
): Promise<TestResult & { readonly isKnown: boolean }> {
  const { deps, flags, deadlineMs, notes, server } = run;
  // Held until the notification is verified, so that SUCCESS is not shown before the verdict.
  const delivered: string[] = [];
  const { outcome, sendAttempts, signedPayload, isKnown } = await followTest({
    api,
    token,
    wait: flags.wait,
    waitForUnknown,
    intervalMs: flags.interval ?? null,
    deadlineMs,
    now: deps.now,
    sleep: deps.sleep,
    signal: deps.signal,
    onAttempt(attempt, index) {
      if (flags.json) return;
      const text = describeAttempt(attempt, index, environment, viewOf(deps));
      if (attempt.sendAttemptResult === SUCCESS) delivered.push(text);
      else notes.answer(text);
    },
    onPending: (elapsedMs) => notes.progress(`No result yet after ${Math.round(elapsedMs / 1_000)} s.`),
  });
  const document = signedPayload === null ? null : server.verify(signedPayload, environment, 'status', sendAttempts);
  const doubt = flags.json ? [] : layDoubt({ outcome, document }, viewOf(deps));
  if (doubt.length > 0) notes.answer(`${doubt.join('\n')}\n\n`);
  if (delivered.length > 0) notes.answer(delivered.join(''));
  return { environment, testNotificationToken: token, outcome, sendAttempts, document, isKnown };
}

/**
 * Prints each outcome and returns the exit code: any outcome but SUCCESS is a no, then rejected credentials, then a failed server, then no
 * outcome yet. Without any outcome there is no answer, and only errors are printed.
 */
export function reportResults(outcomes: readonly TestResult[], { flags, deps, notes }: Run): Exit {
  const { stdout, stderr } = deps;
  notes.clear();
  const results = outcomes.map((result) => sharpenRefusal(result, outcomes));
  const failed = results.flatMap(({ error }) => (error === undefined || isAnswer(error) ? [] : [error]));
  for (const error of failed) {
    const failure = new ToolError(error.kind as ToolError['kind'], error.code, error.message, error);
    writeError(failure, flags, stderr);
  }
  const answered = results.filter((result) => result.outcome !== null);
  if (answered.length > 0 && flags.json) stdout.write(resultsToJson(results));
  if (!flags.json) stdout.write(answered.map((result) => describeResult(result, viewOf(deps))).join('\n'));
  return worstOf(results.map(exitOf));
}

/** A key that the sandbox accepts leaves one cause for a 401 of production. */
export function sharpenRefusal(result: TestResult, all: readonly TestResult[]): TestResult {
  const { error, environment } = result;
  const isKeyGood = all.some(
    (other) => other.environment === 'sandbox' && other.error?.kind !== 'auth' && other.outcome !== null,
  );
  if (error?.code !== 'ERR_API_UNAUTHENTICATED' || environment !== 'production' || !isKeyGood) return result;
  const hint =
    'The sandbox accepted the same key, so the key is right: production answers 401 to every request until the first release of the app.';
  return { ...result, error: { ...error, hint } };
}

function exitOf({ outcome, error }: TestResult): Exit {
  if (error !== undefined && error.kind !== 'no') return EXIT_OF_ERROR[error.kind];
  if (outcome === SUCCESS) return EXIT.ok;
  return outcome === PENDING ? EXIT.pending : EXIT.no;
}

/** Told with the outcome and not as an error: no URL is set, or Apple does not know the token. */
function isAnswer({ kind, code }: ShownError): boolean {
  return kind === 'no' || code === 'ERR_API_TEST_NOTIFICATION_NOT_FOUND';
}

function viewOf({ stdout, now }: ServerDeps): View {
  return { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
}

function nothingKnown(environment: Environment, token: string | null): TestResult {
  return { environment, testNotificationToken: token, outcome: null, sendAttempts: [], document: null };
}

function noUrl(environment: Environment): ShownError {
  const { code, name, next } = findApiError(4040007)!;
  const message = `no URL is set in App Store Connect for ${environment} (${code} ${name})`;
  return { kind: 'no', code: 'ERR_API_SERVER_NOTIFICATION_URL_NOT_FOUND', message, hint: next };
}

function shownError(error: unknown): ShownError {
  if (!(error instanceof ToolError) || error.kind === 'interrupted') throw error;
  const { kind, code, message, hint } = error;
  return { kind, code, message, ...(hint === undefined ? {} : { hint }) };
}
