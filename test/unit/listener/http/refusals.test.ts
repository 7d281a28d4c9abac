import { describe, expect, it } from 'vitest';
import { REQUEST_REFUSALS } from '../../../../src/listener/http/responses.js';
import { post, type RawResponse, rawClient } from './raw-client.js';
import { held, NOW_MS, start, textOf, until } from './started.js';

const CHUNKED = { 'content-length': null, 'transfer-encoding': 'chunked' };

const SECRET = ', which is not the path of this listener: set the URL that listen printed in App Store Connect';

function messageOf({ body }: RawResponse): string {
  return (JSON.parse(body) as { error: { message: string } }).error.message;
}

function codeOf({ body }: RawResponse): string {
  return (JSON.parse(body) as { error: { code: string } }).error.code;
}

describe('a request that is not a notification', () => {
  it.each([
    ['another path', post('{}', {}, 'POST /other'), 404, 'NOT_FOUND'],
    ['another path, by GET', post('', {}, 'GET /'), 404, 'NOT_FOUND'],
    ['another method', post('{}', {}, 'PUT /hook'), 405, 'METHOD_NOT_ALLOWED'],
    ['OPTIONS', post('', {}, 'OPTIONS /hook'), 405, 'METHOD_NOT_ALLOWED'],
    ['compression', post('{}', { 'content-encoding': 'gzip' }), 415, 'UNSUPPORTED_ENCODING'],
    ['a form', post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'UNSUPPORTED_TYPE'],
    ['another charset', post('{}', { 'content-type': 'text/plain; charset=utf-16' }), 415, 'UNSUPPORTED_CHARSET'],
    ['a request without a host', post('{}', { host: null }), 400, 'NO_HOST'],
  ])('is refused: %s', async (_case, text, status, code) => {
    const { port, taken, refused } = await start();
    const client = await rawClient(port);
    client.write(text);
    const [answer] = await client.responses(1);
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/json' } });
    expect(answer?.headers.allow).toBe(status === 405 ? 'GET, HEAD, POST' : undefined);
    expect(codeOf(answer!)).toBe(code);
    expect(taken).toEqual([]);
    const { message } = (JSON.parse(answer!.body) as { error: { message: string } }).error;
    expect(refused).toEqual([{ atMs: NOW_MS, status, code, message, address: '127.0.0.1' }]);
  });

  it.each([
    ['always', 'this listens at /hook: set that URL in App Store Connect, or --path /other', null],
    ['locally', 'this listens at /hook: set that URL in App Store Connect, or --path /other', SECRET],
    ['never', SECRET, SECRET],
  ] as const)('names the requested and the served path, disclosed %s', async (pathDisclosure, event, answered) => {
    const { port, refused } = await start({ pathDisclosure });
    const client = await rawClient(port);
    client.write(post('{}', {}, 'POST /other?token=1'));
    const [answer] = await client.responses(1);
    expect(refused[0]?.message).toBe(`POST /other was asked for${event === SECRET ? '' : '; '}${event}`);
    expect(messageOf(answer!)).toBe(`POST /other was asked for${answered === null ? `; ${event}` : answered}`);
  });

  it.each([
    ['PUT /hook', 'always', 'PUT /hook was asked for; notifications must be sent by POST'],
    ['PUT /hook', 'never', 'PUT was asked for; notifications must be sent by POST'],
    ['GET /favicon.ico', 'always', 'GET /favicon.ico was asked for; this listens at /hook'],
    ['POST /a%20b', 'always', 'POST /a%20b was asked for; this listens at /hook: set that URL in App Store Connect'],
  ] as const)('describes %s, disclosed %s', async (line, pathDisclosure, message) => {
    const { port, refused } = await start({ pathDisclosure });
    const client = await rawClient(port);
    client.write(post('', {}, line));
    await client.responses(1);
    expect(refused).toMatchObject([{ message }]);
  });

  it('shortens a long path and escapes it', async () => {
    const { port, refused } = await start();
    const client = await rawClient(port);
    client.write(post('', {}, `GET /${'a'.repeat(5_000)}`));
    await client.responses(1);
    expect(refused[0]?.message).toContain('… (5,001 characters) was asked for');
  });

  it('has no general message that reveals the right path', () => {
    expect(JSON.stringify(REQUEST_REFUSALS)).not.toContain('hook');
  });
});

