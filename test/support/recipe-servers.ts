import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ROOT } from './bin.js';

/** Frameworks that are no dev dependency of storewire, installed once into the cache of node_modules. */
const FRAMEWORKS = { fastify: '5.12.8', hono: '4.13.19', '@hono/node-server': '2.1.9' };

const CACHE = path.join(ROOT, 'node_modules/.cache/storewire-recipes');

/** A folder whose programs can import the frameworks, and `storewire` as it is built. */
export async function installFrameworks(): Promise<string> {
  const installed = path.join(CACHE, Object.values(FRAMEWORKS).join('_'));
  mkdirSync(installed, { recursive: true });
  const manifest = { private: true, type: 'module', dependencies: FRAMEWORKS };
  writeFileSync(path.join(installed, 'package.json'), JSON.stringify(manifest));
  if (!existsSync(path.join(installed, 'node_modules/@hono/node-server'))) {
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    await promisify(execFile)('npm', args, { cwd: installed });
  }
  const link = path.join(installed, 'node_modules/storewire');
  if (!existsSync(link)) symlinkSync(ROOT, link, 'dir');
  writeFileSync(path.join(installed, 'free-port.mjs'), FREE_PORT);
  writeFileSync(path.join(installed, 'route-server.mjs'), ROUTE_SERVER);
  writeFileSync(path.join(installed, 'lambda-server.mjs'), LAMBDA_SERVER);
  return installed;
}

/** Loaded before a recipe, so that its code runs as it stands: whatever port it names becomes a free one, which is printed. */
const FREE_PORT = `
import net from 'node:net';
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  this.once('listening', () => console.log('listening on ' + JSON.stringify(this.address())));
  return listen.call(this, typeof first === 'object' ? { ...first, port: 0 } : 0, ...rest);
};
`;

/** A route handler of Next.js: a Request in, a Response out, and 405 for a method without a handler. */
const ROUTE_SERVER = `
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
const handlers = await import(process.argv[2]);
createServer(async (incoming, outgoing) => {
  const { method, headers, url } = incoming;
  const body = await buffer(incoming);
  const handler = handlers[method];
  if (handler === undefined) return outgoing.writeHead(405).end();
  const request = new Request('http://localhost' + url, { method, headers, ...(body.length === 0 ? {} : { body }) });
  const response = await handler(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()));
}).listen(3000, '127.0.0.1');
`;

/** An HTTP API of API Gateway with the one route POST /apple: events in format 2.0, base64 for what is no text. */
const LAMBDA_SERVER = `
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
const { handler } = await import(process.argv[2]);
createServer(async (incoming, outgoing) => {
  const { method, headers, url } = incoming;
  const body = await buffer(incoming);
  const own = { 'content-type': 'application/json', 'apigw-requestid': 'Kb3cHhJ2oAMEJ9w=' };
  if (method !== 'POST') return outgoing.writeHead(404, own).end('{"message":"Not Found"}');
  const isBase64Encoded = !/json|text/.test(headers['content-type'] ?? '');
  const event = {
    version: '2.0',
    routeKey: 'POST /apple',
    rawPath: url,
    rawQueryString: '',
    headers,
    requestContext: { http: { method, path: url, protocol: 'HTTP/1.1', sourceIp: '17.0.0.1', userAgent: '' }, stage: '$default' },
    ...(body.length === 0 ? {} : { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
  const { statusCode, headers: set = {}, body: text = '' } = await handler(event);
  outgoing.writeHead(statusCode, { ...own, ...set }).end(text);
}).listen(3000, '127.0.0.1');
`;

export interface RecipeServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a program of a recipe; `argv` is the file and its arguments. */
export async function startRecipe(argv: readonly string[], installed: string, root: string): Promise<RecipeServer> {
  const preload = path.join(installed, 'free-port.mjs');
  const child: ChildProcess = spawn(process.execPath, ['--import', preload, ...argv], {
    cwd: installed,
    env: { PATH: process.env.PATH, TEST_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /^listening on (\{.*\})$/.exec(line)?.[1];
    if (found === undefined) continue;
    const { port, family } = JSON.parse(found) as AddressInfo;
    child.stdout!.resume();
    const host = family === 'IPv6' ? 'localhost' : '127.0.0.1';
    const stop = async (): Promise<void> => {
      child.kill();
      await ended;
    };
    return { url: `http://${host}:${port}/apple`, stop };
  }
  throw new Error(`${argv.join(' ')} did not start: ${stderr}`);
}

/** A response as a framework documents it. */
export interface DocumentedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How a framework answers; a handler for a POST returns the status of the verdict. */
export interface DocumentedServer {
  readonly get: DocumentedResponse;
  readonly post: (body: string) => DocumentedResponse;
}

export async function startDocumented({ get, post }: DocumentedServer): Promise<RecipeServer> {
  const answer = (response: ServerResponse, { status, headers = {}, body = '' }: DocumentedResponse): void =>
    void response.writeHead(status, headers).end(body);
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answer(response, request.method === 'POST' ? post(Buffer.concat(chunks).toString()) : get);
  };
  const server: Server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/apple`, stop };
}
