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
import { reportProbe } from '../../http/traffic.js';
import { PROTOCOLS, secureContextFor } from '../../sender/exchange.js';
import type { Failure, Stage } from '../../sender/outcome.js';
import type { CheckContext } from '../context.js';
import { looksLikeHttp, plainHttpRequest, probeRaw } from '../raw-probe.js';

export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[];

export type Version = (typeof TLS_VERSIONS)[number];

/** Handshakes made with one address. */
export interface TlsObservation {
  readonly address: string;
  /** Strict handshake, as the sender connects: TLS 1.2 or newer, HTTP/1.1, valid certificate required. */
  readonly strict: Handshake;
  /** Lenient handshake that accepts any version, cipher and certificate. */
  readonly lenient: Handshake;
  /** Versions tried one at a time: true if the handshake succeeded, null if there was no response. */
  readonly versions: Readonly<Record<Version, boolean | null>>;
  /** Handshake without SNI; null if the host is an IP address, which never has SNI. */
  readonly withoutName: Handshake | null;
  /** The port answers plain HTTP. */
  readonly isPlainHttp: boolean;
}

export async function observe(url: URL, address: string, context: CheckContext): Promise<TlsObservation> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const serverName = isIP(host) === 0 ? host : '';
  const base = { address, port: portOf(url), serverName };
  const [strict, lenient] = await Promise.all([
    performHandshake({ ...base, ...STRICT, secureContext: secureContextFor(context.ca) }, 'as Apple', context),
    performHandshake({ ...base, ...LENIENT, waitsForAlert: true, secureContext: lenientContext() }, ANYTHING, context),
  ]);
  const more = { ...base, ...LENIENT, waitsForAlert: false };
  if (lenient.session === null)
    return { address, strict, lenient, ...(await observeWithoutSession(url, more, lenient, context)) };
  const [versions, withoutName] = await Promise.all([
    tryVersions(more, context),
    serverName === ''
      ? null
      : performHandshake({ ...more, serverName: '', secureContext: lenientContext() }, ANYTHING, context),
  ]);
  return { address, strict, lenient, versions, withoutName, isPlainHttp: false };
}

const STRICT = { isStrict: true, protocols: PROTOCOLS, waitsForAlert: true } as const;

/** Purpose of a {@link LENIENT} handshake, for `--debug`. */
const ANYTHING = 'any version and certificate';

const LENIENT = { isStrict: false, protocols: ['h2', 'http/1.1'] } as const;

export function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'http:' ? 80 : 443));
}

type Unseen = Pick<TlsObservation, 'versions' | 'withoutName' | 'isPlainHttp'>;

const NO_VERSIONS = { TLSv1: null, 'TLSv1.1': null, 'TLSv1.2': null, 'TLSv1.3': null } as const;

/** Without a TLS session, only plain HTTP can be detected. */
async function observeWithoutSession(
  url: URL,
  { address, port }: Pick<HandshakeRequest, 'address' | 'port'>,
  lenient: Handshake,
  context: CheckContext,
): Promise<Unseen> {
  const isAnswered = lenient.failure?.stage === 'handshake';
  const isPlainHttp = isAnswered && looksLikeHttp(await probeRaw(address, port, plainHttpRequest(url), context));
  return { versions: NO_VERSIONS, withoutName: null, isPlainHttp };
}

async function tryVersions(
  request: Omit<HandshakeRequest, 'secureContext'>,
  context: CheckContext,
): Promise<TlsObservation['versions']> {
  const tries = TLS_VERSIONS.map(async (version) => {
    const { session, failure } = await performHandshake(
      { ...request, secureContext: lenientContext(version, version) },
      `${version} only`,
      context,
    );
    return [version, session !== null ? true : failure?.stage === 'handshake' ? false : null] as const;
  });
  return Object.fromEntries(await Promise.all(tries)) as Record<Version, boolean | null>;
}

/** Lenient handshake that shows if a port speaks TLS. */
export function tryHandshake(
  address: string,
  port: number,
  serverName: string,
  context: CheckContext,
): Promise<Handshake> {
  return performHandshake(
    { address, port, serverName, ...LENIENT, waitsForAlert: false, secureContext: lenientContext() },
    ANYTHING,
    context,
  );
}

