import type { ErrorKind } from '../errors.js';
import { findSendAttempt } from '../notification/catalogue/send-attempts.js';
import type { PayloadDocument, SendAttempt } from '../notification/document.js';
import { escapeText, showText } from '../terminal/escape.js';
import { formatAge, formatMoment } from '../terminal/format.js';
import { toJsonLine } from '../terminal/json.js';
import { layRows, laySentence, type Row, type View } from '../terminal/layout.js';
import { APPLE_ROOT_NAME } from '../trust/roots.js';
import { describeDocument } from './document.js';
import { describeVerification } from './verification.js';

/** Outcome of one TEST, for `test` and `status`. */
export interface TestResult {
  readonly environment: 'sandbox' | 'production';
  /** Null if Apple issued none. */
  readonly testNotificationToken: string | null;
  /** A sendAttemptResult, `PENDING`, or `NO_URL` if no URL is set; null if the request to Apple failed. */
  readonly outcome: string | null;
  readonly sendAttempts: readonly SendAttempt[];
  /** The notification that Apple sent, verified; null if not known yet. */
  readonly document: PayloadDocument | null;
  /** Error that prevented an outcome. */
  readonly error?: ShownError;
}

export interface ShownError {
  readonly kind: ErrorKind | 'no';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** The JSON document of `test` and `status`. */
export interface TestReport {
  readonly results: readonly ReportedResult[];
}

interface ReportedResult extends Omit<TestResult, 'sendAttempts' | 'error'> {
  readonly sendAttempts: readonly ExplainedAttempt[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
}

interface ExplainedAttempt extends SendAttempt {
  readonly meaning: string | null;
  readonly hint: string | null;
}

export function resultsToJson(results: readonly TestResult[]): string {
  return toJsonLine({ results: results.map(resultToJson) } satisfies TestReport);
}

function resultToJson({
  environment,
  testNotificationToken,
  outcome,
  sendAttempts,
  document,
  error,
}: TestResult): ReportedResult {
  return {
    environment,
    testNotificationToken,
    outcome,
    sendAttempts: sendAttempts.map(explainAttempt),
    document,
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message, hint: error.hint } }),
  };
}

function explainAttempt(attempt: SendAttempt): ExplainedAttempt {
  const entry = findSendAttempt(attempt.sendAttemptResult);
  return { ...attempt, meaning: entry?.meaning ?? null, hint: entry?.hint || null };
}

/** One attempt: time, result, meaning, cause and fix. Ends in a newline. */
export function describeAttempt(attempt: SendAttempt, index: number, environment: string, view: View): string {
  const { attemptDate, sendAttemptResult: result } = attempt;
  const moment = formatMoment(attemptDate) ?? String(attemptDate);
  const row: Row = {
    label: `attempt ${index + 1}`,
    value: showText(result),
    remark: `${moment}, ${formatAge(attemptDate, view.nowMs)}`,
  };
  const lines = layRows([row, { label: 'environment', value: environment }, ...explanationRows(result)], view);
  return `${lines.join('\n')}\n\n`;
}

function explanationRows(result: string): readonly Row[] {
  const entry = findSendAttempt(result);
  if (entry === undefined) return [{ label: 'meaning', value: 'This version does not know this result.' }];
  return [
    { label: 'meaning', value: entry.meaning },
    ...(entry.hint === ''
      ? []
      : [
          { label: 'cause', value: entry.cause },
          { label: 'fix', value: entry.hint },
        ]),
  ];
}

/** Outcome of one TEST, then the notification that Apple sent. Ends in a newline. */
export function describeResult(result: TestResult, view: View): string {
  const { document, outcome, environment, error } = result;
  const { green, red, yellow, bold } = view.paint;
  const colour = outcome === 'SUCCESS' ? green : outcome === 'PENDING' || outcome === null ? yellow : red;
  const headline = `${colour.bold(outcome === null ? 'NOT REQUESTED' : showText(outcome))}  ${bold(environment)}`;
  const isAnswer = outcome === 'NO_URL' || error?.code === 'ERR_API_TEST_NOTIFICATION_NOT_FOUND';
  const more = !isAnswer || error?.hint === undefined ? [] : laySentence(escapeText(error.hint), view, true);
  const doubt = layDoubt(result, view);
  const lines = [...doubt, headline, ...laySentence(sentenceOf(result), view, true), ...more];
  return `${lines.join('\n')}\n${document === null ? '' : `\n${describeSent(document, view)}`}`;
}

/**
 * First line of a TEST that was delivered although it does not verify: the endpoint should have rejected it, or the settings are wrong. Empty
 * for any other result.
 */
export function layDoubt(
  { outcome, document }: Pick<TestResult, 'outcome' | 'document'>,
  view: View,
): readonly string[] {
  const { verdict, reason } = document?.verification ?? {};
  if (outcome !== 'SUCCESS' || verdict === undefined || verdict === 'valid') return [];
  const colour = verdict === 'invalid' ? view.paint.red : view.paint.yellow;
  const text = `${reason ?? 'not verified'}: the notification was delivered, but it does not verify with these settings`;
  const [first = '', ...rest] = laySentence(`${verdict}  ${text}`, view, true);
  return [`${colour.bold(verdict)}${first.slice(verdict.length)}`, ...rest];
}

/** The notification that Apple sent: one line if it is valid, all checks otherwise. */
function describeSent(document: PayloadDocument, view: View): string {
  const { verification, sendAttempts: _shown, ...rest } = document;
  if (verification?.verdict !== 'valid')
    return describeVerification(document, { ...view, verbose: false, showSource: false });
  const root = verification.root === APPLE_ROOT_NAME ? APPLE_ROOT_NAME : "a configured root, not Apple's";
  const verified = `${view.paint.green.bold('valid')}  verified under ${root}`;
  return `${verified}\n\n${describeDocument({ ...rest, verification }, { ...view, verified: true, showSource: false, verbose: false })}`;
}

function sentenceOf({ environment, outcome, sendAttempts, testNotificationToken: token, error }: TestResult): string {
  if (outcome === 'NO_URL') return `${escapeText(error?.message ?? '')}.`;
  if (outcome === 'SUCCESS') return `The endpoint accepted Apple's ${environment} TEST notification.`;
  if (error?.code === 'ERR_API_TEST_NOTIFICATION_NOT_FOUND') return `${escapeText(error.message)}.`;
  if (outcome === 'PENDING') {
    const ask = token === null ? '' : ` Check again: ${statusCommand(token, environment)}`;
    return `No result yet (Apple keeps results for six months).${ask}`;
  }
  if (sendAttempts.length > 0) return `Apple could not deliver the ${environment} TEST notification.`;
  const entry = outcome === null ? undefined : findSendAttempt(outcome);
  return entry === undefined ? 'Apple could not deliver the TEST notification.' : `${entry.meaning} ${entry.hint}`;
}

/** Command that reads the outcome later; the token is quoted for the shell if needed. */
export function statusCommand(token: string, environment: string, waits = true): string {
  const word =
    /^[\w.-]+$/.test(token) && !token.startsWith('-') ? token : `'${escapeText(token).replaceAll("'", "'\\''")}'`;
  return `storewire status ${word} --environment ${environment}${waits ? ' --wait' : ''}`;
}
