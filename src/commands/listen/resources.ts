import type { Deps } from '../../cli/deps.js';
import { type Journal, openJournal } from '../../journal/journal.js';
import type { DamagedLine } from '../../journal/record.js';
import type { VerificationOptions } from '../../listener/verification/result.js';
import { startVerificationPool, type VerificationPool } from '../../listener/verification/worker-pool.js';
import { describeTears, openJournalFolder } from '../../session/journal.js';
import { describeMade, openProjectAuthority, readTrustedRoots, TEST_AUTHORITY } from '../../session/trust.js';
import type { OpenSettings } from '../../settings/open.js';
import { parseCertificate } from '../../trust/certificate.js';
import type { TrustedRoot } from '../../trust/roots.js';
import type { ListenFlags } from './flags.js';
import type { ListenPlan } from './plan.js';

/** What a listener works with and what the listener closes again. */
export interface ListenResources {
  readonly judging: VerificationOptions;
  readonly judges: VerificationPool;
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
export async function openListenResources(
  { trustAuthority, verbose, json }: Pick<ListenFlags, 'trustAuthority' | 'verbose' | 'json'>,
  { expectations, targets }: Pick<ListenPlan, 'expectations' | 'targets'>,
  { open, rootFiles }: PartSources,
  deps: PartDeps,
): Promise<ListenResources> {
  const roots = await openTrust({ files: rootFiles, trustAuthority, json }, open, deps);
  const wantsDocuments = json || verbose || targets.some(({ type }) => type === 'exec');
  const judging = { roots, expectations, wantsDocuments };
  const journal = await openProjectJournal(open, deps);
  const { startWorker, cores } = deps;
  const startJudge = startWorker === null ? null : () => startWorker('listen-worker');
  const judges = startVerificationPool(Math.max(1, Math.min(cores, MOST_JUDGES)), judging, startJudge);
  return { judging, judges, journal };
}

/** Lines that cannot be read are told: they are passed over, whatever they held. */
async function openProjectJournal(open: OpenSettings, deps: PartDeps): Promise<Journal> {
  const { now, processId: pid, isRunning, stderr } = deps;
  const tears: DamagedLine[] = [];
  const onTear = (tear: DamagedLine): void => void tears.push(tear);
  const journal = await openJournal(openJournalFolder(open, deps), { now, pid, isRunning, onTear });
  stderr.write(describeTears(tears, stderr));
  return journal;
}

type TrustDeps = Pick<Deps, 'cwd' | 'now' | 'userId' | 'stderr'>;

interface TrustOptions {
  /** Paths of further roots. */
  readonly files: readonly string[];
  readonly trustAuthority: boolean;
  /** Nothing is said of an authority that is made. */
  readonly json: boolean;
}

/**
 * Whom the listener believes: Apple always, the test authority of the project only where that is asked for, and the roots of files. Throws
 * usage errors `ERR_TRUST_*`, `ERR_STATE_*` and `ERR_AUTHORITY_*`.
 */
async function openTrust(
  { files, trustAuthority, json }: TrustOptions,
  open: OpenSettings,
  deps: TrustDeps,
): Promise<readonly TrustedRoot[]> {
  const roots = readTrustedRoots(files, deps.cwd);
  if (!trustAuthority) return roots;
  const stored = await openProjectAuthority(open, deps);
  if (stored.isNew && !json) deps.stderr.write(describeMade(stored, deps.stderr));
  const certificate = parseCertificate(stored.authority.root.raw);
  const others = roots.filter((root) => root.certificate.sha256 !== certificate.sha256);
  return [...others, { certificate, name: TEST_AUTHORITY }];
}