/** Accepts every version, key and hash that OpenSSL supports; below TLS 1.2 that takes security level 0. Has no roots. */
function lenientContext(minVersion: SecureVersion = 'TLSv1', maxVersion: SecureVersion = 'TLSv1.3'): SecureContext {
  return createSecureContext({ ca: [], minVersion, maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' });
}

interface HandshakeRequest {
  readonly address: string;
  readonly port: number;
  /** Name for SNI and for the certificate; empty for a host that is an IP address. */
  readonly serverName: string;
  readonly secureContext: SecureContext;
  /** Rejects an invalid certificate, as the sender does. */
  readonly isStrict: boolean;
  readonly protocols: readonly string[];
  /** Waits for an alert after a TLS 1.3 handshake: only then does a server demand a client certificate. */
  readonly waitsForAlert: boolean;
}

/** An established session. */
interface Session {
  readonly protocol: string;
  /** Protocol negotiated by ALPN; null if the server does not support it. */
  readonly alpn: string | null;
  /** In the order sent, the server's own first; empty if none could be read. */
  readonly certificates: readonly X509Certificate[];
}

export interface Handshake {
  /** Null if the handshake failed. */
  readonly session: Session | null;
  /** Error of the handshake, or of the session right after it; null if none. */
  readonly failure: Failure | null;
  /** Stage at which it timed out; null if it did not. */
  readonly stoppedAt: Stage | null;
  /** Keys were negotiated, so neither the version nor the ciphers caused the failure. */
  readonly hasKeys: boolean;
}

/** Wait for an alert after the handshake; an alert takes half a round trip. */
const ALERT_WAIT_MS = 1_000;

/** One TLS handshake with one address, at most `timeoutMs` long; sends no data and never throws. `purpose` is for `--debug`. */
async function performHandshake(
  request: HandshakeRequest,
  purpose: string,
  context: Pick<CheckContext, 'sleep' | 'timeoutMs'>,
): Promise<Handshake> {
  const { address, port, serverName } = request;
  const name = serverName === '' ? 'without SNI' : `for ${serverName}`;
  const report = reportProbe({ protocol: 'tls', address, port, purpose: `handshake ${name}, ${purpose}` });
  const done = new AbortController();
  const handshake = await new Promise<Handshake>((resolve) => {
    const attempt = new HandshakeAttempt(request, context, done.signal, resolve);
    attempt.start();
  });
  done.abort();
  const { session, failure, stoppedAt } = handshake;
  if (failure !== null || session === null)
    report?.failed(failure === null ? `stopped while ${stoppedAt ?? 'connecting'}` : failure.error.message);
  else report?.probed(`${session.protocol}, ALPN ${session.alpn ?? 'none'}`);
  return handshake;
}

/** One handshake in progress. */
class HandshakeAttempt {
  #stage: Stage = 'connecting';
  #session: Session | null = null;
  #hasKeys = false;
  readonly #socket: TLSSocket;

  readonly #request: HandshakeRequest;
  readonly #context: Pick<CheckContext, 'sleep' | 'timeoutMs'>;
  readonly #done: AbortSignal;
  readonly #resolve: (handshake: Handshake) => void;

  constructor(
    request: HandshakeRequest,
    context: Pick<CheckContext, 'sleep' | 'timeoutMs'>,
    done: AbortSignal,
    resolve: (handshake: Handshake) => void,
  ) {
    this.#request = request;
    this.#context = context;
    this.#done = done;
    this.#resolve = resolve;
    this.#socket = connect(optionsOf(request));
  }

  start(): void {
    this.#after(this.#context.timeoutMs, () => this.#settle({ stoppedAt: this.#stage }));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('keylog', () => {
      this.#hasKeys = true;
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
    if (this.#request.waitsForAlert && this.#session.protocol === 'TLSv1.3') this.#waitForAlert();
    else this.#settle({});
  }

  #waitForAlert(): void {
    this.#after(ALERT_WAIT_MS, () => this.#settle({}));
    this.#socket.resume().end();
  }

  /** After the handshake only a TLS alert counts as a failure; the server may close the connection in any way. */
  #fail(error: Error): void {
    const isAlert = 'code' in error && String(error.code).startsWith('ERR_SSL_');
    const failure: Failure = { stage: this.#stage, error, firstBytes: new Uint8Array(0), httpStatus: null };
    this.#settle(this.#session === null || isAlert ? { failure } : {});
  }

  #settle({ failure = null, stoppedAt = null }: Partial<Pick<Handshake, 'failure' | 'stoppedAt'>>): void {
    this.#resolve({ session: this.#session, failure, stoppedAt, hasKeys: this.#hasKeys });
    this.#socket.destroy();
  }

  #after(ms: number, act: () => void): void {
    void this.#context.sleep(ms, this.#done).then(
      () => this.#done.aborted || act(),
      () => {},
    );
  }
}

function optionsOf({
  address,
  port,
  serverName,
  secureContext,
  isStrict,
  protocols,
}: HandshakeRequest): ConnectionOptions {
  return {
    host: address,
    port,
    servername: serverName,
    secureContext,
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

/** Length limit of a chain. */
const MOST_CERTIFICATES = 16;

/** Node links certificates in the order sent, even if one did not issue the other; roots of the context are not included. */
function certificatesOf(socket: TLSSocket): readonly X509Certificate[] {
  const certificates: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && certificates.length < MOST_CERTIFICATES) {
    certificates.push(next);
    next = next.issuerCertificate;
  }
  return certificates;
}
