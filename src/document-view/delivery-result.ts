import type { Delivery } from '../notification/document.js';
import type { View } from '../terminal/layout.js';

type ResultTone = 'good' | 'bad' | 'warning' | 'quiet';

/** How a notification stands with one target, in a word or two. Names of targets are the user's own and plain. */
export interface TargetResult {
  readonly text: string;
  readonly tone: ResultTone;
}

/** `✓ app 200`, `✗ app 500`, `✗ app unreachable`; `times`: the attempts so far, told from the second on. */
export function deliveryResult({ target, outcome, httpStatus }: Delivery, times = 1): TargetResult {
  const often = times > 1 ? ` (attempt ${times})` : '';
  if (outcome === 'accepted') return { text: `✓ ${withStatus(target, httpStatus)}${often}`, tone: 'good' };
  if (outcome === 'refused') return { text: `✗ ${withStatus(target, httpStatus)}${often}`, tone: 'bad' };
  return { text: `✗ ${target} ${outcome === 'timed-out' ? 'timed out' : 'unreachable'}${often}`, tone: 'warning' };
}

export function quietResult(target: string, word: string): TargetResult {
  return { text: `– ${target} ${word}`, tone: 'quiet' };
}

export function paintResult({ text, tone }: TargetResult, { paint }: Pick<View, 'paint'>): string {
  const colours = { good: paint.green, bad: paint.red, warning: paint.yellow, quiet: paint.dim };
  return colours[tone](text);
}

/** A program has no status. */
function withStatus(target: string, httpStatus: number | null): string {
  return httpStatus === null ? target : `${target} ${httpStatus}`;
}
