import type { Delivery } from '../notification/document.js';
import type { View } from '../terminal/layout.js';

type ResultTone = 'good' | 'bad' | 'warning' | 'quiet';

/** The state of a delivery to one target, in a word or two. Target names come from the user and need no escaping. */
export interface TargetResult {
  readonly text: string;
  readonly tone: ResultTone;
}

/** `✓ app 200`, `✗ app 500`, `✗ app unreachable`; `times`: the attempts so far, shown from the second on. */
export function deliveryResult({ target, outcome, httpStatus }: Delivery, times = 1): TargetResult {
  const attempts = times > 1 ? ` (attempt ${times})` : '';
  if (outcome === 'accepted') return { text: `✓ ${withStatus(target, httpStatus)}${attempts}`, tone: 'good' };
  if (outcome === 'refused') return { text: `✗ ${withStatus(target, httpStatus)}${attempts}`, tone: 'bad' };
  return { text: `✗ ${target} ${outcome === 'timed-out' ? 'timed out' : 'unreachable'}${attempts}`, tone: 'warning' };
}

export function quietResult(target: string, word: string): TargetResult {
  return { text: `– ${target} ${word}`, tone: 'quiet' };
}

export function paintResult({ text, tone }: TargetResult, { paint }: Pick<View, 'paint'>): string {
  const colours = { good: paint.green, bad: paint.red, warning: paint.yellow, quiet: paint.dim };
  return colours[tone](text);
}

/** `--exec` programs have no HTTP status. */
function withStatus(target: string, httpStatus: number | null): string {
  return httpStatus === null ? target : `${target} ${httpStatus}`;
}
