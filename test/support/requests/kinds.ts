/** One request of a stream, with the answer that it gets. */
export interface PlannedRequest {
  readonly kind: string;
  readonly bytes: Buffer;
  /** Status; null where the connection ends without an answer to this one. */
  readonly status: number | readonly number[];
  /** Nothing behind it is served. */
  readonly closes: boolean;
  /** The body of a genuine notification, which is recorded. */
  readonly body: string | null;
}

type Random = () => number;

interface KindContext {
  readonly random: Random;
  /** A genuine notification, different each time. */
  readonly sign: () => string;
}

const JSON_TYPE = 'content-type: application/json';

function headOf(line: string, ...headers: readonly string[]): string {
  return [line, ...headers, '', ''].join('\r\n');
}

function request(kind: string, text: string, status: PlannedRequest['status'], closes = false): PlannedRequest {
  return { kind, bytes: Buffer.from(text, 'latin1'), status, closes, body: null };
}

function withLength(line: string, body: string, ...headers: readonly string[]): string {
  return `${headOf(line, 'host: a', JSON_TYPE, `content-length: ${Buffer.byteLength(body)}`, ...headers)}${body}`;
}

function chunked(body: string, random: Random): string {
  let text = '';
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + Math.floor(random() * 3_000));
    const extension = random() < 0.2 ? ';a=b' : '';
    text += `${size.toString(16)}${extension}\r\n${body.slice(at, at + size)}\r\n`;
    at += size;
  }
  const trailer = random() < 0.2 ? 'x-trailer: a\r\n' : '';
  return `${headOf('POST / HTTP/1.1', 'host: a', JSON_TYPE, 'transfer-encoding: chunked')}${text}0\r\n${trailer}\r\n`;
}

const POST = 'POST / HTTP/1.1';

type Kind = (context: KindContext) => PlannedRequest;

function genuine(name: string, write: (body: string, random: Random) => string): Kind {
  return ({ sign, random }) => {
    const body = sign();
    return { ...request(name, write(body, random), 200), body };
  };
}

/** Requests after which the connection goes on. */
const OPEN: readonly Kind[] = [
  genuine('genuine', (body) => withLength(POST, body)),
  genuine('genuine, full URL and query', (body) => withLength('POST http://a/?x=/y HTTP/1.1', body)),
  genuine('genuine, odd header case', (body) => withLength(POST, body).replace('content-length', 'CoNtEnT-LeNgTh')),
  genuine('genuine, blank line before', (body) => `\r\n${withLength(POST, body)}`),
  genuine('genuine, many headers', (body, random) =>
    withLength(POST, body, ...Array.from({ length: Math.floor(random() * 100) }, (_, at) => `x-${at}: ${at}`)),
  ),
  genuine('genuine, chunked', chunked),
  () => request('probe', headOf('GET / HTTP/1.1', 'host: a'), 200),
  () => request('empty POST', headOf(POST, 'host: a', 'content-length: 0'), 200),
  () => request('no JSON', withLength(POST, 'hello'), 400),
  () => request('no token', withLength(POST, '{"a":[1,2,3]}'), 400),
  ({ sign }) => request('forged', withLength(POST, sign().replace(/.{8}"}$/, 'AAAAAAAA"}')), [400, 401]),
  () => request('another path', headOf('GET /other HTTP/1.1', 'host: a'), 404),
  () => request('another method', headOf('DELETE / HTTP/1.1', 'host: a'), 405),
  () => request('two hosts', headOf('GET / HTTP/1.1', 'host: a', 'Host: b'), 400),
  () => request('no host', headOf('GET / HTTP/1.1'), 400),
];

/** Requests that end the connection: nothing behind them may be taken for a request. */
const CLOSING: readonly Kind[] = [
  () => request('another path, with a body', withLength('POST /other HTTP/1.1', '{}'), 404, true),
  ({ sign }) => request('two hosts, with a body', withLength(POST, sign(), 'host: b'), 400, true),
  ({ sign }) => request('compressed', withLength(POST, sign(), 'content-encoding: gzip'), 415, true),
  ({ sign }) => request('a form', withLength(POST, sign()).replace(JSON_TYPE, 'content-type: text/html'), 415, true),
  () => request('too long', headOf(POST, 'host: a', JSON_TYPE, 'content-length: 1048577'), 413, true),
  ({ sign }) => request('length and chunks', withLength(POST, sign(), 'transfer-encoding: chunked'), 400, true),
  ({ sign }) => request('two lengths', withLength(POST, sign(), 'content-length: 3'), 400, true),
  ({ sign, random }) =>
    request('two codings', chunked(sign(), random).replace('chunked', 'chunked, chunked'), [400, 415], true),
  () => request('negative length', headOf(POST, 'host: a', 'content-length: -1'), 400, true),
  () => request('length in hex', headOf(POST, 'host: a', 'content-length: 0x10'), 400, true),
  () => request('length with a sign', headOf(POST, 'host: a', 'content-length: +5'), 400, true),
  () => request('space before the colon', headOf(POST, 'host: a', 'content-length : 5'), 400, true),
  () => request('folded header', headOf(POST, 'host: a', 'x: a\r\n b: c'), [200, 400], true),
  () => request('bare carriage return', headOf(POST, 'host: a', 'x: a\rb'), 400, true),
  () => request('null in a header', headOf(POST, 'host: a', 'x: a\0b'), 400, true),
  () =>
    request('no chunk length', `${headOf(POST, 'host: a', JSON_TYPE, 'transfer-encoding: chunked')}zz\r\n`, 400, true),
  () => request('HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, true),
  () => request('garbage', '\x16\x03\x01\x00\xa5\x01\r\n\r\n', 400, true),
  () => request('headers too large', headOf(POST, 'host: a', `x: ${'a'.repeat(20_000)}`), 431, true),
  () => request('closes itself', headOf('GET / HTTP/1.1', 'host: a', 'connection: close'), 200, true),
  () => request('unknown Expect, with a body', withLength(POST, '{}', 'expect: a lot'), 417, true),
];

function pickOne<T>(all: readonly T[], random: Random): T {
  return all[Math.floor(random() * all.length)]!;
}

/** Requests that go on, then in most streams one that closes, then one that must not be served. */
export function planStream(context: KindContext): readonly PlannedRequest[] {
  const { random } = context;
  const open = Array.from({ length: Math.floor(random() * 8) }, () => pickOne(OPEN, random)(context));
  if (random() < 0.2 && open.length > 0) return open;
  return [...open, pickOne(CLOSING, random)(context), OPEN[0]!(context)];
}
