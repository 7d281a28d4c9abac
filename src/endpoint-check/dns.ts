import { isIP } from 'node:net';
import { reachOf } from '../address/reach.js';
import type { CheckContext, Resolver } from './context.js';
import { blockedBy, type Looked, makeStep, quoted, type Step, skipped } from './step.js';

interface DnsCheck {
  readonly steps: readonly Step[];
  /** Every address behind the host, those of version 4 first; empty where it has none. */
  readonly addresses: readonly string[];
}

/** What was learned of a name. */
interface Names {
  readonly ipv4: DnsAnswer;
  readonly ipv6: DnsAnswer;
  /** What this machine would connect to. */
  readonly system: DnsAnswer;
  /** The alias in the name's chain that leads nowhere. */
  readonly deadAlias: string | null;
}

const TITLES = {
  'dns.address': 'addresses of the name',
  'dns.alias': 'alias (CNAME)',
  'dns.ipv4': 'IPv4',
  'dns.reach': 'public addresses',
} as const;

type Id = keyof typeof TITLES;

const IDS = Object.keys(TITLES) as readonly Id[];

const HAS_ADDRESS = 'an A record (and an AAAA, if you like)';

/**
 * Which addresses the host has. A public name is asked for in the DNS, as Apple would; a name of this machine or network is looked up as
 * the system does, /etc/hosts included; an address is not asked for. Steps: `dns.address`, `.alias`, `.ipv4`, `.reach`.
 */
export async function checkDns(url: URL, world: CheckContext): Promise<DnsCheck> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0)
    return { steps: skipAll('the host is an address: there is no name to look up'), addresses: [host] };
  const name = host.replace(/\.$/, '');
  return reachOf(name) === 'public' ? checkPublicName(name, world) : checkNearbyName(name, world);
}

function skipAll(why: string, ids: readonly Id[] = IDS): readonly Step[] {
  return ids.map((id) => show(id, skipped(why)));
}

function show(id: Id, looked: Looked): Step {
  return makeStep(id, TITLES[id], looked);
}

async function checkNearbyName(name: string, world: CheckContext): Promise<DnsCheck> {
  const found = await ask('lookup', name, world);
  const why = 'the name is one of this machine or network: the public DNS does not hold it';
  const rest = IDS.filter((id) => id !== 'dns.address');
  if (found.kind !== 'found')
    return { steps: [show('dns.address', noAddress(name, found)), ...skipAll(why, rest)], addresses: [] };
  const addresses = ordered(found.values);
  const seen = `${addresses.join(', ')} (as this machine looks it up)`;
  return { steps: [show('dns.address', { status: 'pass', seen }), ...skipAll(why, rest)], addresses };
}

async function checkPublicName(name: string, world: CheckContext): Promise<DnsCheck> {
  const names = await askAll(name, world);
  const inDns = [...valuesOf(names.ipv4), ...valuesOf(names.ipv6)];
  const addresses = ordered(inDns.length > 0 ? inDns : valuesOf(names.system));
  const address = show('dns.address', judgeAddress(name, names));
  return {
    steps: [
      address,
      show('dns.alias', judgeAlias(names, address)),
      show('dns.ipv4', judgeIpv4(names, address)),
      show('dns.reach', judgeReach(addresses, address)),
    ],
    addresses,
  };
}

async function askAll(name: string, world: CheckContext): Promise<Names> {
  const [ipv4, ipv6, system] = await Promise.all([
    ask('resolve4', name, world),
    ask('resolve6', name, world),
    ask('lookup', name, world),
  ]);
  const isNowhere = ipv4.kind === 'none' && ipv6.kind === 'none';
  return { ipv4, ipv6, system, deadAlias: isNowhere ? await findDeadAlias(name, world) : null };
}

function judgeAddress(name: string, { ipv4, ipv6, system, deadAlias }: Names): Looked {
  const found = [...valuesOf(ipv4), ...valuesOf(ipv6)];
  if (found.length > 0) return { status: 'pass', seen: ordered(found).join(', ') };
  if (deadAlias !== null) return skipped(blockedBy({ id: 'dns.alias' }));
  const unanswered = [ipv4, ipv6].find(({ kind }) => kind === 'unknown');
  if (system.kind !== 'found') return noAddress(name, unanswered ?? ipv4);
  const here = `this machine knows ${valuesOf(system).join(', ')} for it`;
  if (unanswered === undefined) {
    return {
      ...noAddress(name, ipv4),
      seen: `the DNS has no address for ${quoted(name)}; only ${here} (its hosts file?)`,
    };
  }
  return {
    status: 'warn',
    seen: `${here}, but no DNS server answered (${code(unanswered)})`,
    expected: HAS_ADDRESS,
    hint: 'Run the check where DNS servers can be asked: what Apple would find is not known.',
  };
}

function noAddress(name: string, answer: DnsAnswer): Looked {
  const seen =
    answer.kind === 'unknown'
      ? `no DNS server answered for ${quoted(name)} (${code(answer)})`
      : `${quoted(name)} has no address (${code(answer)})`;
  const hint =
    answer.kind === 'unknown'
      ? 'Check the name servers of the domain, and that this machine can ask them.'
      : 'Check the spelling of the name, and add an A record for it where its domain is managed.';
  return { status: 'fail', seen, expected: HAS_ADDRESS, sendAttemptResult: 'SOCKET_ISSUE', hint };
}

