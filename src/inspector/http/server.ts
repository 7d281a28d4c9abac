import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isValidUrl } from '../../address/valid-url.js';
import { ToolError } from '../../errors.js';
import { describeListenFailure } from '../../http/listen-errors.js';
import { readRequestBody } from '../../http/read-body.js';
import { type AccessGuard, createAccessGuard } from './access.js';
import { createLiveFeed, type LiveFeed } from './live-feed.js';
import { buildPageHtml } from './page-html.js';
import { readPeerUser } from './peer-user.js';
import { errorReply, type PageReply, SAFE_HEADERS } from './replies.js';
import { createRoutes, type RouteOptions, type Routes } from './routes.js';
import { limitUnauthenticated, type UnauthenticatedConnections } from './unauthenticated-connections.js';

export interface InspectorOptions extends Omit<RouteOptions, 'feed' | 'guard'> {
  /** 0: any free port. */
  readonly port: number;
  readonly page: Parameters<typeof buildPageHtml>[0];
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
  /** Of this process. */
  readonly userId: number;
  /** Called with what failed while a request was answered, or the source was read. */
  readonly onError: (error: unknown) => void;
}

/** The local page, being served. */
export interface Inspector {
  /** With the token in its fragment, which no server and no log receives. */
  readonly url: string;
  /** For the command line of a browser: leads to the page once. */
  passUrl(): string;
  /** Reads the source now, instead of at the next look at it. */
  notifyChanged(): void;
  /** Tells the open pages of a setup that has changed now, instead of at the next look at it. */
  notifySetup(): void;
  stop(): Promise<void>;
}

/** Loopback only, whatever `listen` is bound to. */
const HOST = '127.0.0.1';

/** A notification has about 19 KB, its edited payloads less. */
const MAX_BODY_BYTES = 1_048_576;

/** Deadline for receiving a request, against slow clients. */
const REQUEST_MS = 30_000;

const MAX_CONNECTIONS = 128;

/** Of them, without the token. */
const MAX_UNAUTHENTICATED = 64;

/** Starts the page's own server. Throws `ERR_INSPECT_PORT` (usage) where the port is taken. */
export async function startInspector(options: InspectorOptions): Promise<Inspector> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS });
  server.maxConnections = MAX_CONNECTIONS;
  const unauthenticated = limitUnauthenticated(server, MAX_UNAUTHENTICATED);
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  const guard = createAccessGuard(port, options.random);
  const feed = createLiveFeed(options);
  const routes = createRoutes({ ...options, feed, guard });
  const page = buildPageHtml(options.page);
  const pageReply: PageReply = {
    status: 200,
    headers: {
      ...SAFE_HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': page.contentSecurityPolicy,
    },
    body: page.html,
  };
  server.on('request', (request, response) => {
    handle(request, response, { guard, unauthenticated, feed, routes, pageReply, userId: options.userId }).catch(
      (error: unknown) => {
        options.onError(error);
        if (!response.headersSent)
          send(response, errorReply(500, 'ERR_INSPECT_BUG', 'the request failed in storewire'));
      },
    );
  });
  return {
    url: `http://${HOST}:${port}/#t=${guard.token}`,
    passUrl: () => `http://${HOST}:${port}/?pass=${guard.issuePass()}`,
    notifyChanged: () => void feed.refresh().catch(options.onError),
    notifySetup: () => void feed.readSetup().catch(options.onError),
    async stop() {
      feed.stop();
      await close(server);
      await options.source.close();
    },
  };
}

interface Handlers extends Pick<InspectorOptions, 'userId'> {
  readonly guard: AccessGuard;
  readonly unauthenticated: UnauthenticatedConnections;
  readonly feed: LiveFeed;
  readonly routes: Routes;
  readonly pageReply: PageReply;
}

