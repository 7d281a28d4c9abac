import { dirname } from 'node:path';
import type { Deps } from '../../cli/deps.js';
import { type Journal, openJournal } from '../../journal/journal.js';
import type { DamagedLine } from '../../journal/record.js';
import type { VerificationOptions } from '../../listener/verification/result.js';
import { startVerificationPool, type VerificationPool } from '../../listener/verification/worker-pool.js';
import { describeMade, openProjectAuthority, readProjectRoot, TEST_AUTHORITY } from '../../session/authority.js';
import { describeDamagedLines, describeForeignFiles, NOT_RESUMED, openJournalFolder } from '../../session/journal.js';
import { readTrustedRoots, rootWarnings } from '../../session/trust.js';
import { describeWarnings } from '../../session/warnings.js';
import type { OpenSettings } from '../../settings/open.js';
import { parseCertificate } from '../../trust/certificate.js';
import type { TrustedRoot } from '../../trust/roots.js';
import type { ListenFlags } from './flags.js';
import type { ListenPlan } from './plan.js';

/** Resources that the listener uses and closes. */
export interface ListenResources {
  readonly verification: VerificationOptions;
  readonly verificationPool: VerificationPool;
  readonly journal: Journal;
  /** True if notifications signed by this project's `trigger` are accepted. */
  readonly trustsTrigger: boolean;
}

interface ResourceSources {
  readonly open: OpenSettings;
  /** Paths of additional roots. */
  readonly rootFiles: readonly string[];
}

type ResourceDeps = Pick<
  Deps,
  'stderr' | 'cwd' | 'now' | 'signal' | 'userId' | 'processId' | 'isRunning' | 'startWorker' | 'cores'
>;

/** Beyond this, the receiving thread is the bottleneck. */
const MAX_WORKERS = 8;

/** Opens trusted roots, journal and verification pool, in this order. Throws usage errors `ERR_TRUST_*`, `ERR_STATE_*`, `ERR_AUTHORITY_*`, `ERR_JOURNAL_*`. */
export async function openListenResources(
  {
    trustAuthority,
    verbose,
    json,
    journalLimit,
  }: Pick<ListenFlags, 'trustAuthority' | 'verbose' | 'json' | 'journalLimit'>,
  { expectations, targets }: Pick<ListenPlan, 'expectations' | 'targets'>,
  { open, rootFiles }: ResourceSources,
  deps: ResourceDeps,
): Promise<ListenResources> {
  const roots = await openTrust({ files: rootFiles, trustAuthority, json }, open, deps);
  const wantsDocuments = json || verbose || targets.some(({ type }) => type === 'exec');
  const verification = { roots, expectations, wantsDocuments };
  const journal = await openProjectJournal(open, journalLimit, deps);
  const { startWorker, cores } = deps;
  const startVerifier = startWorker === null ? null : () => startWorker('listen-worker');
  const workers = Math.max(1, Math.min(cores, MAX_WORKERS));
  return {
    verification,
    verificationPool: startVerificationPool(workers, verification, startVerifier),
    journal,
    trustsTrigger: trustAuthority || trustsProjectRoot(roots, dirname(journal.path)),
  };
}

/** True if the root of the project's test authority is among these, as with `--root .storewire/authority/root.pem`. */
function trustsProjectRoot(roots: readonly TrustedRoot[], stateFolder: string): boolean {
  const trusted = new Set(roots.map(({ certificate }) => certificate.sha256));
  try {
    return readProjectRoot(stateFolder).some(({ certificate }) => trusted.has(certificate.sha256));
  } catch {
    return false; // An unreadable file of an authority that is not asked for must not prevent the start.
  }
}

/** Opens the journal, and warns about the damaged lines that it skips. */
async function openProjectJournal(open: OpenSettings, totalBytes: number, deps: ResourceDeps): Promise<Journal> {
  const { now, processId: pid, isRunning, stderr } = deps;
  const damagedLines: DamagedLine[] = [];
  const onDamagedLine = (line: DamagedLine): void => void damagedLines.push(line);
  const journal = await openJournal(openJournalFolder(open, deps), {
    now,
    pid,
    isRunning,
    onDamagedLine,
    onForeignFiles: (names) => stderr.write(describeForeignFiles(names, NOT_RESUMED, stderr)),
    limits: { totalBytes },
  });
  stderr.write(describeDamagedLines(damagedLines, stderr));
  return journal;
}

type TrustDeps = Pick<Deps, 'cwd' | 'now' | 'userId' | 'stderr' | 'signal'>;

interface TrustOptions {
  /** Paths of additional roots. */
  readonly files: readonly string[];
  readonly trustAuthority: boolean;
  /** Suppresses the message about a newly created authority. */
  readonly json: boolean;
}

/**
 * Trusted roots: Apple's, those of `files`, and with `trustAuthority` the project's test authority, created when needed. Throws usage
 * errors `ERR_TRUST_*`, `ERR_STATE_*` and `ERR_AUTHORITY_*`.
 */
async function openTrust(
  { files, trustAuthority, json }: TrustOptions,
  open: OpenSettings,
  deps: TrustDeps,
): Promise<readonly TrustedRoot[]> {
  const roots = await readTrustedRoots(files, deps);
  if (!json) deps.stderr.write(describeWarnings(rootWarnings(roots), deps.stderr));
  if (!trustAuthority) return roots;
  const stored = await openProjectAuthority(open, deps);
  if (stored.isNew && !json) deps.stderr.write(describeMade(stored, deps.stderr));
  const certificate = parseCertificate(stored.authority.root.raw);
  const others = roots.filter((root) => root.certificate.sha256 !== certificate.sha256);
  return [...others, { certificate, name: TEST_AUTHORITY }];
}
