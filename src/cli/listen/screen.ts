import { relative } from 'node:path';
import type { ListenerEvent, StoppedEvent } from '../../listener/event.js';
import { APPLE_ROOT_NAME } from '../../trust/roots.js';
import type { Deps } from '../deps.js';
import { TEST_AUTHORITY } from '../project-authority.js';
import { leftOutToJson, listenerEventToJson } from '../render/listen/json.js';
import { createLines, type LineEvent, type Lines } from '../render/listen/lines.js';
import { describeNotice } from '../render/listen/other-lines.js';
import { describePractice } from '../render/listen/practice.js';
import { describeReady, type ReadyNotes } from '../render/listen/ready.js';
import { describeStopped } from '../render/listen/summary.js';
import type { ListenView } from '../render/listen/view.js';
import type { ListenFlags } from './flags.js';
import { createOutlet, type Outlet } from './outlet.js';
import type { ListenParts } from './parts.js';
import type { ListenPlan } from './plan.js';

/** Where the events of a run go. */
export interface Screen {
  take(event: ListenerEvent): void;
  /** Everything is written, what was held too; resolves once it has been handed on. */
  end(): Promise<void>;
}

type ScreenDeps = Pick<Deps, 'stdout' | 'stderr' | 'cwd' | 'now' | 'sleep'>;

/** Characters that may wait for a reader: an event of JSON has 40,000. */
const MOST_WAITING = { lines: 1_000_000, json: 16_000_000 };

/** The view that flags ask for. */
export function createScreen(
  { json, verbose, onInvalid, answer, claim }: Pick<ListenFlags, 'json' | 'verbose' | 'onInvalid' | 'answer' | 'claim'>,
  { targets, practice }: Pick<ListenPlan, 'targets' | 'practice'>,
  {
    journal,
    judging,
  }: {
    readonly journal: Pick<ListenParts['journal'], 'path'>;
    readonly judging: Pick<ListenParts['judging'], 'roots'>;
  },
  deps: ScreenDeps,
): Screen {
  if (json) return createJsonScreen(deps);
  const names = judging.roots.map(({ name }) => name);
  const trustsTests = names.includes(TEST_AUTHORITY);
  const practised = describePractice(practice);
  const notes = {
    trustsTests,
    ownRoots: names.filter((name) => name !== TEST_AUTHORITY && name !== APPLE_ROOT_NAME).length,
    journal: shortenPath(journal.path, deps.cwd),
    ...{ answer, onInvalid, practice: practised, isClaimed: claim !== undefined },
  };
  const { paint, columns } = deps.stdout;
  const view = { paint, columns, trustsTests, practises: practised !== null, forwards: targets.length > 0, verbose };
  return createLineScreen(notes, view, deps);
}

/** As it is typed from here. */
function shortenPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

/** One JSON object a line, from `ready` to `stopped`. */
export function createJsonScreen({ stdout, now, sleep }: ScreenDeps): Screen {
  const onLeftOut = (count: number): string => leftOutToJson(count, now());
  const outlet = createOutlet(stdout, { mostWaiting: MOST_WAITING.json, onLeftOut }, sleep);
  return {
    take: (event) => outlet.write(listenerEventToJson(event)),
    end: () => outlet.end(),
  };
}

/** The ready block, then a line for each notification, for people; what came of the run goes to stderr, as it is no part of the answer. */
export function createLineScreen(notes: ReadyNotes, view: ListenView, deps: ScreenDeps): Screen {
  const { stdout, stderr, now, sleep } = deps;
  const onLeftOut = (count: number): string => {
    const message = `${count} lines were left out, as nobody read them: storewire journal list has what they told`;
    return describeNotice({ atMs: now(), message }, view);
  };
  const outlet = createOutlet(stdout, { mostWaiting: MOST_WAITING.lines, onLeftOut }, sleep);
  const lines = createLines(view, now());
  const clock = createClock(lines, outlet, deps);
  let stopped: StoppedEvent | null = null;
  let givenUp = 0;
  return {
    take(event) {
      if (event.event === 'ready') return outlet.write(describeReady(event, notes, { ...view, nowMs: now() }));
      if (event.event === 'stopped') {
        stopped = event;
        return;
      }
      if (event.event === 'failed' && event.final) givenUp += 1;
      outlet.write(lines.take(event satisfies LineEvent, now()));
      clock.wake();
    },
    async end() {
      clock.stop();
      outlet.write(lines.end(now()));
      await outlet.end();
      if (stopped !== null) stderr.write(describeStopped(stopped, givenUp, { ...stderr, nowMs: now() }));
    },
  };
}

/** Shows what is held once its time has come: one timer, for the first that is due. */
function createClock(lines: Lines, outlet: Outlet, { now, sleep }: ScreenDeps): { wake(): void; stop(): void } {
  const stopped = new AbortController();
  let isRunning = false;
  const run = async (): Promise<void> => {
    for (let dueMs = lines.dueMs(); dueMs !== null && !stopped.signal.aborted; dueMs = lines.dueMs()) {
      await sleep(Math.max(0, dueMs - now()), stopped.signal);
      outlet.write(lines.tick(Math.max(dueMs, now())));
    }
    isRunning = false;
  };
  return {
    wake() {
      if (isRunning || lines.dueMs() === null) return;
      isRunning = true;
      void run();
    },
    stop: () => stopped.abort(),
  };
}
