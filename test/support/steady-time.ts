import { sleep } from '../../src/clock.js';

const STEP_MS = 10;

/** Time that stands still while this process does not run: a deadline cannot pass before what is ready to be read has been read. */
export interface SteadyTime {
  now(): number;
  stop(): void;
}

/** Starts with the real time and falls behind it by the time when this process was not scheduled. */
export function startSteadyTime(): SteadyTime {
  let nowMs = Date.now();
  const timer = setInterval(() => {
    nowMs += STEP_MS;
  }, STEP_MS).unref();
  return { now: () => nowMs, stop: () => clearInterval(timer) };
}

/** As the real one, but in steps, between each of which this process reads what has arrived. */
export async function steadySleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let leftMs = ms; ; leftMs -= STEP_MS) {
    await sleep(Math.min(leftMs, STEP_MS), signal);
    if (leftMs <= STEP_MS || signal?.aborted) return;
  }
}