function judgeAlias({ deadAlias }: Names, address: Step): Looked {
  if (deadAlias !== null) {
    return {
      status: 'fail',
      seen: `the name is an alias of ${quoted(deadAlias)}, which has no address`,
      expected: 'an alias that ends at an address',
      sendAttemptResult: 'SOCKET_ISSUE',
      hint: 'Point the CNAME at a name that exists, or remove it: a service that was deleted may leave it behind, and a stranger could claim it.',
    };
  }
  return address.status === 'fail' ? skipped(blockedBy(address)) : { status: 'pass', seen: 'none leads nowhere' };
}

function judgeIpv4({ ipv4, ipv6, deadAlias }: Names, address: Step): Looked {
  if (ipv4.kind === 'found')
    return { status: 'pass', seen: `${ipv4.values.length} of ${countOf(ipv4) + countOf(ipv6)} addresses` };
  if (deadAlias !== null) return skipped(blockedBy({ id: 'dns.alias' }));
  if (ipv6.kind !== 'found') return skipped(blockedBy(address));
  return {
    status: 'warn',
    seen:
      ipv4.kind === 'none'
        ? 'the name has IPv6 addresses only'
        : `IPv6 addresses only: the question for IPv4 had no answer (${code(ipv4)})`,
    expected: 'an IPv4 address too',
    hint: 'Add an A record: that Apple sends over IPv6 is not documented.',
  };
}

function judgeReach(addresses: readonly string[], address: Step): Looked {
  if (addresses.length === 0) return skipped(blockedBy(address.status === 'fail' ? address : { id: 'dns.alias' }));
  const near = addresses.filter((each) => reachOf(isIP(each) === 6 ? `[${each}]` : each) !== 'public');
  if (near.length === 0) return { status: 'pass', seen: 'all are' };
  return {
    status: 'warn',
    seen: `${near.join(', ')} ${near.length === 1 ? 'is' : 'are'} of this machine or a private network`,
    expected: 'addresses that the internet can reach',
    hint: 'Apple cannot reach such an address. If the name has another one outside your network, run the check from there; otherwise publish the public address.',
  };
}

function valuesOf(answer: DnsAnswer): readonly string[] {
  return answer.kind === 'found' ? answer.values : [];
}

function countOf(answer: DnsAnswer): number {
  return valuesOf(answer).length;
}

function code(answer: DnsAnswer): string {
  return answer.kind === 'found' ? '' : answer.code;
}

/** Version 4 first, each once. */
function ordered(addresses: readonly string[]): readonly string[] {
  const unique = [...new Set(addresses)];
  return [...unique.filter((each) => isIP(each) !== 6), ...unique.filter((each) => isIP(each) === 6)];
}

/** What one question came to. `none`: the name or a record of this kind is not there. `unknown`: no server answered. */
type DnsAnswer =
  | { readonly kind: 'found'; readonly values: readonly string[] }
  | { readonly kind: 'none'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

/** NXDOMAIN, an answer without a record of the kind, a name the system cannot even ask for, and what getaddrinfo says of all of them. */
const NONE = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EAI_NONAME', 'EAI_NODATA']);

/** One question, which ends after `timeoutMs` whatever the resolver does. */
async function ask(
  question: keyof Resolver,
  name: string,
  { resolver, sleep, timeoutMs }: Pick<CheckContext, 'resolver' | 'sleep' | 'timeoutMs'>,
): Promise<DnsAnswer> {
  const answered = new AbortController();
  const deadline = sleep(timeoutMs, answered.signal).then(
    () => TOO_LATE,
    () => TOO_LATE,
  );
  try {
    return await Promise.race([answerOf(resolver[question](name)), deadline]);
  } finally {
    answered.abort();
  }
}

const TOO_LATE: DnsAnswer = { kind: 'unknown', code: 'ETIMEOUT' };

async function answerOf(asked: Promise<readonly string[]>): Promise<DnsAnswer> {
  try {
    const values = await asked;
    return values.length > 0 ? { kind: 'found', values } : { kind: 'none', code: 'ENODATA' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN';
    return { kind: NONE.has(code) ? 'none' : 'unknown', code };
  }
}

/** Longest chain of aliases followed: resolvers give up at about as many. */
const MOST_ALIASES = 8;

/**
 * Where the aliases of a name without an address end: the last name they lead to, or null where the name is no alias. A chain that comes
 * back to itself ends where it does.
 */
async function findDeadAlias(
  name: string,
  world: Pick<CheckContext, 'resolver' | 'sleep' | 'timeoutMs'>,
): Promise<string | null> {
  const seen = [name];
  for (let turn = 0; turn < MOST_ALIASES; turn += 1) {
    const answer = await ask('resolveCname', seen.at(-1)!, world);
    const [target] = answer.kind === 'found' ? answer.values : [];
    if (target === undefined) break;
    const isCircle = seen.includes(target);
    seen.push(target);
    if (isCircle) break;
  }
  return seen.length > 1 ? seen.at(-1)! : null;
}
