import { describe, expect, it } from 'vitest';
import { post, rawClient } from './raw-client.js';
import { held, NOW_MS, start, textOf, until } from './started.js';

const BODY = '{"signedPayload":"ä"}';
const READY = { status: 200, body: '{"status":"ready"}' };

describe('a notification', () => {
  it('is received byte for byte, and answered', async () => {
    const { port, taken, refused } = await start();
    const client = await rawClient(port);
    client.write(post(BODY, { 'content-type': 'application/json; charset=UTF-8' }));
    const [answer] = await client.responses(1);
    expect(answer).toMatchObject({ status: 200, body: '' });
    const [incoming] = taken;
    const contentType = 'application/json; charset=UTF-8';
    expect(incoming).toMatchObject({ atMs: NOW_MS, contentType, address: '127.0.0.1', via: [] });
    expect(textOf(incoming!)).toBe(BODY);
    expect(refused).toEqual([]);
  });

  it('may have no content type, and ids of listeners', async () => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    client.write(
      post(BODY, { 'content-type': null, 'Storewire-Via': 'aaaaaaa1, ,bbbbbbb2', 'storewire-via': 'ccccccc3' }),
    );
    await client.responses(1);
    expect(taken).toMatchObject([{ contentType: null, via: ['aaaaaaa1', 'bbbbbbb2', 'ccccccc3'] }]);
  });

  it.each([
    [
      'an object',
      { status: 401, body: { error: { code: 'X', message: 'ü' } } },
      '{"error":{"code":"X","message":"ü"}}',
    ],
    ['a number only', { status: 500, body: null }, ''],
    ['a status without a body', { status: 204, body: null }, ''],
  ])('is answered with %s', async (_case, answer, text) => {
    const { port } = await start({}, async () => answer);
    const client = await rawClient(port);
    client.write(post(BODY) + post(BODY));
    const answers = await client.responses(2);
    for (const { status, body } of answers) {
      expect({ status, body: Buffer.from(body, 'latin1').toString() }).toEqual({ status: answer.status, body: text });
    }
    expect(answers[0]?.headers['content-type']).toBe(text === '' ? undefined : 'application/json');
  });

  it.each([
    ['throws', async () => Promise.reject(new Error('the disk is gone'))],
    [
      'throws at once',
      () => {
        throw new Error('the disk is gone');
      },
    ],
    ['gives no status', async () => ({ status: 99, body: null })],
  ])('is answered 503 if its handling %s', async (_case, answer) => {
    const { port, refused } = await start({}, answer);
    const client = await rawClient(port);
    client.write(post(BODY));
    const [response] = await client.responses(1);
    expect(response?.status).toBe(503);
    expect(JSON.parse(response?.body ?? '')).toEqual({
      error: { code: 'INTERNAL', message: 'internal error; retry later' },
    });
    expect(refused).toMatchObject([{ status: 503, code: 'INTERNAL', message: expect.stringMatching(/disk|99/) }]);
  });

  it.each([
    ['in small chunks', ['1\r\n{\r\n', '13;ext=1\r\n"signedPayload":"x"\r\n', '1\r\n}\r\n', '0\r\ntrailer: x\r\n\r\n']],
    ['byte by byte', [...'15\r\n{"signedPayload":"x"}\r\n0\r\n\r\n']],
  ])('may arrive %s', async (_case, pieces) => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    client.write(post('', { 'content-length': null, 'transfer-encoding': 'chunked' }));
    for (const piece of pieces) {
      client.write(piece);
      await new Promise(setImmediate);
    }
    expect(await client.responses(1)).toMatchObject([{ status: 200 }]);
    expect(taken.map(textOf)).toEqual(['{"signedPayload":"x"}']);
  });

  it('of the maximum size is accepted, chunked and with a length', async () => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    const body = 'x'.repeat(1_048_576);
    client.write(post(body));
    client.write(post('', { 'content-length': null, 'transfer-encoding': 'chunked' }));
    client.write(`100000\r\n${body}\r\n0\r\n\r\n`);
    expect(await client.responses(2)).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(taken.map((each) => each.body.length)).toEqual([1_048_576, 1_048_576]);
    expect(taken.map(textOf)).toEqual([body, body]);
  });

  it('of many in one go is answered in their order', async () => {
    const answers: (() => void)[] = [];
    const { port, taken } = await start(
      {},
      (incoming) =>
        new Promise((resolve) => {
          answers.unshift(() => resolve({ status: 200, body: { of: textOf(incoming) } }));
          if (answers.length === 3) for (const answer of answers) answer();
        }),
    );
    const client = await rawClient(port);
    client.write(post('1') + post('2') + post('', {}, 'GET /hook') + post('3'));
    const bodies = (await client.responses(4)).map(({ body }) => body);
    expect(bodies).toEqual(['{"of":"1"}', '{"of":"2"}', READY.body, '{"of":"3"}']);
    expect(taken.map(textOf)).toEqual(['1', '2', '3']);
  });

  it('keeps its connection for the next one', async () => {
    const { port } = await start();
    const client = await rawClient(port);
    for (const count of [1, 2, 3]) {
      client.write(post(BODY));
      expect((await client.responses(count)).at(-1)?.headers.connection).toBe('keep-alive');
    }
    expect((await client.responses(3))[2]?.headers['keep-alive']).toBe('timeout=65');
  });

  it.each([
    ['HTTP/1.0', post(BODY, { host: null }).replace('HTTP/1.1', 'HTTP/1.0')],
    ['Connection: close', post(BODY, { connection: 'close' })],
    ['Connection: close and more behind it', post(BODY, { connection: 'close' }) + post(BODY)],
  ])('closes it with %s', async (_case, text) => {
    const { port, taken, refused } = await start();
    const client = await rawClient(port);
    client.write(text);
    expect(await client.toTheEnd()).toMatchObject([{ status: 200, headers: { connection: 'close' } }]);
    expect(taken).toHaveLength(1);
    expect(refused).toEqual([]);
  });

  it('keeps an HTTP/1.0 connection alive on request', async () => {
    const { port } = await start();
    const client = await rawClient(port);
    const text = post(BODY, { host: null, connection: 'keep-alive' }).replace('HTTP/1.1', 'HTTP/1.0');
    client.write(text);
    expect(await client.responses(1)).toMatchObject([{ status: 200, headers: { connection: 'keep-alive' } }]);
    client.write(text);
    expect(await client.responses(2)).toMatchObject([{ status: 200 }, { status: 200 }]);
  });

  it('is answered though its sender has closed his half', async () => {
    const hold = held();
    const { port, taken, receiver } = await start({}, hold.answer);
    const client = await rawClient(port);
    client.socket.end(post(BODY));
    await until(() => taken.length === 1);
    await new Promise(setImmediate);
    hold.release({ status: 418, body: null });
    expect(await client.toTheEnd()).toMatchObject([{ status: 418 }]);
    await receiver.stop(0);
  });

  it('is handled if its sender disconnects before the answer', async () => {
    const hold = held();
    const { port, taken, refused } = await start({}, hold.answer);
    const client = await rawClient(port);
    client.write(post(BODY) + post(BODY));
    await until(() => taken.length === 2);
    client.socket.resetAndDestroy();
    await client.closed;
    const another = await rawClient(port);
    another.write(post('', {}, 'GET /hook'));
    await another.responses(1);
    hold.release();
    hold.release();
    another.write(post('', {}, 'GET /hook'));
    expect(await another.responses(2)).toMatchObject([READY, READY]);
    expect(refused).toEqual([]);
  });
});

