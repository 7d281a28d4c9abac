import type { ToolError } from '../../errors.js';
import type { Sent, Tally } from './outcome.js';

/** Counts what a run does. */
export interface Sums {
  add(sent: Sent): void;
  leaveOut(): void;
  tally(stoppedBy: Tally['stoppedBy'], givenUp: readonly string[], error: ToolError | null): Tally;
}

export function createSums(): Sums {
  const outcomes = { accepted: 0, refused: 0, unreachable: 0, 'timed-out': 0 };
  let [notifications, unwanted, leftOut, withheld, notSent] = [0, 0, 0, 0, 0];
  return {
    add(sent) {
      notifications += 1;
      if (sent.send.length + sent.withheld.length === 0) unwanted += 1;
      withheld += sent.withheld.length;
      notSent += sent.notSent.length;
      for (const { outcome } of sent.deliveries) outcomes[outcome] += 1;
    },
    leaveOut() {
      leftOut += 1;
    },
    tally: (stoppedBy, givenUp, error) => ({
      ...outcomes,
      ...{ notifications, unwanted, leftOut, withheld, notSent, givenUp, stoppedBy, error },
    }),
  };
}