describe('a body that is too large', () => {
  it('is refused by its length, unread', async () => {
    const { port, refused } = await start();
    const client = await rawClient(port);
    client.write(post('', { 'content-length': '1048577' }));
    const [answer] = await client.responses(1);
    expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } });
    expect(refused).toMatchObject([{ status: 413, code: 'TOO_LARGE' }]);
  });

  it.each([
    ['with a length', { 'content-length': '5000000' }, 'x'.repeat(5_000_000)],
    ['in chunks', CHUNKED, `4c4b40\r\n${'x'.repeat(5_000_000)}\r\n0\r\n\r\n`],
  ])('is heard out %s, so that its sender gets to read why', async (_case, headers, body) => {
    const { port, taken, refused } = await start();
    const client = await rawClient(port);
    client.socket.pause();
    client.write(post('', headers));
    await new Promise<void>((resolve) => void client.socket.write(body, () => resolve()));
    client.socket.resume();
    expect(await client.toTheEnd()).toMatchObject([{ status: 413 }]);
    expect(refused).toMatchObject([{ code: 'TOO_LARGE' }]);
    expect(taken).toEqual([]);
  });

  it('is heard for so long only', async () => {
    const { port } = await start({ limits: { lingerBytes: 100_000 } });
    const client = await rawClient(port);
    client.write(post('', { 'content-length': '1000000000' }));
    const piece = Buffer.alloc(65_536);
    let sent = 0;
    const more = (): void => {
      sent += piece.length;
      if (client.socket.writable && sent < 100_000_000) client.socket.write(piece, more);
    };
    more();
    await client.closed;
    expect(sent).toBeLessThan(20_000_000);
  });

  it('whose sender waits is closed after a pause', async () => {
    const { port } = await start({ limits: { lingerMs: 30 } });
    const client = await rawClient(port);
    client.write(post('', { 'content-length': '1048577' }));
    expect(await client.toTheEnd()).toHaveLength(1);
  });

  it('is the last that is looked at on its connection', async () => {
    const { port, taken } = await start({ limits: { bodyBytes: 4 } });
    const client = await rawClient(port);
    client.write(post('12345') + post('{}'));
    expect(await client.toTheEnd()).toMatchObject([{ status: 413 }]);
    expect(taken).toEqual([]);
  });

  it('is answered after those before it', async () => {
    const hold = held();
    const { port, refused } = await start({ limits: { bodyBytes: 4, lingerMs: 20 } }, hold.answer);
    const client = await rawClient(port);
    client.write(post('{}') + post('', { 'content-length': '5' }));
    await until(() => refused.length === 1);
    hold.release();
    expect(await client.toTheEnd()).toMatchObject([{ status: 200 }, { status: 413 }]);
  });
});

describe('two Host headers', () => {
  it('are answered 400', async () => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    client.write(post('{}').replace('host: test', 'host: test\r\nHost: other'));
    const [answer] = await client.responses(1);
    expect([answer!.status, codeOf(answer!), taken]).toEqual([400, 'TWO_HOSTS', []]);
  });
});

