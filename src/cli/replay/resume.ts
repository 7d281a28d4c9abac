import { ToolError } from '../../errors.js';
import { readJournal } from '../../journal/read.js';
import type { DeliveryRecord, RunRecord } from '../../journal/record.js';
import type { Target } from '../../listener/forward/target.js';

/** The last run that was begun and not finished; null where there is none. Records in any order. */
export function findInterrupted(runs: readonly RunRecord[]): RunRecord | null {
  const finished = new Set(runs.filter(({ state }) => state === 'finished').map(({ run }) => run));
  const open = runs.filter(({ state, run }) => state === 'started' && !finished.has(run));
  return open.reduce<RunRecord | null>((last, run) => (last === null || run.atMs >= last.atMs ? run : last), null);
}

/** What a run has done: to which target which notification went. */
export interface Done {
  has(id: string, target: string): boolean;
}

/** Reads what a run did before it was interrupted. */
export async function readDone(folder: string, run: string): Promise<Done> {
  const done = new Set<string>();
  for await (const { record } of readJournal(folder, { onTear: () => undefined })) {
    if (record.type === 'delivery' && record.run === run && isDone(record)) done.add(`${record.id} ${record.target}`);
  }
  return { has: (id, target) => done.has(`${id} ${target}`) };
}

/** Throws usage `ERR_REPLAY_NOT_INTERRUPTED` where nothing was. */
export function requireInterrupted(runs: readonly RunRecord[]): RunRecord {
  const run = findInterrupted(runs);
  if (run !== null) return run;
  throw new ToolError('usage', 'ERR_REPLAY_NOT_INTERRUPTED', 'no run was interrupted, so there is none to go on with', {
    hint: 'What some target has not accepted: storewire replay --failed',
  });
}

/** Throws usage `ERR_REPLAY_TARGET_MISSING` where one the run was for has no address now: addresses are not written down. */
export function checkTargets(wanted: readonly string[], targets: readonly Pick<Target, 'name'>[]): void {
  const missing = wanted.filter((name) => targets.every((target) => target.name !== name));
  if (missing.length === 0) return;
  const flags = missing.map((name) => `--forward-to ${name}=URL`).join(' ');
  const message = `the run that was interrupted was for ${wanted.join(', ')}; not among the targets here: ${missing.join(', ')}`;
  throw new ToolError('usage', 'ERR_REPLAY_TARGET_MISSING', message, { hint: `Give it again: --resume ${flags}` });
}

/** An answer, whatever it was, is done; a target that could not be reached is asked again. */
function isDone({ outcome }: DeliveryRecord): boolean {
  return outcome === 'accepted' || outcome === 'refused';
}
