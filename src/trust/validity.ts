import type { Certificate } from './certificate.js';
import { type Finding, UNREAD } from './finding.js';

/** Period in which all certificates of a chain are valid, both ends included; milliseconds since the epoch. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Position of the certificate that starts last, and of the one that ends first. */
  readonly startsLast: string;
  readonly endsFirst: string;
  readonly text: string;
}

const POSITIONS = ['leaf', 'intermediate', 'root'] as const;

/** The common validity period of leaf, intermediate and root. */
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

/** Checks the dates of a chain as of `atMs`. `validity` is null if the certificates could not be read. */
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

/** Formats a time as `2025-10-02T08:30:41Z`; a time outside the range of Date as a number of milliseconds. */
export function isoSeconds(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? `${atMs} ms` : `${date.toISOString().slice(0, -MILLISECONDS.length)}Z`;
}

const MILLISECONDS = '.000Z';
