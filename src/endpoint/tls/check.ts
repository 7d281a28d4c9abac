import { reachOf } from '../../http/reach.js';
import type { Looked } from '../make-step.js';
import { blockedBy, findBlocker, makeStep, skipped } from '../make-step.js';
import type { Step } from '../step.js';
import type { World } from '../world.js';
import { judgeObservation } from './judge.js';
import { mergeFindings } from './merge.js';
import { observe } from './observe.js';
import { rootsOf } from './path.js';
import { TLS_IDS, TLS_TITLES, type TlsId } from './titles.js';

/** Most addresses looked at: a name with more stands for a network of machines that are all alike. */
export const MOST_ADDRESSES = 8;

/**
 * TLS at every address behind the name, side by side: what the sender would make of it, each version, and the certificates. Skipped on
 * http, and where an earlier step (`before`, of dns) says that there is no address. Steps: those of {@link TLS_TITLES}.
 */
export async function checkTls(
  url: URL,
  addresses: readonly string[],
  world: World,
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
