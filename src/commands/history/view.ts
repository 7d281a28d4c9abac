import { describeLine } from '../../document-view/line.js';
import type { PayloadDocument, SendAttempt } from '../../notification/document.js';
import { showText } from '../../terminal/escape.js';
import { formatMoment } from '../../terminal/format.js';
import { laySentence, type View } from '../../terminal/layout.js';

/** Indents below the verdict column. */
const INDENT = '         ';

/** One notification on one line, and its attempts below unless the first one succeeded. Ends in a newline. */
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
  if (first === undefined) return 'no attempt yet';
  const isDelivered = attempts.some((attempt) => attempt.sendAttemptResult === 'SUCCESS');
  const count = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`;
  const listed = attempts.map(
    ({ attemptDate, sendAttemptResult: result }) =>
      `${showText(result)} ${formatMoment(toSecond(attemptDate)) ?? attemptDate}`,
  );
  return `${isDelivered ? 'delivered' : 'not delivered'} in ${count}: ${listed.join(', ')}`;
}

/** Rounds down to a second, the precision of the line above. */
function toSecond(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}
