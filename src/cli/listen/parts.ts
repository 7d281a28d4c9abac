import type { Tear } from '../../journal/entry.js';
import { type Journal, openJournal } from '../../journal/journal.js';
import { type JudgePool, startJudges } from '../../listener/judge/pool.js';
import type { JudgeOptions } from '../../listener/options.js';
import type { OpenSettings } from '../../settings/open.js';
import type { Deps } from '../deps.js';
import { openJournalFolder } from '../journal/place.js';
import { describeTears } from '../render/journal.js';
import type { ListenFlags } from './flags.js';
import type { ListenPlan } from './plan.js';
import { openTrust } from './trust.js';

/** What a listener works with and what the listener closes again. */
export interface ListenParts {
  readonly judging: JudgeOptions;
  readonly judges: JudgePool;
  readonly journal: Journal;
}

interface PartSources {
  readonly open: OpenSettings;
  /** Paths of further roots. */
  readonly rootFiles: readonly string[];
}

type PartDeps = Pick<Deps, 'stderr' | 'cwd' | 'now' | 'userId' | 'processId' | 'isRunning' | 'startWorker' | 'cores'>;

/** More threads than this would wait for the one that receives. */
const MOST_JUDGES = 8;

/** Opens trust, journal and judges, in this order. Throws usage errors `ERR_TRUST_*`, `ERR_STATE_*`, `ERR_AUTHORITY_*`, `ERR_JOURNAL_*`. */
export async function openParts(
  { trustAuthority, verbose, json }: Pick<ListenFlags, 'trustAuthority' | 'verbose' | 'json'>,
  { expectations, targets }: Pick<ListenPlan, 'expectations' | 'targets'>,
  { open, rootFiles }: PartSources,
  deps: PartDeps,
): Promise<ListenParts> {
  const roots = await openTrust({ files: rootFiles, trustAuthority, json }, open, deps);
  const wantsDocuments = json || verbose || targets.some(({ type }) => type === 'exec');
  const judging = { roots, expectations, wantsDocuments };
  const journal = await openProjectJournal(open, deps);
  const { startWorker, cores } = deps;
  const startJudge = startWorker === null ? null : () => startWorker('listen-worker');
  const judges = startJudges(Math.max(1, Math.min(cores, MOST_JUDGES)), judging, startJudge);
  return { judging, judges, journal };
}

/** Lines that cannot be read are told: they are passed over, whatever they held. */
async function openProjectJournal(open: OpenSettings, deps: PartDeps): Promise<Journal> {
  const { now, processId: pid, isRunning, stderr } = deps;
  const tears: Tear[] = [];
  const onTear = (tear: Tear): void => void tears.push(tear);
  const journal = await openJournal(openJournalFolder(open, deps), { now, pid, isRunning, onTear });
  stderr.write(describeTears(tears, stderr));
  return journal;
}
