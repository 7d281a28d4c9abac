import { relative } from 'node:path';
import type { Deps, OutputStream } from '../../cli/deps.js';
import type { ListenerEvent, StoppedEvent } from '../../listener/events.js';
import { TEST_AUTHORITY } from '../../session/authority.js';
import { countOf } from '../../terminal/format.js';
import { APPLE_ROOT_NAME } from '../../trust/roots.js';
import type { ListenFlags } from './flags.js';
import { hasLineKeys } from './line-keys.js';
import type { ListenPage } from './page.js';
import type { ListenPlan } from './plan.js';
import type { ListenResources } from './resources.js';
import { createStopWatcher, type StopCondition } from './stop-conditions.js';
import { droppedToJson, listenerEventToJson } from './view/json.js';
import type { ListenView } from './view/line-model.js';
import { createLineRenderer, type LineEvent, type LineRenderer } from './view/lines.js';
import { describeNotice } from './view/other-lines.js';
import { describeFaults, describeReady, describeStopped, type ReadyContext } from './view/ready.js';

/** Output of a run's events. */
interface ListenOutput {
  write(event: ListenerEvent): void;
  /** Writes everything still held; resolves once the stream has accepted it. */
  close(): Promise<void>;
}

type OutputDeps = Pick<Deps, 'stdin' | 'stdout' | 'stderr' | 'cwd' | 'now' | 'sleep'>;

/** Characters buffered for a slow reader; one JSON event has 40,000. */
const MAX_BUFFERED = { lines: 1_000_000, json: 16_000_000 };

/** JSON lines with `--json`, else text. */
export function createListenOutput(
  { json, verbose, onInvalid, answer, claim }: Pick<ListenFlags, 'json' | 'verbose' | 'onInvalid' | 'answer' | 'claim'>,
  {
    targets,
    faults: faultOptions,
    expectations,
    rootSource,
    stopCondition,
  }: Pick<ListenPlan, 'targets' | 'faults' | 'expectations' | 'rootSource' | 'stopCondition'>,
  {
    journal,
    verification,
    trustsTrigger,
    page,
  }: {
    readonly journal: Pick<ListenResources['journal'], 'path'>;
    readonly verification: Pick<ListenResources['verification'], 'roots'>;
    readonly trustsTrigger: boolean;
    readonly page: Pick<ListenPage, 'url'>;
  },
  deps: OutputDeps,
): ListenOutput {
  if (json) return createJsonOutput(page, deps);
  const names = verification.roots.map(({ name }) => name);
  const trustsAuthority = names.includes(TEST_AUTHORITY);
  const faults = describeFaults(faultOptions);
  const context = {
    trustsAuthority,
    customRoots: names.filter((name) => name !== TEST_AUTHORITY && name !== APPLE_ROOT_NAME).length,
    journal: shortenPath(journal.path, deps.cwd),
    ...(rootSource === null ? {} : { rootSource }),
    trustsTrigger,
    triggerFlags: describeTriggerFlags(expectations),
    acceptsAnyApp: expectations.bundleId === undefined,
    ...{ answer, onInvalid, faults, isClaimed: claim !== undefined },
    hasLineKeys: hasLineKeys({ json }, deps),
    get pageUrl() {
      return page.url;
    },
  };
  const { paint, columns } = deps.stdout;
  const view = {
    paint,
    columns,
    trustsAuthority: trustsTrigger,
    injectsFaults: faults !== null,
    hasTargets: targets.length > 0,
    verbose,
  };
  return createLineOutput(context, view, stopCondition, deps);
}

/** Flags that make `trigger` send a notification of the expected app; values that a shell would interpret are left out. */
function describeTriggerFlags({ bundleId, appAppleId, environment }: ListenPlan['expectations']): string {
  const flags = [
    ['--bundle-id', bundleId],
    ['--app-apple-id', appAppleId],
    ['--environment', [environment].flat()[0]?.toLowerCase()],
  ] as const;
  return flags
    .map(([name, value]) => (value !== undefined && /^[\w.-]+$/.test(value) ? ` ${name} ${value}` : ''))
    .join('');
}

/** Path relative to the working directory, unless it is outside. */
function shortenPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

/** One JSON object per line, from `ready` to `stopped`. */
function createJsonOutput(page: Pick<ListenPage, 'url'>, { stdout, now, sleep }: OutputDeps): ListenOutput {
  const onDropped = (count: number): string => droppedToJson(count, now());
  const buffered = createBufferedOutput(stdout, { maxBuffered: MAX_BUFFERED.json, onDropped }, sleep);
  return {
    write: (event) => buffered.write(listenerEventToJson(event, page.url)),
    close: () => buffered.close(),
  };
}