async function handle(request: IncomingMessage, response: ServerResponse, handlers: Handlers): Promise<void> {
  const { guard, unauthenticated, feed, routes, pageReply } = handlers;
  const { method = '', headers } = request;
  const refusal = hasTwoHosts(request) ? 'there are two Host headers' : guard.refusalOf(method, headers);
  if (refusal !== null) return refuse(response, 403, 'ERR_INSPECT_FORBIDDEN', refusal);
  const url = parsePath(request.url ?? '');
  if (url === null) return refuse(response, 400, 'ERR_INSPECT_REQUEST', 'malformed URL');
  const pass = url.searchParams.get('pass');
  if (url.pathname === '/' && pass !== null) return redirect(request, response, { ...handlers, pass });
  if (url.pathname === '/' && (method === 'GET' || method === 'HEAD')) return send(response, pageReply, method);
  if (url.pathname === '/favicon.ico') return send(response, { status: 204, headers: SAFE_HEADERS, body: '' });
  const isAllowed = guard.hasToken(headers) || guard.isTicketFor(url.pathname, url.searchParams.get('ticket'));
  if (!isAllowed) return refuse(response, 401, 'ERR_INSPECT_TOKEN', 'the token is missing or wrong', OPEN_PRINTED_URL);
  unauthenticated.admit(request.socket);
  if (url.pathname === '/api/events' && method === 'GET') {
    const lastEventId = [headers['last-event-id']].flat()[0] ?? null;
    if (await feed.attach(response, lastEventId)) return;
    return refuse(response, 503, 'ERR_INSPECT_REQUEST', 'too many pages are open', 'Close one of them.');
  }
  const route = routes.find(method, url.pathname);
  if ('status' in route) return send(response, route, method);
  if (!route.takesBody) return send(response, await route.answer(url, ''), method);
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    return refuse(response, 415, 'ERR_INSPECT_REQUEST', 'the body must be application/json');
  const body = await readRequestBody(request, MAX_BODY_BYTES).catch(() => null);
  if (body === null) return;
  if (body === 'too large') return refuse(response, 413, 'ERR_INSPECT_REQUEST', 'the body is larger than 1 MiB');
  send(response, await route.answer(url, body.toString('utf8')), method);
}

/**
 * The command line of a browser can be read by every user of the machine before the browser has opened its URL: only this user's programs
 * may open it.
 */
async function redirect(
  { socket }: IncomingMessage,
  response: ServerResponse,
  { guard, userId, pass }: Handlers & { readonly pass: string },
): Promise<void> {
  const peer = await readPeerUser(socket);
  if (peer !== null && peer !== userId && peer !== ROOT)
    refuse(response, 403, 'ERR_INSPECT_FORBIDDEN', 'this link is for another user of the machine');
  else if (!guard.redeemPass(pass))
    refuse(response, 401, 'ERR_INSPECT_TOKEN', 'this link was used before', OPEN_PRINTED_URL);
  else send(response, { status: 303, headers: { ...SAFE_HEADERS, location: `/#t=${guard.token}` }, body: '' });
}

/** May read the token in any case, and relays connections for containers. */
const ROOT = 0;

const OPEN_PRINTED_URL = 'Open the URL that this run of storewire printed.';

/** Node keeps the first; a proxy in front may have looked at the other. */
function hasTwoHosts({ headersDistinct }: IncomingMessage): boolean {
  return (headersDistinct.host?.length ?? 0) > 1;
}

/** Only the path counts: the host of an absolute URL was not checked. */
function parsePath(target: string): URL | null {
  return target.startsWith('/') && !target.startsWith('//') && isValidUrl(`http://${HOST}${target}`)
    ? new URL(`http://${HOST}${target}`)
    : null;
}

/** Closes the connection, since the body may not have been read. */
function refuse(response: ServerResponse, status: number, code: string, message: string, hint = ''): void {
  const reply = errorReply(status, code, message, hint);
  send(response, { ...reply, headers: { ...reply.headers, connection: 'close' } });
}

function send(response: ServerResponse, { status, headers, body }: PageReply, method = 'GET'): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, ...(status === 204 ? {} : { 'content-length': bytes.length }) });
  response.end(method === 'HEAD' || status === 204 ? undefined : bytes);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const { why, hint } = describeListenFailure(cause);
      reject(
        new ToolError('usage', 'ERR_INSPECT_PORT', `the page cannot be served on ${HOST}:${port}: ${why}`, {
          hint,
          cause,
        }),
      );
    });
    server.listen(port, HOST, () => resolve());
  });
}

/** Closes keep-alive connections too, which would keep the server open. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
