import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection on which a test writes bytes as it likes. */
export interface RawClient {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** The next `count` answers, 1xx included; rejects if the connection closes before. */
  responses(count: number): Promise<readonly RawResponse[]>;
  /** The answers up to the end of the connection. */
  toTheEnd(): Promise<readonly RawResponse[]>;
  readonly closed: Promise<void>;
}

export async function rawClient(port: number, tlsRoot?: string): Promise<RawClient> {
  const socket = tlsRoot === undefined ? connect(port, '127.0.0.1') : secure(port, tlsRoot);
  await new Promise<void>((resolve, reject) => {
    socket.once(tlsRoot === undefined ? 'connect' : 'secureConnect', () => resolve());
    socket.once('error', reject);
  });
  return clientOn(socket);
}

function secure(port: number, ca: string): Socket {
  return connectSecurely({ port, host: '127.0.0.1', ca, servername: 'localhost' });
}

export function clientOn(socket: Socket): RawClient {
  let text = '';
  let isClosed = false;
  let wake = (): void => {};
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    wake();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      resolve();
      wake();
    });
  });
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    closed,
    async responses(count) {
      while (parseResponses(text).length < count) {
        if (isClosed) throw new Error(`closed after ${JSON.stringify(text)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return parseResponses(text);
    },
    async toTheEnd() {
      await closed;
      return parseResponses(text);
    },
  };
}

/** Answers that are whole; HEAD is not for this. */
function parseResponses(text: string): readonly RawResponse[] {
  const responses: RawResponse[] = [];
  for (let rest = text; ; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return responses;
    const [line = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(lines.map((each) => splitHeader(each)));
    const length = Number(headers['content-length'] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    if (body.length < length) return responses;
    responses.push({ status: Number(line.split(' ')[1]), headers, body });
    rest = rest.slice(end + 4 + length);
  }
}

function splitHeader(line: string): [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
}

/** A request as text: `post('{}')`, with headers added or, where null, left out. */
export function post(body: string, headers: Readonly<Record<string, string | null>> = {}, line = 'POST /hook'): string {
  const all: Record<string, string | null> = {
    host: 'test',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return [`${line} HTTP/1.1`, ...lines, '', body].join('\r\n');
}
