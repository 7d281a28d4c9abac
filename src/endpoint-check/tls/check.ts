import { isIP } from 'node:net';
import { reachOf } from '../../address/reach.js';
import type { CheckContext } from '../context.js';
import { blockedBy, findBlocker, type Looked, makeStep, type Step, skipped } from '../step.js';
import { rootsOf } from './certificate-path.js';
import { judgeObservation } from './judge.js';
import { type Observation, observe } from './observe.js';
import { type Findings, TLS_IDS, TLS_TITLES, type TlsId } from './titles.js';

/** Most addresses looked at: a name with more stands for a network of machines that are all alike. */
const MOST_ADDRESSES = 8;

/**
 * TLS at every address behind the name, side by side: what the sender would make of it, each version, and the certificates. Skipped on
 * http, and where an earlier step (`before`, of dns) says that there is no address. Steps: those of {@link TLS_TITLES}.
 */
export async function checkTls(
  url: URL,
  addresses: readonly string[],
  world: CheckContext,
  before: readonly Step[] = [],
): Promise<readonly Step[]> {
  if (url.protocol !== 'https:') return skipAll('the URL is http: there is no TLS to look at');
  const blocker = findBlocker(before.filter(({ group }) => group === 'dns'));
  if (blocker !== undefined) return skipAll(blockedBy(blocker));
  if (addresses.length === 0) return noAddress();
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const context = {
    host,
    isPublic: reachOf(url.hostname) === 'public',
    roots: rootsOf(world.ca),
    nowMs: world.now(),
    timeoutMs: world.timeoutMs,
  };
  const observations = await Promise.all(
    addresses.slice(0, MOST_ADDRESSES).map((address) => observe(url, address, world)),
  );
  const merged = mergeFindings(
    observations.map((observation) => ({ observation, findings: judgeObservation(observation, context) })),
    { isLoopback: reachOf(url.hostname) === 'loopback', left: Math.max(0, addresses.length - MOST_ADDRESSES) },
  );
  return TLS_IDS.map((id) => makeStep(id, TLS_TITLES[id], merged[id]));
}

function skipAll(why: string): readonly Step[] {
  return TLS_IDS.map((id) => makeStep(id, TLS_TITLES[id], skipped(why)));
}

/** Where the group was asked for without that of dns, which would say more. */
function noAddress(): readonly Step[] {
  const failed: Looked = {
    status: 'fail',
    seen: 'the host name does not resolve',
    expected: 'a connection',
    sendAttemptResult: 'SOCKET_ISSUE',
    hint: 'Check the name; the group dns says more.',
  };
  const looked = (id: TlsId): Looked => (id === 'tls.connect' ? failed : skipped(blockedBy({ id: 'tls.connect' })));
  return TLS_IDS.map((id) => makeStep(id, TLS_TITLES[id], looked(id)));
}

export interface AddressFindings {
  readonly observation: Pick<Observation, 'address' | 'look'>;
  readonly findings: Findings;
}

interface MergeContext {
  /** A name of this machine stands for both versions of IP, and few servers listen on both. */
  readonly isLoopback: boolean;
  /** How many further addresses were not looked at. */
  readonly left: number;
}

/** No way out of this machine, which says nothing about the endpoint. */
const NO_WAY = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** One finding for each step from those of every address: the worst, naming the addresses it was seen at where they differ. */
export function mergeFindings(all: readonly AddressFindings[], context: MergeContext): Findings {
  const counted = all.filter((each) => !isBesideThePoint(each, all, context));
  const used = counted.length === 0 ? all : counted;
  const merged = Object.fromEntries(TLS_IDS.map((id) => [id, mergeOne(id, used)])) as Findings;
  return { ...merged, 'tls.connect': withCount(merged['tls.connect'], all, used, context) };
}

/** Unreachable for a reason of our own, while another address is there. */
function isBesideThePoint(
  { observation, findings }: AddressFindings,
  all: readonly AddressFindings[],
  { isLoopback }: MergeContext,
): boolean {
  if (findings['tls.connect'].status !== 'fail') return false;
  const isOtherThere = all.some((other) => other.findings['tls.connect'].status === 'pass');
  const { failure } = observation.look;
  const code = failure !== null && 'code' in failure.error ? String(failure.error.code) : '';
  return isOtherThere && (isLoopback || (isIP(observation.address) === 6 && NO_WAY.has(code)));
}

const WORST_FIRST: readonly Looked['status'][] = ['fail', 'warn', 'pass', 'skip'];

function mergeOne(id: TlsId, all: readonly AddressFindings[]): Looked {
  const rank = ({ findings }: AddressFindings): number => WORST_FIRST.indexOf(findings[id].status);
  const worst = all.reduce((worse, each) => (rank(each) < rank(worse) ? each : worse));
  const looked = worst.findings[id];
  const same = all.filter(({ findings }) => findings[id].status === looked.status && findings[id].seen === looked.seen);
  if (same.length === all.length || looked.status === 'pass' || looked.status === 'skip') return looked;
  const where = same.map(({ observation }) => observation.address).join(', ');
  return { ...looked, seen: `at ${where} (${same.length} of ${all.length} addresses): ${looked.seen ?? ''}` };
}

function withCount(
  looked: Looked,
  all: readonly AddressFindings[],
  used: readonly AddressFindings[],
  { left }: MergeContext,
): Looked {
  if (looked.status !== 'pass') return looked;
  const seen = used.map(({ observation }) => observation.address).join(', ');
  const unused = all.filter((each) => !used.includes(each)).map(({ observation }) => observation.address);
  const notes = [
    ...(unused.length > 0 ? [`${unused.join(', ')} not reachable from here`] : []),
    ...(left > 0 ? [`${left} more not looked at`] : []),
  ];
  return { ...looked, seen: [seen, ...notes].join('; ') };
}
