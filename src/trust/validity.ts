import type { Certificate } from './certificate.js';
import { type Finding, UNREAD } from './finding.js';

/** When all certificates of a chain are valid, both ends included; milliseconds since the epoch. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Which certificate starts last and which ends first. */
  readonly startsLast: string;
  readonly endsFirst: string;
  readonly text: string;
}

const POSITIONS = ['leaf', 'intermediate', 'root'] as const;

/** The time that leaf, intermediate and root have in common. */
export function validityOf(chain: readonly [Certificate, Certificate, Certificate]): Validity {
  const fromMs = Math.max(...chain.map((certificate) => certificate.notBeforeMs));
  const untilMs = Math.min(...chain.map((certificate) => certificate.notAfterMs));
  return {
    fromMs,
    untilMs,
    startsLast: POSITIONS[chain.findIndex((certificate) => certificate.notBeforeMs === fromMs)] ?? '',
    endsFirst: POSITIONS[chain.findIndex((certificate) => certificate.notAfterMs === untilMs)] ?? '',
    text: `${isoSeconds(fromMs)} to ${isoSeconds(untilMs)}`,
  };
}

/** Judges a chain at one moment (ms); says when it would have been good. null: its certificates could not be read. */
export function checkDates(validity: Validity | null, atMs: number): Finding {
  if (validity === null) return UNREAD;
  const { fromMs, untilMs, text: expected, startsLast, endsFirst } = validity;
  const found = isoSeconds(atMs);
  if (atMs >= fromMs && atMs <= untilMs) return { ok: true, expected, found };
  const early = atMs < fromMs;
  return {
    ok: false,
    reason: early ? 'CERTIFICATE_NOT_YET_VALID' : 'CERTIFICATE_EXPIRED',
    expected,
    found,
    detail: early
      ? `the ${startsLast} certificate is valid from ${isoSeconds(fromMs)}`
      : `the ${endsFirst} certificate expired on ${isoSeconds(untilMs)}`,
  };
}

/** `2025-10-02T08:30:41Z`; a moment beyond what a date can hold is told as the number it is. */
export function isoSeconds(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? `${atMs} ms` : `${date.toISOString().slice(0, -MILLISECONDS.length)}Z`;
}

const MILLISECONDS = '.000Z';
