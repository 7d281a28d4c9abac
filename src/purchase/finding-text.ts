import { formatMoment } from '../terminal/format.js';
import type { AppliedEvent } from './fold-group.js';
import type { PurchaseFinding } from './purchase.js';

/** A hostile history has as many findings as events; nobody reads more of one kind. */
const MAX_OF_A_KIND = 20;

/** The first findings of one kind, and one that counts the others. */
export function limitFindings(findings: readonly PurchaseFinding[]): readonly PurchaseFinding[] {
  const rest = findings.slice(MAX_OF_A_KIND);
  const [first] = rest;
  if (first === undefined) return findings;
  const events = [...new Set(rest.flatMap((finding) => finding.events))];
  return [...findings.slice(0, MAX_OF_A_KIND), { ...first, message: `${rest.length} more of the same kind`, events }];
}

/** ISO 8601, UTC. */
export function momentText(ms: number | null): string {
  return (ms === null ? null : formatMoment(ms)) ?? 'an unknown time';
}

export function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** `notification`, `notifications`; `payloads` where there are others among them. */
export function nounOf(events: readonly AppliedEvent[]): string {
  const noun = events.every(({ record }) => record.isNotification) ? 'notification' : 'payload';
  return plural(events.length, noun, `${noun}s`);
}