describe('garbage behind a good request', () => {
  it.each([
    ['in the same bytes', 1],
    ['behind several of them', 5],
  ])('takes nothing from its answer: %s', async (_case, count) => {
    const { port, taken, refused } = await start();
    const client = await rawClient(port);
    client.write(`${post('{}').repeat(count)}hello\r\n\r\n`);
    const answers = await client.toTheEnd();
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: count }, () => 200), 400]);
    expect(taken).toHaveLength(count);
    expect(refused).toMatchObject([{ code: 'MALFORMED_HTTP' }]);
  });

  it('takes nothing from its answer in the body of a further request', async () => {
    const { port } = await start();
    const client = await rawClient(port);
    client.write(`${post('{}')}${post('', CHUNKED)}zz\r\n`);
    expect((await client.toTheEnd()).map(({ status }) => status)).toEqual([200, 400]);
  });

  it('waits for an answer that takes a while', async () => {
    const hold = held();
    const { port, taken } = await start({}, hold.answer);
    const client = await rawClient(port);
    client.write(`${post('{}')}hello\r\n\r\n`);
    await until(() => taken.length === 1);
    hold.release();
    expect((await client.toTheEnd()).map(({ status }) => status)).toEqual([200, 400]);
  });
});

describe('malformed HTTP', () => {
  it.each([
    ['rubbish', 'hello\r\n\r\n'],
    ['TLS', Buffer.from('16030100a50100', 'hex')],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a method nobody knows', post('{}', {}, 'POSTER /hook')],
    ['two lengths', post('{}').replace('content-length: 2', 'content-length: 2\r\ncontent-length: 3')],
    ['a length and chunks', post('0\r\n\r\n', { 'transfer-encoding': 'chunked' })],
    ['a negative length', post('{}', { 'content-length': '-1' })],
    ['a length of many digits', post('{}', { 'content-length': '9'.repeat(30) })],
    ['a length in words', post('{}', { 'content-length': 'two' })],
    ['a space before the colon', post('{}', { 'x-a ': 'b' })],
    ['a bare carriage return', post('{}', { 'x-a': 'b\rc' })],
    ['a null in a header', post('{}', { 'x-a': 'b\0c' })],
    ['chunks of no length', `${post('', CHUNKED)}zz\r\n`],
    ['chunks that are not the last coding', post('{}', { ...CHUNKED, 'transfer-encoding': 'chunked, gzip' })],
  ])('is answered once and closed: %s', async (_case, text) => {
    const { port, taken, refused } = await start();
    const client = await rawClient(port);
    client.write(text);
    const [answer, ...more] = await client.responses(1);
    client.write('and so on'.repeat(1000));
    client.socket.end();
    await client.closed;
    expect(more).toEqual([]);
    expect(answer).toMatchObject({ status: 400, headers: { connection: 'close', 'content-type': 'application/json' } });
    expect(codeOf(answer!)).toBe('MALFORMED_HTTP');
    expect(refused).toMatchObject([{ status: 400, code: 'MALFORMED_HTTP', address: '127.0.0.1' }]);
    expect(taken).toEqual([]);
  });

  it('may be a folded header: the parser of this Node decides, once', async () => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    client.write(post('{}', { 'x-a': 'b\r\n c', connection: 'close' }));
    const [answer, ...more] = await client.toTheEnd();
    expect(more).toEqual([]);
    expect(answer?.status).toBe(taken.length === 1 ? 200 : 400);
  });

  it('is answered after those before it', async () => {
    const hold = held();
    const { port, taken, refused } = await start({}, hold.answer);
    const client = await rawClient(port);
    client.write(`${post('1')}${post('2')}hello\r\n\r\n`);
    await until(() => refused.length === 1);
    hold.release();
    hold.release({ status: 401, body: null });
    const answers = await client.toTheEnd();
    expect(answers).toMatchObject([{ status: 200 }, { status: 401 }, { status: 400 }]);
    expect(taken.map(textOf)).toEqual(['1', '2']);
  });

  it('may be headers that are too large', async () => {
    const { port, refused } = await start();
    const client = await rawClient(port);
    client.write(post('{}', { 'x-a': 'b'.repeat(16_384) }));
    expect(await client.responses(1)).toMatchObject([{ status: 431, headers: { connection: 'close' } }]);
    expect(refused).toMatchObject([{ status: 431, code: 'HEADERS_TOO_LARGE' }]);
  });

  it('may be trailers that are too large', async () => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    client.write(`${post('', CHUNKED)}1\r\nx\r\n0\r\nx-a: ${'b'.repeat(20_000)}`);
    expect(await client.responses(1)).toMatchObject([{ status: 431 }]);
    expect(taken).toEqual([]);
  });

  it.each([
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n', 405],
    ['CONNECT with bytes behind it', 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n\x16\x03\x01', 405],
  ])('may be a tunnel: %s', async (_case, text, status) => {
    const { port, refused } = await start({ limits: { lingerMs: 30 } });
    const client = await rawClient(port);
    client.write(text);
    expect(await client.toTheEnd()).toMatchObject([{ status, headers: { connection: 'close' } }]);
    expect(refused).toMatchObject([{ status, code: 'METHOD_NOT_ALLOWED' }]);
  });

  it('may be an upgrade that is declined: the request counts without it', async () => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    client.write(post('{}', { connection: 'Upgrade', upgrade: 'websocket' }));
    expect(await client.responses(1)).toMatchObject([{ status: 200 }]);
    client.write(post('[]'));
    await client.responses(2);
    expect(taken.map(textOf)).toEqual(['{}', '[]']);
  });
});

