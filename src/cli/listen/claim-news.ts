import type { ListenerEvent } from '../../listener/event.js';
import type { Deps } from '../deps.js';
import { createNotes } from '../notes.js';

/** Codes of the notices about a claim. */
export type ClaimCode = 'CLAIM_SET' | 'CLAIM_ENDING' | 'CLAIM_RESTORED' | 'CLAIM_TAKEN' | 'CLAIM_OPEN';

/** What is told of a claim: to people beside the run, to programs as events of it. */
export interface ClaimNews {
  tell(code: ClaimCode, message: string): void;
  /** From now on there is somewhere for events to go; those from before go there first. */
  attach(onEvent: (event: ListenerEvent) => void): void;
}

/** What stays wrong until somebody does something: told among the notifications, where it is seen. */
const TROUBLE: ReadonlySet<ClaimCode> = new Set(['CLAIM_TAKEN', 'CLAIM_OPEN']);

export function createClaimNews(
  flags: { readonly json: boolean },
  deps: Pick<Deps, 'stdout' | 'stderr' | 'now'>,
): ClaimNews {
  const notes = createNotes(flags, deps);
  const early: ListenerEvent[] = [];
  let send: ((event: ListenerEvent) => void) | null = null;
  return {
    tell(code, message) {
      const event = { event: 'notice', atMs: deps.now(), code, message } as const;
      if (send !== null && (flags.json || TROUBLE.has(code))) send(event);
      else if (flags.json) early.push(event);
      else notes.say(message);
    },
    attach(onEvent) {
      send = onEvent;
      for (const event of early.splice(0)) onEvent(event);
    },
  };
}
