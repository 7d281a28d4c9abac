import { isIP } from 'node:net';
import { reachOf } from '../../address/reach.js';
import type { CheckContext } from '../context.js';
import { blockedBy, findBlocker, makeStep, type Step, type StepOutcome, skipped } from '../step.js';
import { rootsOf } from './certificate-path.js';
import { judgeObservation } from './judge.js';
import { observe, type TlsObservation } from './observe.js';
import { type Findings, TLS_IDS, TLS_TITLES, type TlsId } from './titles.js';

/** Addresses checked at most: a name with more is a network of identical machines. */
const MOST_ADDRESSES = 8;

/**
 * Checks TLS at every address of the host in parallel: a strict handshake as the sender makes it, each TLS version, and the certificates.
 * Skipped on http, and after a failure of dns in `previous`. Steps: {@link TLS_TITLES}.
 */
export async function checkTls(
  url: URL,
  addresses: readonly string[],
  context: CheckContext,
  previous: readonly Step[] = [],
): Promise<readonly Step[]> {
  if (url.protocol !== 'https:') return skipAll('not applicable to http');
  const blocker = findBlocker(previous.filter(({ group }) => group === 'dns'));
  if (blocker !== undefined) return skipAll(blockedBy(blocker));
  if (addresses.length === 0) return noAddress();
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const judgeContext = {
    host,
    isPublic: reachOf(url.hostname) === 'public',
    roots: rootsOf(context.ca),
    nowMs: context.now(),
    timeoutMs: context.timeoutMs,
  };
  const observations = await Promise.all(
    addresses.slice(0, MOST_ADDRESSES).map((address) => observe(url, address, context)),
  );
  const merged = mergeFindings(
    observations.map((observation) => ({ observation, findings: judgeObservation(observation, judgeContext) })),
    { isLoopback: reachOf(url.hostname) === 'loopback', skippedCount: Math.max(0, addresses.length - MOST_ADDRESSES) },
  );
  return TLS_IDS.map((id) => makeStep(id, TLS_TITLES[id], merged[id]));
}

function skipAll(reason: string): readonly Step[] {
  return TLS_IDS.map((id) => makeStep(id, TLS_TITLES[id], skipped(reason)));
}

/** The host does not resolve and the `dns` group, which explains it, was not requested. */
function noAddress(): readonly Step[] {
  const failed: StepOutcome = {
    status: 'fail',
    seen: 'the host name does not resolve',
    expected: 'a connection',
    sendAttemptResult: 'SOCKET_ISSUE',
    hint: 'Check the host name. The dns group has details.',
  };
  const outcome = (id: TlsId): StepOutcome =>
    id === 'tls.connect' ? failed : skipped(blockedBy({ id: 'tls.connect' }));
  return TLS_IDS.map((id) => makeStep(id, TLS_TITLES[id], outcome(id)));
}

export interface AddressFindings {
  readonly observation: Pick<TlsObservation, 'address' | 'lenient'>;
  readonly findings: Findings;
}

interface MergeContext {
  /** A loopback name has an IPv4 and an IPv6 address, and few servers listen on both. */
  readonly isLoopback: boolean;
  /** Number of further addresses that were not checked. */
  readonly skippedCount: number;
}

/** Errors of this machine's network, which say nothing about the endpoint. */
const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Merges the outcomes of all addresses: the worst per step, with the addresses concerned if they differ. */
export function mergeFindings(all: readonly AddressFindings[], context: MergeContext): Findings {
  const counted = all.filter((each) => !isIgnorable(each, all, context));
  const used = counted.length === 0 ? all : counted;
  const merged = Object.fromEntries(TLS_IDS.map((id) => [id, mergeOne(id, used)])) as Findings;
  return { ...merged, 'tls.connect': withCount(merged['tls.connect'], all, used, context) };
}

/** True if the address is unreachable from this machine only, and another one is reachable. */
function isIgnorable(
  { observation, findings }: AddressFindings,
  all: readonly AddressFindings[],
  { isLoopback }: MergeContext,
): boolean {
  if (findings['tls.connect'].status !== 'fail') return false;
  const isOtherReachable = all.some((other) => other.findings['tls.connect'].status === 'pass');
  const { failure } = observation.lenient;
  const code = failure !== null && 'code' in failure.error ? String(failure.error.code) : '';
  return isOtherReachable && (isLoopback || (isIP(observation.address) === 6 && NO_ROUTE.has(code)));
}

const WORST_FIRST: readonly StepOutcome['status'][] = ['fail', 'warn', 'pass', 'skip'];

function mergeOne(id: TlsId, all: readonly AddressFindings[]): StepOutcome {
  const rank = ({ findings }: AddressFindings): number => WORST_FIRST.indexOf(findings[id].status);
  const worst = all.reduce((worse, each) => (rank(each) < rank(worse) ? each : worse));
  const outcome = worst.findings[id];
  const same = all.filter(
    ({ findings }) => findings[id].status === outcome.status && findings[id].seen === outcome.seen,
  );
  if (same.length === all.length || outcome.status === 'pass' || outcome.status === 'skip') return outcome;
  const where = same.map(({ observation }) => observation.address).join(', ');
  return { ...outcome, seen: `at ${where} (${same.length} of ${all.length} addresses): ${outcome.seen ?? ''}` };
}

function withCount(
  outcome: StepOutcome,
  all: readonly AddressFindings[],
  used: readonly AddressFindings[],
  { skippedCount }: MergeContext,
): StepOutcome {
  if (outcome.status !== 'pass') return outcome;
  const seen = used.map(({ observation }) => observation.address).join(', ');
  const unused = all.filter((each) => !used.includes(each)).map(({ observation }) => observation.address);
  const notes = [
    ...(unused.length > 0 ? [`${unused.join(', ')} not reachable from here`] : []),
    ...(skippedCount > 0 ? [`${skippedCount} more not checked`] : []),
  ];
  return { ...outcome, seen: [seen, ...notes].join('; ') };
}
