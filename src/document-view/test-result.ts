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

/** What became of one TEST, for `test` and `status`. */
export interface TestResult {
  readonly environment: 'sandbox' | 'production';
  /** Null where Apple gave none. */
  readonly testNotificationToken: string | null;
  /** A sendAttemptResult, `PENDING`, `NO_URL` where none is set; null where Apple could not be asked. */
  readonly outcome: string | null;
  readonly sendAttempts: readonly SendAttempt[];
  /** What Apple sent, judged; null where nothing is known of it yet. */
  readonly document: PayloadDocument | null;
  /** Why there is no outcome. */
  readonly error?: ShownError;
}

export interface ShownError {
  readonly kind: ErrorKind | 'no';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** The JSON document of `test` and `status`. */
export function resultsToJson(results: readonly TestResult[]): string {
  return toJsonLine({ results: results.map(resultToJson) });
}

function resultToJson({
  environment,
  testNotificationToken,
  outcome,
  sendAttempts,
  document,
  error,
}: TestResult): object {
  return {
    environment,
    testNotificationToken,
    outcome,
    sendAttempts: sendAttempts.map(explainAttempt),
    document,
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message, hint: error.hint } }),
  };
}

function explainAttempt(attempt: SendAttempt): object {
  const entry = findSendAttempt(attempt.sendAttemptResult);
  return { ...attempt, meaning: entry?.meaning ?? null, hint: entry?.hint || null };
}

/** One attempt as it is first seen: when, what came of it, what that means, where it comes from, what to do. Ends in a newline. */
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
  if (entry === undefined)
    return [{ label: 'meaning', value: 'Apple has added this result since this version was made.' }];
  return [
    { label: 'meaning', value: entry.meaning },
    ...(entry.hint === ''
      ? []
      : [
          { label: 'cause', value: entry.cause },
          { label: 'do', value: entry.hint },
        ]),
  ];
}

/** The outcome of one TEST, and below it what Apple sent. Ends in a newline. */
export function describeResult(result: TestResult, view: View): string {
  const { document, outcome, environment, error } = result;
  const { green, red, yellow, bold } = view.paint;
  const colour = outcome === 'SUCCESS' ? green : outcome === 'PENDING' || outcome === null ? yellow : red;
  const headline = `${colour.bold(outcome === null ? 'NOT ASKED' : showText(outcome))}  ${bold(environment)}`;
  const more = outcome !== 'NO_URL' || error?.hint === undefined ? [] : laySentence(escapeText(error.hint), view, true);
  const lines = [headline, ...laySentence(sentenceOf(result), view, true), ...more];
  return `${lines.join('\n')}\n${document === null ? '' : `\n${describeSent(document, view)}`}`;
}

/** What Apple sent: the verdict in a line where it is good, in full where it is not. */
function describeSent(document: PayloadDocument, view: View): string {
  const { verification, sendAttempts: _told, ...rest } = document;
  if (verification?.verdict !== 'valid')
    return describeVerification(document, { ...view, verbose: false, showSource: false });
  const root = verification.root === APPLE_ROOT_NAME ? APPLE_ROOT_NAME : "a root you gave, not under Apple's";
  const proof = `${view.paint.green.bold('valid')}  proved under ${root}`;
  return `${proof}\n\n${describeDocument({ ...rest, verification }, { ...view, verified: true, showSource: false, verbose: false })}`;
}

function sentenceOf({ environment, outcome, sendAttempts, testNotificationToken: token, error }: TestResult): string {
  if (outcome === 'NO_URL') return `${escapeText(error?.message ?? '')}.`;
  if (outcome === 'SUCCESS') return `The endpoint took Apple's TEST notification of ${environment}.`;
  if (outcome === 'PENDING') {
    const ask = token === null ? '' : ` Ask again: ${statusCommand(token, environment)}`;
    return `Apple has no outcome of this TEST yet; it forgets them after six months.${ask}`;
  }
  if (sendAttempts.length > 0) return `Apple could not deliver the TEST notification of ${environment}.`;
  const entry = outcome === null ? undefined : findSendAttempt(outcome);
  return entry === undefined ? 'Apple could not deliver the TEST notification.' : `${entry.meaning} ${entry.hint}`;
}

/** What to type to ask about a TEST later; a token that a shell might take apart is quoted. */
export function statusCommand(token: string, environment: string): string {
  const word =
    /^[\w.-]+$/.test(token) && !token.startsWith('-') ? token : `'${escapeText(token).replaceAll("'", "'\\''")}'`;
  return `storewire status ${word} --environment ${environment} --wait`;
}
