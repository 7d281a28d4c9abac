import { relative } from 'node:path';
import type { Deps, OutputStream } from '../../cli/deps.js';
import type { ListenerEvent, StoppedEvent } from '../../listener/events.js';
import { TEST_AUTHORITY } from '../../session/trust.js';
import { APPLE_ROOT_NAME } from '../../trust/roots.js';
import type { ListenFlags } from './flags.js';
import type { ListenPlan } from './plan.js';
import type { ListenResources } from './resources.js';
import { leftOutToJson, listenerEventToJson } from './view/json.js';
import type { ListenView } from './view/line-model.js';
import { createLines, type LineEvent, type Lines } from './view/lines.js';
import { describeNotice } from './view/other-lines.js';
import { describePractice, describeReady, describeStopped, type ReadyNotes } from './view/ready.js';

/** Where the events of a run go. */
interface ListenOutput {
  take(event: ListenerEvent): void;
  /** Everything is written, what was held too; resolves once it has been handed on. */
  end(): Promise<void>;
}

type ScreenDeps = Pick<Deps, 'stdout' | 'stderr' | 'cwd' | 'now' | 'sleep'>;

/** Characters that may wait for a reader: an event of JSON has 40,000. */
const MOST_WAITING = { lines: 1_000_000, json: 16_000_000 };

/** The view that flags ask for. */
export function createListenOutput(
  { json, verbose, onInvalid, answer, claim }: Pick<ListenFlags, 'json' | 'verbose' | 'onInvalid' | 'answer' | 'claim'>,
  { targets, practice }: Pick<ListenPlan, 'targets' | 'practice'>,
  {
    journal,
    judging,
  }: {
    readonly journal: Pick<ListenResources['journal'], 'path'>;
    readonly judging: Pick<ListenResources['judging'], 'roots'>;
  },
  deps: ScreenDeps,
): ListenOutput {
  if (json) return createJsonOutput(deps);
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
  return createLineOutput(notes, view, deps);
}

/** As it is typed from here. */
function shortenPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

/** One JSON object a line, from `ready` to `stopped`. */
function createJsonOutput({ stdout, now, sleep }: ScreenDeps): ListenOutput {
  const onLeftOut = (count: number): string => leftOutToJson(count, now());
  const outlet = createBufferedOutput(stdout, { mostWaiting: MOST_WAITING.json, onLeftOut }, sleep);
  return {
    take: (event) => outlet.write(listenerEventToJson(event)),
    end: () => outlet.end(),
  };
}

/** The ready block, then a line for each notification, for people; what came of the run goes to stderr, as it is no part of the answer. */
function createLineOutput(notes: ReadyNotes, view: ListenView, deps: ScreenDeps): ListenOutput {
  const { stdout, stderr, now, sleep } = deps;
  const onLeftOut = (count: number): string => {
    const message = `${count} lines were left out, as nobody read them: storewire journal list has what they told`;
    return describeNotice({ atMs: now(), message }, view);
  };
  const outlet = createBufferedOutput(stdout, { mostWaiting: MOST_WAITING.lines, onLeftOut }, sleep);
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
function createClock(lines: Lines, outlet: BufferedOutput, { now, sleep }: ScreenDeps): { wake(): void; stop(): void } {
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

/** Where text goes that comes faster than a terminal or a reader may take it. */
interface BufferedOutput {
  write(text: string): void;
  /** Writes what is left; resolves once it has been handed on. */
  end(): Promise<void>;
}

interface BufferedOutputOptions {
  /** What may wait for a slow reader, in characters. */
  readonly mostWaiting: number;
  /** What is written in the place of texts that were too many to keep. */
  readonly onLeftOut: (count: number) => string;
}

/** Nobody sees a delay of this length, and a thousand lines a second become fifty writes. */
const GATHER_MS = 20;

/**
 * Gathers texts and writes them together. While a reader does not read they wait, up to a bound; what is beyond it is left out and told,
 * so that a pager nobody scrolls neither stops the listener nor fills its memory.
 */
export function createBufferedOutput(
  stream: Pick<OutputStream, 'write' | 'drained'>,
  { mostWaiting, onLeftOut }: BufferedOutputOptions,
  sleep: Deps['sleep'],
): BufferedOutput {
  let waiting: string[] = [];
  let characters = 0;
  let leftOut = 0;
  let flushing: Promise<void> | null = null;
  const flush = (): void => {
    if (waiting.length > 0) stream.write(waiting.join(''));
    waiting = [];
    characters = 0;
    if (leftOut > 0) stream.write(onLeftOut(leftOut));
    leftOut = 0;
  };
  const flushSoon = async (): Promise<void> => {
    await sleep(GATHER_MS);
    await stream.drained();
    flushing = null;
    flush();
  };
  return {
    write(text) {
      if (text === '') return;
      if (leftOut > 0 || characters + text.length > mostWaiting) {
        leftOut += 1;
      } else {
        waiting.push(text);
        characters += text.length;
      }
      flushing ??= flushSoon();
    },
    async end() {
      await flushing;
      flush();
      await stream.drained();
    },
  };
}
