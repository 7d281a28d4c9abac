/** Carries the ids of the listeners that a notification has passed, oldest first. */
export const VIA_HEADER = 'storewire-via';

const ID = /^[0-9a-f]{8,64}$/;
/** More than any chain of listeners that somebody means has; what follows is of no interest, it is a loop already. */
const MOST_IDS = 16;

/** The ids in a `storewire-via` header; empty where there is none. What is no id is passed over: anybody may have written it. */
export function parseVia(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  const words = header.split(',', MOST_IDS).map((word) => word.trim());
  return words.filter((word) => ID.test(word));
}

/** The header of what a listener hands on: those it came by, and the listener itself. */
export function buildVia(passed: readonly string[], runId: string): string {
  return [...passed, runId].join(', ');
}