describe('a probe', () => {
  it.each([
    ['GET', post('', { 'content-length': null, 'content-type': null }, 'GET /hook')],
    ['GET with a query', post('', { 'content-length': null }, 'GET /hook/?x=1')],
    ['GET of a whole URL', post('', { 'content-length': null }, 'GET http://test/hook')],
    ['an empty POST', post('')],
    ['an empty POST without a length', post('', { 'content-length': null })],
    ['an empty POST in chunks', `${post('', { 'content-length': null, 'transfer-encoding': 'chunked' })}0\r\n\r\n`],
    [
      'GET that would like to upgrade',
      post('', { connection: 'upgrade, http2-settings', upgrade: 'h2c' }, 'GET /hook'),
    ],
  ])('by %s is answered 200', async (_case, text) => {
    const { port, taken, refused } = await start();
    const client = await rawClient(port);
    client.write(text);
    expect(await client.responses(1)).toMatchObject([{ ...READY, headers: { 'content-type': 'application/json' } }]);
    client.write(text);
    expect(await client.responses(2)).toMatchObject([READY, READY]);
    expect([taken, refused]).toEqual([[], []]);
  });

  it('by HEAD is answered without a body', async () => {
    const { port } = await start();
    const client = await rawClient(port);
    client.write(post('', { connection: 'close' }, 'HEAD /hook'));
    let text = '';
    client.socket.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    await client.closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toMatch(/\r\n\r\n$/);
  });

  it('with a body is not waited for', async () => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    client.write(post('', { 'content-length': '10' }, 'GET /hook'));
    expect(await client.responses(1)).toMatchObject([{ ...READY, headers: { connection: 'close' } }]);
    client.write('0123456789');
    expect(await client.toTheEnd()).toHaveLength(1);
    expect(taken).toEqual([]);
  });
});

