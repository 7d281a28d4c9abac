import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the fake saw it, before it answered. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query, decoded. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  /** The connection is closed instead. */
  readonly hangUp?: boolean;
  /** No answer ever comes. */
  readonly hang?: boolean;
}

export interface FakeApi {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  stop(): Promise<void>;
}

/** A server on loopback that answers as told and remembers what it was asked. */
export async function startFakeApi(answer: (request: SeenRequest, index: number) => FakeAnswer): Promise<FakeApi> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const path = decodeURIComponent((request.url ?? '').replaceAll('+', ' '));
    const asked = { method: request.method ?? '', path, headers: request.headers, body };
    seen.push(asked);
    send(response, answer(asked, seen.length - 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () => stopServer(server),
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body, hangUp = false, hang }: FakeAnswer): void {
  if (hang) return;
  if (hangUp) {
    response.destroy();
    return;
  }
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
}

function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
