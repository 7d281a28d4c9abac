import { describeLine } from '../../document-view/line.js';
import type { PayloadDocument, SendAttempt } from '../../notification/document.js';
import { showText } from '../../terminal/escape.js';
import { formatMoment } from '../../terminal/format.js';
import { laySentence, type View } from '../../terminal/layout.js';

/** Under the type, where the verdict's column ends. */
const INDENT = '         ';

/**
 * One notification of the history on one line, and below it how its delivery went where that was not at once. Ends in a newline.
 */
export function describeSentLine(document: PayloadDocument, view: View): string {
  return describeLine(document, view) + describeDelivery(document.sendAttempts ?? [], view);
}

function describeDelivery(attempts: readonly SendAttempt[], view: View): string {
  const [first] = attempts;
  if (attempts.length === 1 && first?.sendAttemptResult === 'SUCCESS') return '';
  const columns = view.columns - INDENT.length;
  const lines = laySentence(sentenceOf(attempts), { columns }, true);
  return lines.map((line) => `${INDENT}${view.paint.yellow(line)}\n`).join('');
}

/** `not delivered in 2 attempts: TIMED_OUT 2026-…Z, TIMED_OUT 2026-…Z`. */
function sentenceOf(attempts: readonly SendAttempt[]): string {
  const [first] = attempts;
  if (first === undefined) return 'no attempt listed yet';
  const isDelivered = attempts.some((attempt) => attempt.sendAttemptResult === 'SUCCESS');
  const count = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`;
  const listed = attempts.map(
    ({ attemptDate, sendAttemptResult: result }) =>
      `${showText(result)} ${formatMoment(toSecond(attemptDate)) ?? attemptDate}`,
  );
  return `${isDelivered ? 'delivered' : 'not delivered'} in ${count}: ${listed.join(', ')}`;
}

/** As the line above it tells its moment. */
function toSecond(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}