describe('Expect: 100-continue', () => {
  const HEAD = post('', { 'content-length': '2', expect: '100-continue' });

  it('is continued if the head is valid', async () => {
    const { port, taken } = await start();
    const client = await rawClient(port);
    client.write(HEAD);
    expect(await client.responses(1)).toMatchObject([{ status: 100 }]);
    expect(taken).toEqual([]);
    client.write('{}');
    expect(await client.responses(2)).toMatchObject([{ status: 100 }, { status: 200 }]);
    expect(taken.map(textOf)).toEqual(['{}']);
  });

  it('is not asked of HTTP/1.0', async () => {
    const { port } = await start();
    const client = await rawClient(port);
    client.write(`${HEAD}{}`.replace('HTTP/1.1', 'HTTP/1.0'));
    expect(await client.toTheEnd()).toMatchObject([{ status: 200 }]);
  });

  it.each([
    ['too large', { 'content-length': '1048577' }, 'POST /hook', 413],
    ['compressed', { 'content-encoding': 'gzip' }, 'POST /hook', 415],
    ['somewhere else', {}, 'POST /other', 404],
    ['another method', {}, 'PUT /hook', 405],
  ])('is refused at once if it is %s', async (_case, headers, line, status) => {
    const { port } = await start({ limits: { lingerMs: 20 } });
    const client = await rawClient(port);
    client.write(post('', { 'content-length': '2', expect: '100-continue', ...headers }, line));
    expect(await client.toTheEnd()).toMatchObject([{ status, headers: { connection: 'close' } }]);
  });

  it('is the only expectation that is met', async () => {
    const { port, refused } = await start({ limits: { lingerMs: 20 } });
    const client = await rawClient(port);
    client.write(post('{}', { expect: 'a-miracle' }));
    expect(await client.toTheEnd()).toMatchObject([{ status: 417, headers: { connection: 'close' } }]);
    expect(refused).toMatchObject([{ status: 417, code: 'EXPECTATION_FAILED' }]);
  });
});

describe('the address', () => {
  it('is returned as a URL', async () => {
    const { receiver } = await start({ host: '0.0.0.0', path: '/a/b' });
    expect(receiver.url).toBe(`http://127.0.0.1:${receiver.port}/a/b`);
  });

  it('in use is reported with a hint', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({
      kind: 'usage',
      code: 'ERR_LISTEN_PORT',
      message: `port ${port} on 127.0.0.1 cannot be opened: the port is in use`,
      hint: expect.stringContaining('--port 0'),
    });
  });

  it('of another machine is reported', async () => {
    await expect(start({ host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'ERR_LISTEN_PORT',
      message: expect.stringContaining('does not belong to this machine'),
    });
  });
});
