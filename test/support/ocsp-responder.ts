import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseOcspRequest } from '../../src/simulator/authority/ocsp-response.js';
import { type CertificateId, identify } from '../../src/trust/ocsp/messages.js';
import type { Made } from './certificates.js';
import { ANSWERS, type AnswerName } from './ocsp-answers.js';

/** Ways to go wrong before there is an answer to judge. */
const CONDUCTS = {
  slow: () => {},
  drip: (response: ServerResponse) => response.writeHead(200).write('0'),
  reset: (response: ServerResponse) => response.destroy(),
  redirect: (response: ServerResponse) => response.writeHead(302, { location: '/good' }).end(),
  oversize: (response: ServerResponse) => response.writeHead(200).end(Buffer.alloc(70_000)),
  'http-500': (response: ServerResponse) => response.writeHead(500).end(),
} as const;

export type ResponderMode = AnswerName | keyof typeof CONDUCTS;

/** What was asked of the responder. */
export interface SeenRequest {
  readonly mode: string;
  readonly method: string | undefined;
  readonly contentType: string | undefined;
  readonly ids: readonly CertificateId[];
}

export interface OcspResponder {
  /** The address to put into a certificate so that questions about it meet this conduct. */
  url(mode: ResponderMode): string;
  /** Mutable, so that an issuer made after the address is known can be added. */
  readonly issuers: Made[];
  readonly seen: readonly SeenRequest[];
  /** Forgets what was seen. */
  clear(): void;
  /** Resolves when the next request has been read. */
  nextRequest(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real HTTP responder on a free loopback port; the path of a request chooses the conduct. */
export async function startOcspResponder(options: { issuers: readonly Made[]; nowMs: number }): Promise<OcspResponder> {
  const issuers = [...options.issuers];
  const seen: SeenRequest[] = [];
  const arrivals = new EventEmitter();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const mode = request.url?.slice(1) ?? '';
    const ids = await parseOcspRequest(await readAll(request));
    seen.push({ mode, method: request.method, contentType: request.headers['content-type'], ids });
    arrivals.emit('request');
    if (mode in CONDUCTS) return void CONDUCTS[mode as keyof typeof CONDUCTS](response);
    const [id] = ids;
    const issuer = issuers.find(({ certificate }) => id !== undefined && isIssuedBy(id, certificate));
    if (id === undefined || issuer === undefined) throw new Error(`asked about a certificate of no issuer of the test`);
    const body = await ANSWERS[mode as AnswerName]({ id, issuer, nowMs: options.nowMs });
    response.writeHead(200, { 'content-type': 'application/ocsp-response' }).end(body);
  };
  const port = await listen(server);
  return {
    url: (mode) => `http://127.0.0.1:${port}/${mode}`,
    issuers,
    seen,
    clear: () => void seen.splice(0),
    nextRequest: async () => void (await once(arrivals, 'request')),
    stop: () => close(server),
  };
}

function isIssuedBy(id: CertificateId, issuer: Made['certificate']): boolean {
  const own = identify(issuer, issuer, id.hashOid);
  return own !== null && Buffer.compare(own.issuerKeyHash, id.issuerKeyHash) === 0;
}

async function readAll(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
