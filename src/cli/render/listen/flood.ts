import { countOf, groupDigits } from '../../number.js';

/** What was counted in place of being shown. */
export type Counted = 'valid' | 'invalid' | 'attempts' | 'refused' | 'notices';

/** Lets lines pass as long as somebody can read them, and counts the rest, second by second. */
export interface Flood {
  /** Whether there is room for a line of this kind; it is counted where there is none. */
  admit(kind: Counted, nowMs: number): boolean;
  /** When there will be something to tell; null where nothing was held back. */
  dueMs(): number | null;
  /** What was held back, in a few words, and begins anew; null where nothing was. */
  report(nowMs: number): string | null;
}

const WINDOW_MS = 1_000;
/** What a reader follows at most. */
const MOST_LINES = 25;

/** Pure but for its counts. Once a second had too many, none is shown until a second had few again. */
export function createFlood(mostLines = MOST_LINES): Flood {
  let startMs = Number.NEGATIVE_INFINITY;
  let seen = 0;
  let held = 0;
  let isCalm = true;
  let counts = { ...NONE };
  const begin = (nowMs: number, calm: boolean): void => {
    startMs = nowMs;
    seen = 0;
    isCalm = calm;
    held = 0;
    counts = { ...NONE };
  };
  const isHolding = (): boolean => held > 0;
  return {
    admit(kind, nowMs) {
      if (nowMs - startMs >= WINDOW_MS && !isHolding()) begin(nowMs, true);
      seen += 1;
      if (isCalm && seen <= mostLines) return true;
      held += 1;
      counts[kind] += 1;
      return false;
    },
    dueMs: () => (isHolding() ? startMs + WINDOW_MS : null),
    report(nowMs) {
      const text = isHolding() ? describe(counts) : null;
      begin(nowMs, seen <= mostLines);
      return text;
    },
  };
}

const NONE: Readonly<Record<Counted, number>> = { valid: 0, invalid: 0, attempts: 0, refused: 0, notices: 0 };

function describe({ valid, invalid, attempts, refused, notices }: Readonly<Record<Counted, number>>): string {
  const parts = [
    ...(valid > 0 ? [`${groupDigits(valid)} valid`] : []),
    ...(invalid > 0 ? [`${groupDigits(invalid)} not verified`] : []),
    ...(attempts > 0 ? [countOf(attempts, 'further attempt')] : []),
    ...(refused > 0 ? [`${countOf(refused, 'request')} refused`] : []),
    ...(notices > 0 ? [countOf(notices, 'notice')] : []),
  ];
  return `too many to show each: ${parts.join(', ')}`;
}
