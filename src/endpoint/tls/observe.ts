import { isIP } from 'node:net';
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import { PROTOCOLS } from '../../simulator/sender/exchange.js';
import { secureContextFor } from '../../simulator/sender/trust.js';
import { helloOf, looksLikeHttp, peek } from '../peek.js';
import type { World } from '../world.js';
import { type Handshake, type HandshakeRequest, shakeHands } from './handshake.js';

export const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[];
export type Version = (typeof VERSIONS)[number];

/** What was seen at one address. */
export interface Observation {
  readonly address: string;
  /** As the sender connects: TLS 1.2 or newer, HTTP/1.1, and a certificate that must pass. */
  readonly trial: Handshake;
  /** As one connects who takes everything, to see what is there. */
  readonly look: Handshake;
  /** The versions that a session of nothing else came about with; null for one that got no answer. */
  readonly versions: Readonly<Record<Version, boolean | null>>;
  /** A session without a name sent; null where the host is an address, for which none is ever sent. */
  readonly withoutName: Handshake | null;
  /** What listens there answers plain HTTP. */
  readonly isPlainHttp: boolean;
}

export async function observe(url: URL, address: string, world: World): Promise<Observation> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const serverName = isIP(host) === 0 ? host : '';
  const base = { address, port: portOf(url), serverName };
  const [trial, look] = await Promise.all([
    shakeHands({ ...base, ...SENDER, context: secureContextFor(world.ca) }, world),
    shakeHands({ ...base, ...ONLOOKER, lingers: true, context: lenient() }, world),
  ]);
  const more = { ...base, ...ONLOOKER, lingers: false };
  if (look.session === null) return { address, trial, look, ...(await seeNothing(url, more, look, world)) };
  const [versions, withoutName] = await Promise.all([
    tryVersions(more, world),
    serverName === '' ? null : shakeHands({ ...more, serverName: '', context: lenient() }, world),
  ]);
  return { address, trial, look, versions, withoutName, isPlainHttp: false };
}

const SENDER = { isStrict: true, protocols: PROTOCOLS, lingers: true } as const;
const ONLOOKER = { isStrict: false, protocols: ['h2', 'http/1.1'] } as const;

export function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'http:' ? 80 : 443));
}

type Unseen = Pick<Observation, 'versions' | 'withoutName' | 'isPlainHttp'>;
const NO_VERSIONS = { TLSv1: null, 'TLSv1.1': null, 'TLSv1.2': null, 'TLSv1.3': null } as const;

/** No session at all: only what else it might be is left to find out. */
async function seeNothing(
  url: URL,
  { address, port }: Pick<HandshakeRequest, 'address' | 'port'>,
  look: Handshake,
  world: World,
): Promise<Unseen> {
  const isAnswered = look.failure?.stage === 'handshake';
  const isPlainHttp = isAnswered && looksLikeHttp(await peek(address, port, helloOf(url), world));
  return { versions: NO_VERSIONS, withoutName: null, isPlainHttp };
}

async function tryVersions(request: Omit<HandshakeRequest, 'context'>, world: World): Promise<Observation['versions']> {
  const tries = VERSIONS.map(async (version) => {
    const { session, failure } = await shakeHands({ ...request, context: lenient(version, version) }, world);
    return [version, session !== null ? true : failure?.stage === 'handshake' ? false : null] as const;
  });
  return Object.fromEntries(await Promise.all(tries)) as Record<Version, boolean | null>;
}

/** A handshake that takes whatever comes, to see whether a port speaks TLS at all. */
export function lookAt(address: string, port: number, serverName: string, world: World): Promise<Handshake> {
  return shakeHands({ address, port, serverName, ...ONLOOKER, lingers: false, context: lenient() }, world);
}

/** Takes every version, key and hash that OpenSSL still knows: below TLS 1.2 it needs its lowest level. Trusts nobody. */
function lenient(minVersion: SecureVersion = 'TLSv1', maxVersion: SecureVersion = 'TLSv1.3'): SecureContext {
  return createSecureContext({ ca: [], minVersion, maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' });
}
