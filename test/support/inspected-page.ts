import { randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import type { Deps } from '../../src/cli/deps.js';
import { now } from '../../src/clock.js';
import { registerInspect } from '../../src/commands/inspect/command.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { type CliRun, captureOutput } from './run-cli.js';
import { runCommand } from './run-command.js';
import { steadySleep } from './steady-time.js';

export interface PageResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json<T>(): T;
}

export interface CallOptions {
  readonly method?: string;
  /** Added to those that the page sends; undefined removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Uint8Array;
}

/** The page of a run of `inspect` or `listen`, as its script calls it. */
export interface InspectedPage {
  readonly port: number;
  readonly token: string;
  call(path: string, options?: CallOptions): Promise<PageResponse>;
  post(path: string, value: unknown, options?: CallOptions): Promise<PageResponse>;
  /** Reads server-sent events until one matches. */
  follow(until: (text: string) => boolean, lastEventId?: string): Promise<string>;
}

/** The page at a printed URL. */
export function pageAt(url: string): InspectedPage {
  const { port, origin, hash } = new URL(url);
  const token = hash.slice('#t='.length);
  const call: InspectedPage['call'] = (path, { method = 'GET', headers = {}, body } = {}) => {
    const sent = { authorization: `Bearer ${token}`, ...(method === 'GET' ? {} : { origin }), ...headers };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, path, method, headers: dropUndefined(sent), agent: false },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              text,
              json: () => JSON.parse(text),
            });
          });
          incoming.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  };
  return {
    port: Number(port),
    token,
    call,
    post: (path, value, { headers = {}, ...options } = {}) =>
      call(path, {
        method: 'POST',
        body: JSON.stringify(value),
        ...options,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    follow(until, lastEventId) {
      const headers = dropUndefined({ authorization: `Bearer ${token}`, 'last-event-id': lastEventId });
      return new Promise((resolve, reject) => {
        const outgoing = request(
          { host: '127.0.0.1', port, path: '/api/events', headers, agent: false },
          (incoming) => {
            let text = '';
            incoming.setEncoding('utf8').on('data', (chunk: string) => {
              text += chunk;
              // Whole events only: a chunk may end anywhere.
              const events = text.slice(0, text.lastIndexOf('\n\n') + 2);
              if (!until(events)) return;
              outgoing.destroy();
              resolve(events);
            });
            incoming.on('error', () => undefined);
            incoming.on('end', () => resolve(text));
          },
        );
        outgoing.on('error', reject);
        outgoing.end();
      });
    },
  };
}

function dropUndefined(headers: CallOptions['headers'] & object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Runs `inspect` on a free port, does `work` once its page is served, then interrupts it. */
export async function inspecting(
  argv: readonly string[],
  cwd: string,
  work: (page: InspectedPage) => Promise<unknown>,
  deps: Partial<Deps> = {},
): Promise<CliRun> {
  const interrupt = new AbortController();
  const output = captureOutput();
  let onShown = (): void => undefined;
  const shown = new Promise<void>((resolve) => {
    onShown = resolve;
  });
  const write = (data: string | Uint8Array): void => {
    output.stream.write(data);
    onShown();
  };
  const running = runCommand(registerInspect, ['inspect', '--port', '0', ...argv], {
    stdin: { isTty: true, chunks: async function* () {}, setRaw: () => undefined },
    ...{
      env: { HOME: cwd },
      cwd,
      now,
      sleep: steadySleep,
      random: (bytes) => randomBytes(bytes),
      http: createDispatcher,
    },
    ...{ platform: process.platform, userId: process.geteuid?.() ?? -1, isRunning: () => false },
    ...{ signal: interrupt.signal, suspend: () => Promise.resolve(), stdout: { ...output.stream, write } },
    ...deps,
  });
  await Promise.race([shown, running]);
  const url = /http:\/\/127\.0\.0\.1:\d+\/#t=\S+/.exec(output.text())?.[0];
  try {
    if (url !== undefined) await work(pageAt(url));
  } finally {
    interrupt.abort('SIGINT');
  }
  return { ...(await running), stdout: output.text() };
}
