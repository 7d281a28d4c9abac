import type { InspectorRow, ReplayReply, TargetChip } from '../../wire.js';

/** How a thing went, for its colour; the words always say it too. */
export type Tone = 'good' | 'bad' | 'unsure' | 'quiet';

const DAY_MS = 86_400_000;

/** Time of a row in the time zone of the browser: `09:04:31` within half a day, `28 Nov 09:04` within a year, else `28 Nov 2025`. */
export function formatRowTime(atMs: number | null, nowMs: number): string {
  const date = new Date(atMs ?? Number.NaN);
  if (atMs === null || Number.isNaN(date.getTime())) return '–';
  const age = Math.abs(nowMs - atMs);
  const time = date.toTimeString();
  if (age < DAY_MS / 2) return time.slice(0, 8);
  // Sun Nov 29 2026
  const [, month, day, year] = date.toDateString().split(' ');
  return `${Number(day)} ${month} ${age < 300 * DAY_MS ? time.slice(0, 5) : year}`;
}

/** ISO 8601 UTC without milliseconds of zero; empty for a number that is no date. */
export function formatIsoTime(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace('.000Z', 'Z');
}

const LAST_DIGITS = 6;

/** The last digits of an id, which is what tells two customers apart. */
export function lastDigits(id: string): string {
  return id.length <= LAST_DIGITS ? id : `\u2026${id.slice(-LAST_DIGITS)}`;
}

/** The product without the app before it, which most rows share; the app where there is no product. */
export function shortProduct({ productId, bundleId }: Pick<InspectorRow, 'productId' | 'bundleId'>): string | null {
  if (productId === null || bundleId === null) return productId ?? bundleId;
  return productId.startsWith(`${bundleId}.`) ? `\u2026${productId.slice(bundleId.length + 1)}` : productId;
}

/** `12,345`. */
export function groupThousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export const VERDICT_TONES = { valid: 'good', invalid: 'bad', undetermined: 'unsure' } as const;

export const CHIP_TONES: Readonly<Record<TargetChip['state'], Tone>> = {
  accepted: 'good',
  pending: 'unsure',
  failed: 'bad',
};

/** A status as a tone: the sender stops at 2xx, and repeats after anything else. */
export function toneOfStatus(status: number | null): Tone {
  if (status === null) return 'quiet';
  return status >= 200 && status < 300 ? 'good' : 'bad';
}

/** `target api: accepted with 200`, for a screen reader and the tooltip. */
export function describeChip({ name, state, httpStatus }: TargetChip): string {
  const status = httpStatus === null ? (state === 'accepted' ? '' : ', no response') : ` with ${httpStatus}`;
  return `target ${name}: ${state}${status}`;
}

const OUTCOMES: Readonly<Record<ReplayReply['outcome'], string>> = {
  accepted: 'accepted',
  refused: 'refused',
  unreachable: 'unreachable',
  'timed-out': 'timed out',
};

/** `accepted with 200 in 12 ms`. */
export function describeReplay(reply: Pick<ReplayReply, 'outcome' | 'httpStatus' | 'ms'>): string {
  const status = reply.httpStatus === null ? '' : ` with ${reply.httpStatus}`;
  return `${OUTCOMES[reply.outcome] ?? reply.outcome}${status} in ${groupThousands(Math.round(reply.ms))} ms`;
}