describe('an incomplete request', () => {
  it.each([
    ['in its head', 'POST /hook HTTP/1.1\r\nhost:'],
    ['in its body', post('{}', { 'content-length': '10' })],
    ['in its chunks', `${post('', CHUNKED)}5\r\n{`],
  ])('%s is answered if its sender still reads', async (_case, text) => {
    const { port, refused } = await start();
    const client = await rawClient(port);
    client.socket.end(text);
    expect(await client.toTheEnd()).toMatchObject([{ status: 400, headers: { connection: 'close' } }]);
    expect(refused).toMatchObject([{ status: 400, code: 'INCOMPLETE' }]);
  });

  it('on a lost connection is reported', async () => {
    const { port, refused, taken } = await start();
    const client = await rawClient(port);
    client.write(post('{}', { 'content-length': '10', expect: '100-continue' }));
    await client.responses(1);
    client.socket.resetAndDestroy();
    await until(() => refused.length === 1);
    expect(refused).toMatchObject([{ status: 400, code: 'INCOMPLETE', address: '127.0.0.1' }]);
    expect(taken).toEqual([]);
  });
});

describe('a slow request', () => {
  const LIMITS = { headersMs: 700, requestMs: 900, lingerMs: 20 };
  it.each([
    ['in its head', 'POST /hook HTTP/1.1\r\nhost: a\r\n'],
    ['in its body', post('{', { 'content-length': '2' })],
    ['in its chunks', `${post('', CHUNKED)}5\r\n{`],
    ['after another one', `${post('', {}, 'GET /hook')}POST /hook HTTP/1.1\r\n`],
  ])('%s is answered and closed', async (_case, text) => {
    const { port, refused, taken } = await start({ limits: LIMITS });
    const client = await rawClient(port);
    client.write(text);
    const answers = await client.toTheEnd();
    expect(answers.at(-1)).toMatchObject({ status: 408, headers: { connection: 'close' } });
    expect(answers).toHaveLength(text.startsWith('GET') ? 2 : 1);
    expect(refused).toMatchObject([{ status: 408, code: 'TIMED_OUT' }]);
    expect(taken).toEqual([]);
  });

  it('is closed silently if it never began', async () => {
    const { port, refused } = await start({ limits: LIMITS });
    const client = await rawClient(port);
    expect(await client.toTheEnd()).toEqual([]);
    expect(refused).toEqual([]);
  });

  it('though it drips in', async () => {
    const { port, refused } = await start({ limits: LIMITS });
    const client = await rawClient(port);
    client.write(post('', { 'content-length': '100000' }));
    const drip = setInterval(() => client.write('x'), 5);
    const answers = await client.toTheEnd();
    clearInterval(drip);
    expect(answers).toMatchObject([{ status: 408 }]);
    expect(refused).toHaveLength(1);
  });

  it('is closed in time though it was refused before', async () => {
    const { port, refused } = await start({ limits: { ...LIMITS, lingerMs: 10_000 } });
    const client = await rawClient(port);
    client.write(post('', { 'content-length': '100000', 'content-encoding': 'br' }));
    expect(await client.toTheEnd()).toMatchObject([{ status: 415 }]);
    expect(refused).toHaveLength(1);
  });

  it('does not affect a request that awaits its answer', async () => {
    const hold = held();
    const { port } = await start({ limits: LIMITS }, hold.answer);
    const slow = await rawClient(port);
    slow.write(post('{}'));
    const late = await rawClient(port);
    late.write('POST /hook HTTP/1.1\r\n');
    await late.closed;
    hold.release();
    expect(await slow.responses(1)).toMatchObject([{ status: 200 }]);
  });

  it('and one that is kept between two requests, after its own time', async () => {
    const { port, refused } = await start({ limits: { keepAliveMs: 80 } });
    const client = await rawClient(port);
    client.write(post('{}'));
    expect(await client.toTheEnd()).toMatchObject([{ status: 200 }]);
    expect(refused).toEqual([]);
  });
});

