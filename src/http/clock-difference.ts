/** Differences below this are within the accuracy of a Date header (whole seconds) and of the round trip. */
const NOTICEABLE_MS = 5_000;

/** Difference between the clock of this machine and that of a server. */
export interface ClockDifference {
  /** Positive if this machine is ahead. */
  readonly aheadMs: number;
  /** Text for the end of a sentence: `34 s ahead of the server's`. */
  readonly words: string;
}

/** Compares a response's Date header with this machine's time; null if it has none or the difference is below five seconds. */
export function clockDifference(headers: Readonly<Record<string, string>>, nowMs: number): ClockDifference | null {
  const aheadMs = nowMs - Date.parse(headers.date ?? '');
  if (Number.isNaN(aheadMs) || Math.abs(aheadMs) < NOTICEABLE_MS) return null;
  return { aheadMs, words: `${describeSpan(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} the server's` };
}

function describeSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
