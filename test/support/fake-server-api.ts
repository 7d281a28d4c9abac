import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, type Dispatcher } from 'undici';
import { createAuthority } from '../../src/simulator/authority/authority.js';
import { type Signer, signNotification, signPayload } from '../../src/simulator/authority/sign-payload.js';
import { buildNotification, type NotificationOptions } from '../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../src/simulator/random.js';
import { TEST_NOW_MS } from './run-cli.js';

/** One answer of the fake: status, JSON (or plain text), headers. */
export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Closes the connection instead of answering. */
  readonly drop?: boolean;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
  readonly atMs: number;
}

/** A moment that moves only when something waits for it with the run's own signal; time limits of requests never come. */
export interface VirtualClock {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly waits: number[];
}

export function virtualClock(runSignal: AbortSignal): VirtualClock {
  let nowMs = TEST_NOW_MS;
  const waits: number[] = [];
  return {
    now: () => nowMs,
    waits,
    sleep: (ms, signal) => {
      if (signal !== runSignal) return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
      waits.push(ms);
      nowMs += ms;
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Apple's Server API as a script: a function of the request, over a real socket. */
export class FakeServerApi {
  readonly seen: SeenRequest[] = [];
  readonly #server: Server;
  readonly #dispatcher = new Agent({ keepAliveTimeout: 1 });

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    answer: (request: SeenRequest, index: number) => Answer,
    now: () => number,
  ): Promise<FakeServerApi> {
    const server = createServer((request, response) => void fake.#handle(request, response, answer, now));
    const fake = new FakeServerApi(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get dispatcher(): Dispatcher {
    return this.#dispatcher;
  }

  async stop(): Promise<void> {
    await this.#dispatcher.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
    answerOf: (request: SeenRequest, index: number) => Answer,
    now: () => number,
  ): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url: path = '' } = request;
    const seen = { method, path, authorization: request.headers.authorization ?? '', body, atMs: now() };
    this.seen.push(seen);
    const { status = 200, json, text, headers = {}, drop = false } = answerOf(seen, this.seen.length - 1);
    if (drop) return void request.socket.destroy();
    response.writeHead(status, { date: new Date(now()).toUTCString(), ...headers });
    response.end(text ?? JSON.stringify(json ?? {}));
  }
}

/** An error as Apple writes it. */
export function apiError(errorCode: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: Math.floor(errorCode / 10_000), json: { errorCode, errorMessage: `error ${errorCode}` }, headers };
}

/** A 401 as Apple writes it: no JSON. */
export const UNAUTHENTICATED: Answer = { status: 401, text: 'Unauthenticated\n\nRequest ID: ABC.123.0\n' };

export const ISSUER_ID = '57246542-96fe-1a63-e053-0824d011072a';
export const KEY_ID = 'ABC1234567';

/** A home folder with an In-App Purchase key, a trusted root and what signs under it; `env` points to all of it. */
export interface AppleHome {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly publicKey: KeyObject;
  signed(options?: Partial<NotificationOptions>): string;
  /** Signs any payload, for example a transaction. */
  sign(payload: object): string;
  remove(): void;
}

export async function makeAppleHome(): Promise<AppleHome> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-api-')));
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = await createAuthority({ nowMs: TEST_NOW_MS });
  const chain = await authority.issueChain();
  mkdirSync(join(folder, 'work'));
  const keyPath = join(folder, `SubscriptionKey_${KEY_ID}.p8`);
  writeFileSync(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(folder, 'root.pem'), authority.rootPem);
  return {
    folder,
    env: {
      HOME: folder,
      USERPROFILE: folder,
      STOREWIRE_BUNDLE_ID: 'com.example.app',
      STOREWIRE_ISSUER_ID: ISSUER_ID,
      STOREWIRE_PRIVATE_KEY_PATH: keyPath,
      STOREWIRE_ROOT: join(folder, 'root.pem'),
    },
    publicKey,
    signed: (options = {}) => signTest(chain, options),
    sign: (payload) => signPayload(payload, chain),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function signTest(signer: Signer, options: Partial<NotificationOptions>): string {
  const random = seededRandom(JSON.stringify(options));
  const wanted = { type: 'TEST', nowMs: TEST_NOW_MS, random, ...options };
  return signNotification(buildNotification(wanted), signer).signedPayload;
}
