import { isIP } from 'node:net';
import { reachOf } from '../address/reach.js';
import type { CheckContext, Resolver } from './context.js';
import { blockedBy, makeStep, quoted, type Step, type StepOutcome, skipped } from './step.js';

interface DnsCheck {
  readonly steps: readonly Step[];
  /** Addresses of the host, IPv4 first; empty if there are none. */
  readonly addresses: readonly string[];
}

/** Results of all queries for one name. */
interface NameLookups {
  readonly ipv4: DnsAnswer;
  readonly ipv6: DnsAnswer;
  /** Result of the system resolver. */
  readonly system: DnsAnswer;
  /** Last name of an alias chain that ends without an address; null otherwise. */
  readonly deadAlias: string | null;
}

export const DNS_TITLES = {
  'dns.address': 'addresses',
  'dns.alias': 'alias (CNAME)',
  'dns.ipv4': 'IPv4',
  'dns.reach': 'public addresses',
} as const;

type Id = keyof typeof DNS_TITLES;

const IDS = Object.keys(DNS_TITLES) as readonly Id[];

const HAS_ADDRESS = 'an A record (AAAA optional)';

/**
 * Resolves the host. A public name is looked up in DNS, as Apple would; a local name with the system resolver, /etc/hosts included; an IP
 * address is not looked up. Steps: `dns.address`, `.alias`, `.ipv4`, `.reach`.
 */
export async function checkDns(url: URL, context: CheckContext): Promise<DnsCheck> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return { steps: skipAll('the host is an IP address'), addresses: [host] };
  const name = host.replace(/\.$/, '');
  return reachOf(name) === 'public' ? checkPublicName(name, context) : checkLocalName(name, context);
}

function skipAll(why: string, ids: readonly Id[] = IDS): readonly Step[] {
  return ids.map((id) => show(id, skipped(why)));
}

function show(id: Id, outcome: StepOutcome): Step {
  return makeStep(id, DNS_TITLES[id], outcome);
}

async function checkLocalName(name: string, context: CheckContext): Promise<DnsCheck> {
  const found = await lookUp('lookup', name, context);
  const why = 'local name, not in public DNS';
  const rest = IDS.filter((id) => id !== 'dns.address');
  if (found.kind !== 'found')
    return { steps: [show('dns.address', noAddress(name, found)), ...skipAll(why, rest)], addresses: [] };
  const addresses = ordered(found.values);
  const seen = `${addresses.join(', ')} (from the system resolver)`;
  return { steps: [show('dns.address', { status: 'pass', seen }), ...skipAll(why, rest)], addresses };
}

