import { isIP } from 'node:net';
import type { Looked } from '../make-step.js';
import type { Observation } from './observe.js';
import { type Findings, TLS_IDS, type TlsId } from './titles.js';

export interface AddressFindings {
  readonly observation: Pick<Observation, 'address' | 'look'>;
  readonly findings: Findings;
}

export interface MergeContext {
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
