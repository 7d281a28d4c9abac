import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  type SecureContext,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';
import { PROTOCOLS, secureContextFor } from '../../sender/exchange.js';
import type { Failure, Stage } from '../../sender/outcome.js';
import type { CheckContext } from '../context.js';
import { helloOf, looksLikeHttp, probeRaw } from '../raw-probe.js';

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

export async function observe(url: URL, address: string, world: CheckContext): Promise<Observation> {
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
  world: CheckContext,
): Promise<Unseen> {
  const isAnswered = look.failure?.stage === 'handshake';
  const isPlainHttp = isAnswered && looksLikeHttp(await probeRaw(address, port, helloOf(url), world));
  return { versions: NO_VERSIONS, withoutName: null, isPlainHttp };
}

async function tryVersions(
  request: Omit<HandshakeRequest, 'context'>,
  world: CheckContext,
): Promise<Observation['versions']> {
  const tries = VERSIONS.map(async (version) => {
    const { session, failure } = await shakeHands({ ...request, context: lenient(version, version) }, world);
    return [version, session !== null ? true : failure?.stage === 'handshake' ? false : null] as const;
  });
  return Object.fromEntries(await Promise.all(tries)) as Record<Version, boolean | null>;
}

/** A handshake that takes whatever comes, to see whether a port speaks TLS at all. */
export function lookAt(address: string, port: number, serverName: string, world: CheckContext): Promise<Handshake> {
  return shakeHands({ address, port, serverName, ...ONLOOKER, lingers: false, context: lenient() }, world);
}

/** Takes every version, key and hash that OpenSSL still knows: below TLS 1.2 it needs its lowest level. Trusts nobody. */
function lenient(minVersion: SecureVersion = 'TLSv1', maxVersion: SecureVersion = 'TLSv1.3'): SecureContext {
  return createSecureContext({ ca: [], minVersion, maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' });
}

interface HandshakeRequest {
  readonly address: string;
  readonly port: number;
  /** The name that is sent (SNI) and that the certificate must hold; empty to send none, as for a host that is an address. */
  readonly serverName: string;
  readonly context: SecureContext;
  /** Whether a certificate that does not pass ends it, as it does for who sends. */
  readonly isStrict: boolean;
  readonly protocols: readonly string[];
  /** Stays a moment under TLS 1.3, where a server says only afterwards that it wants a client certificate. */
  readonly lingers: boolean;
}

/** A session that was set up. */
interface Session {
  readonly protocol: string;
  /** What was agreed on by ALPN; null where the server does not take part. */
  readonly alpn: string | null;
  /** As sent, the server's own first; empty where none could be read. */
  readonly certificates: readonly X509Certificate[];
}

export interface Handshake {
  /** Null where none came about. */
  readonly session: Session | null;
  /** Why it failed, be it after a session was there; null where it did not. */
  readonly failure: Failure | null;
  /** Where it stood when its time was up; null where it was not. */
  readonly stoppedAt: Stage | null;
  /** The keys had been agreed on: what went wrong then is neither the version nor the ciphers. */
  readonly hadKeys: boolean;
}

/** How long a server that neither closes nor complains is waited for. A complaint takes one way through the network. */
const LINGER_MS = 1_000;

/** One TLS handshake with one address, which ends after `timeoutMs`. Nothing is sent in it; throws nothing. */
async function shakeHands(
  request: HandshakeRequest,
  world: Pick<CheckContext, 'sleep' | 'timeoutMs'>,
): Promise<Handshake> {
  const done = new AbortController();
  try {
    return await new Promise((resolve) => {
      const attempt = new Attempt(request, world, done.signal, resolve);
      attempt.start();
    });
  } finally {
    done.abort();
  }
}

/** What has been seen so far of one handshake. */
class Attempt {
  #stage: Stage = 'connecting';
  #session: Session | null = null;
  #hadKeys = false;
  readonly #socket: TLSSocket;

  constructor(
    private readonly request: HandshakeRequest,
    private readonly world: Pick<CheckContext, 'sleep' | 'timeoutMs'>,
    private readonly done: AbortSignal,
    private readonly resolve: (handshake: Handshake) => void,
  ) {
    this.#socket = connect(optionsOf(request));
  }

  start(): void {
    this.#after(this.world.timeoutMs, () => this.#settle({ stoppedAt: this.#stage }));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('keylog', () => {
      this.#hadKeys = true;
    });
    this.#socket.once('connect', () => {
      this.#stage = 'handshake';
    });
    this.#socket.once('secureConnect', () => this.#open());
    this.#socket.once('close', () => this.#settle({}));
  }

  #open(): void {
    this.#stage = 'waiting';
    this.#session = sessionOf(this.#socket);
    if (this.request.lingers && this.#session.protocol === 'TLSv1.3') this.#linger();
    else this.#settle({});
  }

  #linger(): void {
    this.#after(LINGER_MS, () => this.#settle({}));
    this.#socket.resume().end();
  }

  /** After the handshake only what the server says in TLS counts: how the connection ends then is its own business. */
  #fail(error: Error): void {
    const isAlert = 'code' in error && String(error.code).startsWith('ERR_SSL_');
    const failure: Failure = { stage: this.#stage, error, firstBytes: new Uint8Array(0), httpStatus: null };
    this.#settle(this.#session === null || isAlert ? { failure } : {});
  }

  #settle({ failure = null, stoppedAt = null }: Partial<Pick<Handshake, 'failure' | 'stoppedAt'>>): void {
    this.resolve({ session: this.#session, failure, stoppedAt, hadKeys: this.#hadKeys });
    this.#socket.destroy();
  }

  #after(ms: number, act: () => void): void {
    void this.world.sleep(ms, this.done).then(
      () => this.done.aborted || act(),
      () => {},
    );
  }
}

function optionsOf({ address, port, serverName, context, isStrict, protocols }: HandshakeRequest): ConnectionOptions {
  return {
    host: address,
    port,
    servername: serverName,
    secureContext: context,
    rejectUnauthorized: isStrict,
    ALPNProtocols: [...protocols],
  };
}

function sessionOf(socket: TLSSocket): Session {
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
    certificates: certificatesOf(socket),
  };
}

/** Longest chain that is read. */
const MOST_CERTIFICATES = 16;

/** Node links them in the order they were sent in, whether or not one issued the other; the context's own roots are not among them. */
function certificatesOf(socket: TLSSocket): readonly X509Certificate[] {
  const certificates: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && certificates.length < MOST_CERTIFICATES) {
    certificates.push(next);
    next = next.issuerCertificate;
  }
  return certificates;
}