/** Ready block, then a line per notification on stdout; the summary goes to stderr. */
function createLineOutput(
  context: ReadyContext,
  view: ListenView,
  stopCondition: StopCondition,
  deps: OutputDeps,
): ListenOutput {
  const { stdout, stderr, now, sleep } = deps;
  const onDropped = (count: number): string => {
    const message = `output too slow, ${count} lines dropped; to see them: storewire journal list`;
    return describeNotice({ atMs: now(), message }, view);
  };
  const buffered = createBufferedOutput(stdout, { maxBuffered: MAX_BUFFERED.lines, onDropped }, sleep);
  const renderer = createLineRenderer(view, now());
  const flushTimer = createFlushTimer(renderer, buffered, deps);
  let stopped: StoppedEvent | null = null;
  let abandoned = 0;
  let refusedRequests = 0;
  const watcher = createStopWatcher(stopCondition);
  let isMet = false;
  return {
    write(event) {
      if (event.event === 'ready') return buffered.write(describeReady(event, context, { ...view, nowMs: now() }));
      if (event.event === 'stopped') {
        stopped = event;
        return;
      }
      isMet ||= watcher.observe(event) !== 'waiting';
      if (event.event === 'refused') refusedRequests += 1;
      if (event.event === 'failed' && event.final) abandoned += 1;
      buffered.write(renderer.render(event satisfies LineEvent, now()));
      flushTimer.arm();
    },
    async close() {
      flushTimer.stop();
      buffered.write(renderer.finish(now()));
      await buffered.close();
      if (stopped === null) return;
      const unmet = stopped.reason === 'timeout' && !isMet ? describeUnmet(stopCondition) : null;
      const facts = { abandoned, refusedRequests, unmet };
      stderr.write(describeStopped(stopped, facts, { ...stderr, nowMs: now() }));
    },
  };
}

/** `Timed out: no verified TEST arrived within 60 s`. */
function describeUnmet(condition: StopCondition): string | null {
  if (condition.kind === 'forever' || condition.timeoutMs === null) return null;
  const within = `within ${condition.timeoutMs / 1_000} s`;
  return condition.kind === 'arrival'
    ? `Timed out: no verified ${condition.events.join(' or ')} arrived ${within}`
    : `Timed out: ${countOf(condition.count, 'notification')} expected ${within}`;
}

/** Single timer that flushes held lines when they are due. */
function createFlushTimer(
  renderer: LineRenderer,
  buffered: BufferedOutput,
  { now, sleep }: OutputDeps,
): { arm(): void; stop(): void } {
  const stopped = new AbortController();
  let isRunning = false;
  const run = async (): Promise<void> => {
    for (
      let dueMs = renderer.nextFlushMs();
      dueMs !== null && !stopped.signal.aborted;
      dueMs = renderer.nextFlushMs()
    ) {
      await sleep(Math.max(0, dueMs - now()), stopped.signal);
      buffered.write(renderer.flush(Math.max(dueMs, now())));
    }
    isRunning = false;
  };
  return {
    arm() {
      if (isRunning || renderer.nextFlushMs() === null) return;
      isRunning = true;
      void run();
    },
    stop: () => stopped.abort(),
  };
}

/** Buffer between bursts of text and a slow reader. */
interface BufferedOutput {
  write(text: string): void;
  /** Writes the rest; resolves once the stream has accepted it. */
  close(): Promise<void>;
}

interface BufferedOutputOptions {
  /** Characters buffered for a slow reader. */
  readonly maxBuffered: number;
  /** Text that replaces `count` dropped texts. */
  readonly onDropped: (count: number) => string;
}

/** Imperceptible, and a thousand lines a second become fifty writes. */
const FLUSH_DELAY_MS = 20;

/**
 * Batches texts into few writes. A slow reader makes them wait, up to a limit; beyond it texts are dropped and counted, so that a paused
 * pager neither stops the listener nor fills its memory.
 */
export function createBufferedOutput(
  stream: Pick<OutputStream, 'write' | 'drained'>,
  { maxBuffered, onDropped }: BufferedOutputOptions,
  sleep: Deps['sleep'],
): BufferedOutput {
  let buffer: string[] = [];
  let characters = 0;
  let dropped = 0;
  let flushing: Promise<void> | null = null;
  const flush = (): void => {
    if (buffer.length > 0) stream.write(buffer.join(''));
    buffer = [];
    characters = 0;
    if (dropped > 0) stream.write(onDropped(dropped));
    dropped = 0;
  };
  const flushSoon = async (): Promise<void> => {
    await sleep(FLUSH_DELAY_MS);
    await stream.drained();
    flushing = null;
    flush();
  };
  return {
    write(text) {
      if (text === '') return;
      if (dropped > 0 || characters + text.length > maxBuffered) {
        dropped += 1;
      } else {
        buffer.push(text);
        characters += text.length;
      }
      flushing ??= flushSoon();
    },
    async close() {
      await flushing;
      flush();
      await stream.drained();
    },
  };
}