describe('a client that is not Apple', () => {
  const PROXIED = { proxies: { trusted: ['loopback'], cloudflared: false }, appleOnly: true };
  it.each([
    ['nothing', {}],
    ['the address of somebody else', { 'x-forwarded-for': '203.0.113.9' }],
    ['an address of Apple that was made up', { 'x-forwarded-for': '17.1.1.1, 203.0.113.9' }],
    ['no readable address', { 'x-forwarded-for': 'unknown' }],
  ])('is refused with %s', async (_case, headers) => {
    const { port, taken, refused } = await start(PROXIED);
    const client = await rawClient(port);
    client.write(post('{}', headers) + post('', headers, 'GET /other'));
    const [answer] = await client.responses(1);
    expect(answer).toMatchObject({ status: 403 });
    expect(codeOf(answer!)).toBe('NOT_FROM_APPLE');
    expect(refused[0]).toMatchObject({ status: 403, code: 'NOT_FROM_APPLE' });
    expect(taken).toEqual([]);
  });

  it('is refused without a proxy', async () => {
    const { port } = await start({ appleOnly: true });
    const client = await rawClient(port);
    client.write(post('', { 'x-forwarded-for': '17.1.1.1' }, 'GET /hook'));
    expect(await client.responses(1)).toMatchObject([{ status: 403 }]);
  });

  it.each([
    ['by a proxy', PROXIED, { 'x-forwarded-for': '17.58.0.1' }],
    [
      'by a proxy in two lines',
      PROXIED,
      { 'X-Forwarded-For': '203.0.113.9', 'x-forwarded-for': '17.58.0.1, 127.0.0.1' },
    ],
    [
      'by Cloudflare',
      { appleOnly: true, proxies: { trusted: [], cloudflared: true } },
      { 'cf-connecting-ip': '17.58.0.1' },
    ],
  ])('accepts Apple, identified by %s', async (_case, options, headers) => {
    const { port, taken } = await start(options);
    const client = await rawClient(port);
    client.write(post('{}', headers));
    expect(await client.responses(1)).toMatchObject([{ status: 200 }]);
    expect(taken).toMatchObject([{ address: '17.58.0.1' }]);
  });

  it('cannot hide the header of the proxy behind thousands of headers', async () => {
    const { port } = await start(PROXIED);
    const client = await rawClient(port);
    const many = 'a:\r\n'.repeat(2_500);
    client.write(post('{}', { 'x-forwarded-for': `17.1.1.1\r\n${many}x-forwarded-for: 203.0.113.9` }));
    expect(await client.responses(1)).toMatchObject([{ status: 403 }]);
  });
});
