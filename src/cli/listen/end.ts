import type { ListenerEvent } from '../../listener/event.js';
import type { Deps } from '../deps.js';
import { EXIT, type Exit } from '../exit.js';
import { createWatch, type Until } from './until.js';

/** Why a run ends, and with which code. */
export interface Ending {
  readonly reason: string;
  readonly exit: Exit;
}

/** Knows when a run is over. */
export interface End {
  take(event: ListenerEvent): void;
  readonly reached: Promise<Ending>;
  /** Lets go of the clock. */
  forget(): void;
}

type EndDeps = Pick<Deps, 'signal' | 'sleep'> & { readonly stdout: Pick<Deps['stdout'], 'closed'> };

/**
 * A run ends when what a script waits for is there and its targets were tried, at its deadline, when it is interrupted, and when nobody
 * reads its output any more. Interrupted is its usual end once it was ready, unless something was still waited for. `settleMs`: how long
 * targets may take after that.
 */
export function createEnd(until: Until, settleMs: number, { signal, sleep, stdout }: EndDeps): End {
  const watch = createWatch(until);
  const over = new AbortController();
  let isReady = false;
  let isSettling = false;
  let finish: (ending: Ending) => void = () => undefined;
  const reached = new Promise<Ending>((resolve) => {
    finish = (ending) => {
      over.abort();
      resolve(ending);
    };
  });
  const isAnswered = (): boolean => isSettling || until.kind === 'forever';
  const after = (ms: number, ending: Ending): void =>
    void sleep(ms, over.signal).then(() => over.signal.aborted || finish(ending));

  onAbort(signal, over.signal, () =>
    finish({ reason: String(signal.reason), exit: isReady && isAnswered() ? EXIT.ok : EXIT.interrupted }),
  );
  onAbort(stdout.closed, over.signal, () =>
    finish({ reason: String(stdout.closed.reason), exit: isAnswered() ? EXIT.ok : EXIT.pending }),
  );
  if (until.kind !== 'forever' && until.timeoutMs !== null)
    after(until.timeoutMs, { reason: 'timeout', exit: EXIT.pending });
  return {
    reached,
    forget: () => over.abort(),
    take(event) {
      if (event.event === 'ready') isReady = true;
      const progress = watch.take(event);
      const done = { reason: until.kind === 'count' ? 'exit-after' : 'expected', exit: EXIT.ok };
      if (progress === 'settled') finish(done);
      else if (progress === 'met' && !isSettling) after(settleMs, done);
      isSettling ||= progress !== 'waiting';
    },
  };
}

function onAbort(signal: AbortSignal, over: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true, signal: over });
}
