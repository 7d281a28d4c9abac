import { durationOption } from './durations.js';
import { parseMoment } from './options.js';

/** A moment, or how long (ms) before now it was. */
export type Since = { readonly atMs: number } | { readonly agoMs: number };

/** The moment in milliseconds. */
export function momentOf(since: Since, nowMs: number): number {
  return 'atMs' in since ? since.atMs : nowMs - since.agoMs;
}

/** `7d`, or `2026-03-04T12:00:00Z`; commander names the flag and what was given. */
export function parseSince(text: string): Since {
  return /^[\d.]+ ?[a-z]+$/i.test(text.trim()) ? { agoMs: durationOption(text) } : { atMs: parseMoment(text) };
}
