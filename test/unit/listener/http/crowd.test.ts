import { describe, expect, it, onTestFinished } from 'vitest';
import { post, type RawClient, type RawResponse, rawClient } from './raw-client.js';
import { held, type Started, start, until } from './started.js';

const READY = [{ status: 200, body: '{"status":"ready"}' }];
const GET = post('', {}, 'GET /hook');

async function connectMany(count: number, { port }: Started, text = ''): Promise<readonly RawClient[]> {
  const clients: RawClient[] = [];
  for (let made = 0; made < count; made += 1) {
    const client = await rawClient(port);
    if (text !== '') client.write(text);
    clients.push(client);
  }
  onTestFinished(() => clients.forEach(({ socket }) => void socket.destroy()));
  return clients;
}

describe('pipelined requests', () => {
  it('beyond 32 without an answer are not read, and all are answered in the end', async () => {
    const hold = held();
    const started = await start({}, hold.answer);
    const [client] = (await connectMany(1, started)) as [RawClient];
    // Eight of them fill what is read at once.
    const body = JSON.stringify('x'.repeat(8_000));
    const total = 400;
    for (let sent = 0; sent < total; sent += 1) client.write(post(body));
    await until(() => started.taken.length >= 32);
    const others = await connectMany(1, started, GET);
    expect(await others[0]!.responses(1)).toMatchObject(READY);
    let answered = 0;
    let most = 0;
    while (answered < total) {
      await until(() => started.taken.length > answered);
      most = Math.max(most, started.taken.length - answered);
      hold.release();
      answered += 1;
    }
    expect(await client.responses(total)).toHaveLength(total);
    expect(most).toBeGreaterThanOrEqual(32);
    expect(most).toBeLessThan(32 + 16);
  });
});

describe('a thousand small requests in one read', () => {
  it('are answered up to 64, then the connection is closed', async () => {
    const hold = held();
    const started = await start({}, hold.answer);
    const [client] = (await connectMany(1, started)) as [RawClient];
    client.write(post('{}').repeat(1_000));
    await until(() => started.taken.length >= 64);
    const [other] = await connectMany(1, started, GET);
    expect(await other?.responses(1)).toMatchObject(READY);
    expect(started.taken).toHaveLength(64);
    for (let answered = 0; answered < 64; answered += 1) hold.release();
    const answers = await client.responses(64);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await client.closed;
    expect(started.taken).toHaveLength(64);
  });
});

describe('a crowd', () => {
  it.each([
    ['says nothing', ''],
    ['sends half a head', 'POST /hook HTTP/1.1\r\nhost: a\r\n'],
    ['sends half a body', post('{', { 'content-length': '1000' })],
  ])('of 1,100 connections that %s does not delay other requests', async (_case, text) => {
    const started = await start();
    const crowd = await connectMany(1_100, started, text);
    const good = await rawClient(started.port);
    good.write(post('{}'));
    expect(await good.responses(1)).toMatchObject([{ status: 200 }]);
    await Promise.all(crowd.slice(0, 77).map(({ closed }) => closed));
    expect(crowd.slice(77).filter(({ socket }) => socket.destroyed || socket.readableEnded)).toEqual([]);
    expect(started.refused.every(({ code }) => code === 'CROWDED_OUT')).toBe(true);
    expect(started.refused.length).toBe(text === '' ? 0 : 77);
  });

  it('evicts the connection that has waited longest, not the one served last', async () => {
    const started = await start({ limits: { connections: 3 } });
    const [a, b, c] = (await connectMany(3, started)) as [RawClient, RawClient, RawClient];
    a.write(GET);
    await a.responses(1);
    await connectMany(1, started);
    await b.closed;
    a.write(GET);
    c.write(GET);
    expect(await a.responses(2)).toHaveLength(2);
    expect(await c.responses(1)).toMatchObject(READY);
  });

  it('evicts no connection that awaits an answer', async () => {
    const hold = held();
    const started = await start({ limits: { connections: 2 } }, hold.answer);
    const [a, b] = (await connectMany(2, started, post('{}'))) as [RawClient, RawClient];
    await until(() => started.taken.length === 2);
    const [late] = await connectMany(1, started);
    await late?.closed;
    hold.release();
    hold.release();
    expect(await a.responses(1)).toMatchObject([{ status: 200 }]);
    expect(await b.responses(1)).toMatchObject([{ status: 200 }]);
    const [after] = await connectMany(1, started, GET);
    expect(await after?.responses(1)).toMatchObject(READY);
    expect(started.refused).toEqual([]);
  });

  it('evicts a half-closed connection that awaits an answer', async () => {
    const started = await start({ limits: { connections: 2 } }, held().answer);
    const gone = await connectMany(2, started, post('{}'));
    await until(() => started.taken.length === 2);
    for (const { socket } of gone) socket.end();
    const knock = async (): Promise<readonly RawResponse[]> => {
      const [late] = await connectMany(1, started, GET);
      // Turned away until it is seen that they have gone.
      return late!.responses(1).catch(knock);
    };
    expect(await knock()).toMatchObject(READY);
    expect(started.refused).toEqual([]);
  });

  it('of half bodies holds so much memory only', async () => {
    const started = await start({ limits: { partialBytes: 100_000 } });
    const [idle] = await connectMany(1, started);
    const half = post('x'.repeat(30_000), { 'content-length': '31000' });
    const crowd = await connectMany(4, started, half);
    await crowd[0]?.closed;
    expect(started.refused).toMatchObject([{ status: 408, code: 'CROWDED_OUT' }]);
    for (const each of crowd.slice(1)) {
      each.write('x'.repeat(1_000));
      await each.responses(1);
    }
    idle?.write(GET);
    expect(await idle?.responses(1)).toMatchObject(READY);
    const again = await connectMany(3, started, half);
    again.at(-1)?.write('x'.repeat(1_000));
    expect(await again.at(-1)?.responses(1)).toMatchObject([{ status: 200 }]);
    expect(started.refused).toHaveLength(1);
  });

  it('of requests that wait holds so much memory only', async () => {
    const hold = held();
    const started = await start({ limits: { pendingBytes: 35_000 } }, hold.answer);
    const client = await rawClient(started.port);
    const body = 'x'.repeat(10_000);
    client.write(post(body) + post(body) + post(body));
    await until(() => started.refused.length === 1);
    hold.release();
    hold.release();
    const statuses = (await client.responses(3)).map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 503]);
    expect(started.refused).toMatchObject([{ status: 503, code: 'BUSY' }]);
    client.write(post(body));
    await until(() => started.taken.length === 3);
    hold.release();
    expect((await client.responses(4))[3]).toMatchObject({ status: 200 });
  });
});