async function checkPublicName(name: string, context: CheckContext): Promise<DnsCheck> {
  const names = await lookUpAll(name, context);
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

async function lookUpAll(name: string, context: CheckContext): Promise<NameLookups> {
  const [ipv4, ipv6, system] = await Promise.all([
    lookUp('resolve4', name, context),
    lookUp('resolve6', name, context),
    lookUp('lookup', name, context),
  ]);
  const isNowhere = ipv4.kind === 'none' && ipv6.kind === 'none';
  return { ipv4, ipv6, system, deadAlias: isNowhere ? await findDeadAlias(name, context) : null };
}

function judgeAddress(name: string, { ipv4, ipv6, system, deadAlias }: NameLookups): StepOutcome {
  const found = [...valuesOf(ipv4), ...valuesOf(ipv6)];
  if (found.length > 0) return { status: 'pass', seen: ordered(found).join(', ') };
  if (deadAlias !== null) return skipped(blockedBy({ id: 'dns.alias' }));
  const unanswered = [ipv4, ipv6].find(({ kind }) => kind === 'unknown');
  if (system.kind !== 'found') return noAddress(name, unanswered ?? ipv4);
  const here = `this machine resolves it to ${valuesOf(system).join(', ')}`;
  if (unanswered === undefined) {
    return {
      ...noAddress(name, ipv4),
      seen: `no address in DNS for ${quoted(name)}, although ${here} (hosts file?)`,
    };
  }
  return {
    status: 'warn',
    seen: `${here}, but no DNS server answered (${code(unanswered)})`,
    expected: HAS_ADDRESS,
    hint: 'Run the check from a network with working DNS. What Apple would resolve is not known.',
  };
}

function noAddress(name: string, answer: DnsAnswer): StepOutcome {
  const seen =
    answer.kind === 'unknown'
      ? `no DNS server answered for ${quoted(name)} (${code(answer)})`
      : `${quoted(name)} has no address (${code(answer)})`;
  const hint =
    answer.kind === 'unknown'
      ? 'Check the name servers of the domain, and that this machine can reach them.'
      : 'Check the spelling of the host name, or add an A record for it.';
  return { status: 'fail', seen, expected: HAS_ADDRESS, sendAttemptResult: 'SOCKET_ISSUE', hint };
}

function judgeAlias({ deadAlias }: NameLookups, address: Step): StepOutcome {
  if (deadAlias !== null) {
    return {
      status: 'fail',
      seen: `the name is an alias of ${quoted(deadAlias)}, which has no address`,
      expected: 'an alias that ends at an address',
      sendAttemptResult: 'SOCKET_ISSUE',
      hint: 'Point the CNAME at an existing name, or remove it. Someone else can take over the name of a deleted service.',
    };
  }
  return address.status === 'fail' ? skipped(blockedBy(address)) : { status: 'pass', seen: 'no dangling alias' };
}

function judgeIpv4({ ipv4, ipv6, deadAlias }: NameLookups, address: Step): StepOutcome {
  if (ipv4.kind === 'found')
    return { status: 'pass', seen: `${ipv4.values.length} of ${countOf(ipv4) + countOf(ipv6)} addresses` };
  if (deadAlias !== null) return skipped(blockedBy({ id: 'dns.alias' }));
  if (ipv6.kind !== 'found') return skipped(blockedBy(address));
  return {
    status: 'warn',
    seen:
      ipv4.kind === 'none'
        ? 'IPv6 addresses only'
        : `IPv6 addresses only; the IPv4 query got no answer (${code(ipv4)})`,
    expected: 'an IPv4 address as well',
    hint: 'Add an A record. Apple does not document that it sends over IPv6.',
  };
}

function judgeReach(addresses: readonly string[], address: Step): StepOutcome {
  if (addresses.length === 0) return skipped(blockedBy(address.status === 'fail' ? address : { id: 'dns.alias' }));
  const local = addresses.filter((each) => reachOf(isIP(each) === 6 ? `[${each}]` : each) !== 'public');
  if (local.length === 0) return { status: 'pass', seen: 'all public' };
  return {
    status: 'warn',
    seen: `${local.join(', ')} ${local.length === 1 ? 'is a loopback or private address' : 'are loopback or private addresses'}`,
    expected: 'addresses reachable from the internet',
    hint: 'Publish a public address: Apple cannot reach this one. If the name resolves differently outside your network, run the check from there.',
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

/** IPv4 first, without duplicates. */
function ordered(addresses: readonly string[]): readonly string[] {
  const unique = [...new Set(addresses)];
  return [...unique.filter((each) => isIP(each) !== 6), ...unique.filter((each) => isIP(each) === 6)];
}

/** Result of one query. `none`: no such name, or no record of this type. `unknown`: no server answered. */
type DnsAnswer =
  | { readonly kind: 'found'; readonly values: readonly string[] }
  | { readonly kind: 'none'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

/** NXDOMAIN, no record of the type, an invalid name, and the codes of getaddrinfo for them. */
const NONE = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EAI_NONAME', 'EAI_NODATA']);

/** One query with a time limit of its own: a resolver may take longer than it was configured to. */
async function lookUp(
  query: keyof Resolver,
  name: string,
  { resolver, sleep, timeoutMs }: Pick<CheckContext, 'resolver' | 'sleep' | 'timeoutMs'>,
): Promise<DnsAnswer> {
  const over = new AbortController();
  const deadline = sleep(timeoutMs, over.signal).then(
    () => TIMED_OUT,
    () => TIMED_OUT,
  );
  try {
    return await Promise.race([answerOf(resolver[query](name, over.signal)), deadline]);
  } finally {
    over.abort();
  }
}

const TIMED_OUT: DnsAnswer = { kind: 'unknown', code: 'ETIMEOUT' };

async function answerOf(pending: Promise<readonly string[]>): Promise<DnsAnswer> {
  try {
    const values = await pending;
    return values.length > 0 ? { kind: 'found', values } : { kind: 'none', code: 'ENODATA' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN';
    return { kind: NONE.has(code) ? 'none' : 'unknown', code };
  }
}

/** Aliases followed at most; resolvers stop at about as many. */
const MOST_ALIASES = 8;

/** Last name of the alias chain of a name without an address; null if the name is not an alias. A loop ends at its first repetition. */
async function findDeadAlias(
  name: string,
  context: Pick<CheckContext, 'resolver' | 'sleep' | 'timeoutMs'>,
): Promise<string | null> {
  const seen = [name];
  for (let turn = 0; turn < MOST_ALIASES; turn += 1) {
    const answer = await lookUp('resolveCname', seen.at(-1)!, context);
    const [target] = answer.kind === 'found' ? answer.values : [];
    if (target === undefined) break;
    const isLoop = seen.includes(target);
    seen.push(target);
    if (isLoop) break;
  }
  return seen.length > 1 ? seen.at(-1)! : null;
}
