import type { PurchaseState } from '../purchase/purchase.js';

/** The look of a state: words, glyph and colour on a terminal, class in SVG and HTML. Each glyph is different, so colour only repeats it. */
export interface StateLook {
  readonly words: string;
  /** Where the words find no room. */
  readonly short: string;
  readonly glyph: string;
  readonly colour: 'green' | 'yellow' | 'magenta' | 'red' | 'dim';
  readonly className: string;
}

export const STATE_LOOKS: Readonly<Record<PurchaseState, StateLook>> = {
  active: { words: 'active', short: 'active', glyph: '█', colour: 'green', className: 'active' },
  'in-grace-period': { words: 'grace period', short: 'grace', glyph: '▓', colour: 'yellow', className: 'grace' },
  'in-billing-retry': { words: 'billing retry', short: 'retry', glyph: '▒', colour: 'magenta', className: 'retry' },
  expired: { words: 'expired', short: 'expired', glyph: '─', colour: 'dim', className: 'expired' },
  revoked: { words: 'revoked', short: 'revoked', glyph: '╳', colour: 'red', className: 'revoked' },
  refunded: { words: 'refunded', short: 'refunded', glyph: '$', colour: 'red', className: 'refunded' },
  migrated: { words: 'migrated', short: 'moved', glyph: '→', colour: 'dim', className: 'migrated' },
  unknown: { words: 'unknown', short: '?', glyph: '?', colour: 'dim', className: 'unknown' },
};

/** Key of an event on the lane and in the list: a, b, … z, aa, ab, … */
export function letterOf(index: number): string {
  const last = String.fromCharCode('a'.charCodeAt(0) + (index % LETTERS));
  return index < LETTERS ? last : letterOf(Math.floor(index / LETTERS) - 1) + last;
}

const LETTERS = 26;
