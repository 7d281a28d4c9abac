import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { buildExecTarget } from '../../../src/forwarding/parse-target.js';
import { fileCalls } from '../../../src/journal/file-io.js';
import { LOCK_FILE } from '../../../src/journal/lock.js';
import type { ReceiptEntry } from '../../../src/journal/record.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { startTestEndpoint, type TestEndpoint } from '../../support/emulator.js';
import { asCloned, forgeJournal } from '../../support/forge-journal.js';
import { startTestListener, type TestListener, type TestListenerOptions } from '../../support/listener.js';
import { freePort } from '../../support/server-process.js';
import { buildOptions, SIGNED_AT_MS, testAuthority } from '../../support/signing.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(options: TestListenerOptions = {}): Promise<TestListener> {
  const started = await startTestListener(options);
  closers.push(started.close);
  return started;
}

async function app(): Promise<TestEndpoint> {
  const endpoint = await startTestEndpoint();
  closers.push(endpoint.close);
  return endpoint;
}

const receiptsOf = async (listener: TestListener): Promise<readonly ReceiptEntry[]> =>
  (await listener.entries()).filter((entry) => entry.type === 'receipt');

describe('the answer', () => {
  it.each([
    ['a verified notification', (listener: TestListener) => listener.sign(), 200, undefined],
    ['a body that is no JSON', () => 'hello', 400, 'NOT_JSON'],
    ['no token', () => '{"a":1}', 400, 'NO_SIGNED_PAYLOAD'],
    ['a token that is none', () => '{"signedPayload":"x.y"}', 400, 'MALFORMED_JWS'],
    [
      'a version 1 body',
      () => '{"notification_type":"DID_RENEW","password":"s3cret","unified_receipt":{}}',
      400,
      'LEGACY_V1',
    ],
    [
      'a changed signature',
      (listener: TestListener) => listener.sign().replace(/.{8}"}$/, 'AAAAAAAA"}'),
      401,
      'SIGNATURE_MISMATCH',
    ],
  ])('%s', async (_case, bodyOf, status, code) => {
    const listener = await listen();
    const answer = await listener.post(bodyOf(listener));
    expect(answer).toMatchObject(code === undefined ? { status, body: null } : { status, body: { error: { code } } });
    expect(await listener.entries()).toMatchObject([{ type: status === 200 ? 'receipt' : 'rejected' }]);
    expect(JSON.stringify(await listener.entries())).not.toContain('s3cret');
  });

  it('is 503 if the disk is full, and the retry is accepted', async () => {
    let isFull = true;
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const append: typeof fileCalls.append = (fd, parts) =>
      isFull ? Promise.reject(full) : fileCalls.append(fd, parts);
    const listener = await listen({ journal: { calls: { ...fileCalls, append } } });
    const body = listener.sign();
    expect(await listener.post(body)).toMatchObject({ status: 503, body: { error: { code: 'NOT_RECORDED' } } });
    const message = expect.stringMatching(/the disk is full \(ENOSPC\); answered 503, so that Apple retries$/);
    expect(listener.events).toContainEqual(
      expect.objectContaining({ event: 'notice', code: 'ERR_JOURNAL_WRITE', message }),
    );
    expect(await listener.post('{}')).toMatchObject({ status: 400 });
    expect(listener.events).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/^a refused request was not recorded: the journal /) }),
    );
    isFull = false;
    expect(await listener.post(body)).toMatchObject({ status: 200 });
    expect(await receiptsOf(listener)).toMatchObject([{ receipt: { repeatOf: null } }]);
  });
});

describe('the journal', () => {
  const NOT_RECORDED = { status: 503, body: { error: { code: 'NOT_RECORDED' } } };
  const noticesOf = ({ events }: TestListener): readonly string[] =>
    events.flatMap((event) => (event.event === 'notice' ? [`${event.code}: ${event.message}`] : []));

  it.each(['its file', 'its folder'])('is missed before the next 200 where %s was moved away', async (what) => {
    const listener = await listen();
    expect(await listener.post(listener.sign())).toMatchObject({ status: 200 });
    const path = what === 'its file' ? join(listener.folder, 'journal.ndjson') : listener.folder;
    renameSync(path, `${path}-away`);
    closers.push(async () => rmSync(`${path}-away`, { recursive: true, force: true }));
    expect(await listener.post(listener.sign())).toMatchObject(NOT_RECORDED);
    expect(noticesOf(listener)).toEqual([
      expect.stringMatching(/^ERR_JOURNAL_WRITE: .*(moved or removed|folder was removed).*; answered 503/),
    ]);
  });

  it('is missed at the stop where it was truncated after the last 200', async () => {
    const listener = await listen();
    expect(await listener.post(listener.sign())).toMatchObject({ status: 200 });
    await listener.listener.idle();
    truncateSync(join(listener.folder, 'journal.ndjson'), 10);
    await listener.listener.stop('interrupt');
    expect(noticesOf(listener)).toEqual([expect.stringMatching(/^ERR_JOURNAL_WRITE: .* it was truncated/)]);
  });

  it.skipIf(process.platform === 'win32')(
    'is closed at the stop where the system cannot look at its file',
    async () => {
      const listener = await listen();
      expect(await listener.post(listener.sign())).toMatchObject({ status: 200 });
      await listener.listener.idle();
      const path = join(listener.folder, 'journal.ndjson');
      renameSync(path, `${path}-away`);
      symlinkSync(path, path);
      await listener.listener.stop('interrupt');
      expect(noticesOf(listener)).toEqual([expect.stringMatching(/^ERR_JOURNAL_WRITE: .* \(ELOOP\)/)]);
      expect(existsSync(join(listener.folder, LOCK_FILE))).toBe(false);
    },
  );

  it('keeps the body of the first receipt only, from which a repeat is delivered', async () => {
    const target = await app();
    target.answerNext(404);
    const listener = await listen({ targets: [`app=${target.url}`] });
    const body = listener.sign();
    for (let n = 0; n < 3; n++) {
      expect(await listener.post(body)).toMatchObject({ status: 200 });
      await listener.listener.idle();
    }
    expect(target.bodies).toEqual([body, body]);
    const lines = readFileSync(join(listener.folder, 'journal.ndjson'), 'utf8').trim().split('\n');
    const receipts = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'receipt');
    expect(receipts.map((receipt) => receipt.body)).toEqual([body, '', '']);
    expect(receipts.map(({ bodyOf }) => bodyOf)).toEqual([undefined, receipts[0].id, receipts[0].id]);
  });

  it('is told to fill up, and answers 503 once it is full', async () => {
    const listener = await listen({ journal: { limits: { totalBytes: 100_000 } } });
    let count = 0;
    let answer = await listener.post(listener.sign());
    for (; answer.status === 200; count += 1) answer = await listener.post(listener.sign());
    expect(answer).toMatchObject(NOT_RECORDED);
    expect(count).toBeGreaterThan(2);
    expect(await receiptsOf(listener)).toHaveLength(count);
    expect(noticesOf(listener)).toEqual([
      expect.stringMatching(/^JOURNAL_NEARLY_FULL: the journal has 0 of at most 0 MiB; /),
      expect.stringMatching(/^ERR_JOURNAL_FULL: the journal has reached its limit .*; answered 503, so that Apple/),
    ]);
  });
});

describe('the same notificationUUID with other content', () => {
  it('is forwarded and recorded as a notification of its own, also after a restart', async () => {
    const target = await app();
    const { authority } = await testAuthority();
    const first = await listen({ targets: [`app=${target.url}`], authority });
    const chain = await first.authority.issueChain();
    const bodyWith = (attempt: number): string => {
      const built = buildNotification({ ...buildOptions(1), type: 'DID_RENEW' });
      const { notification } = built;
      return signNotification({ ...built, notification: { ...notification, version: `2.${attempt}` } }, chain).body;
    };
    const [one, two] = [bodyWith(1), bodyWith(2)];
    for (const body of [one, two, one, two]) {
      expect(await first.post(body)).toMatchObject({ status: 200 });
      await first.listener.idle();
    }
    expect(target.bodies).toEqual([one, two]);
    const ids = (await receiptsOf(first)).map(({ receipt }) => receipt.id);
    const verified = first.events.filter(({ event }) => event === 'verified');
    expect(verified.map((event) => event)).toMatchObject([
      { repeatOf: null },
      { repeatOf: null, sameUuidAs: ids[0], targets: ['app'] },
      { repeatOf: ids[0], targets: [] },
      { repeatOf: ids[1], sameUuidAs: ids[0], targets: [] },
    ]);
    expect(verified[0]).not.toHaveProperty('sameUuidAs');
    await first.stop();
    const again = await listen({ targets: [`app=${target.url}`], folder: first.folder, authority: first.authority });
    const three = bodyWith(3);
    for (const body of [two, three]) expect(await again.post(body)).toMatchObject({ status: 200 });
    await again.listener.idle();
    expect(target.bodies).toEqual([one, two, three]);
  });
});

describe('remarks on a notification', () => {
  it('name the attempt of a late one, and a request for consumption data that is asked again', async () => {
    let nowMs = SIGNED_AT_MS;
    const { authority } = await testAuthority();
    const listener = await listen({ now: () => nowMs, authority });
    const chain = await listener.authority.issueChain();
    const built = buildNotification({ ...buildOptions(1), type: 'CONSUMPTION_REQUEST', environment: 'Production' });
    const ask = (uuid: string): string =>
      signNotification({ ...built, notification: { ...built.notification, notificationUUID: uuid } }, chain).body;
    for (const uuid of ['a-1', 'a-2', 'a-1']) expect(await listener.post(ask(uuid))).toMatchObject({ status: 200 });
    nowMs += 13 * 3_600_000 + 120_000;
    expect(await listener.post(ask('a-3'))).toMatchObject({ status: 200 });
    const verified = listener.events.filter(({ event }) => event === 'verified');
    expect(verified.map((event) => 'askedAgain' in event)).toEqual([false, true, false, true]);
    expect(verified.map((event) => ('late' in event ? event.late?.attempt : undefined))).toEqual([
      undefined,
      undefined,
      undefined,
      3,
    ]);
  });
});

describe('a target that does not handle notifications', () => {
  it.each([
    [
      'an HTML page',
      200,
      { 'content-type': 'text/html' },
      '<!doctype html><html></html>',
      'TARGET_HTML',
      /storewire check http/,
    ],
    [
      'a bearer prompt',
      401,
      { 'www-authenticate': 'Bearer' },
      '',
      'TARGET_GUARD',
      /^app answered 401: a bearer token check\. Exempt \/hook/,
    ],
  ])('is named once: %s', async (_name, status, headers, page, code, message) => {
    const server = createServer((_request, response) => response.writeHead(status, headers).end(page));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const listener = await listen({ targets: [`app=http://127.0.0.1:${port}/hook`] });
    for (let count = 0; count < 3; count += 1)
      expect(await listener.post(listener.sign())).toMatchObject({ status: 200 });
    await listener.listener.idle();
    const found = listener.events.filter((event) => event.event === 'notice' && event.code === code);
    expect(found).toMatchObject([{ message: expect.stringMatching(message) }]);
    expect(listener.events.filter(({ event }) => event === (status === 200 ? 'forwarded' : 'failed'))).toHaveLength(3);
  });
});

describe('repeats', () => {
  it('are marked, and go only to targets that have not accepted', async () => {
    const [taking, refusing] = [await app(), await app()];
    refusing.answerNext(400);
    const listener = await listen({ targets: [`taking=${taking.url}`, `refusing=${refusing.url}`] });
    const body = listener.sign();
    await listener.post(body);
    await listener.listener.idle();
    await listener.post(body);
    await listener.listener.idle();
    expect(taking.bodies).toEqual([body]);
    expect(refusing.bodies).toEqual([body, body]);
    const [first, second] = await receiptsOf(listener);
    expect(second?.receipt).toMatchObject({ repeatOf: first?.receipt.id, targets: ['refusing'] });
    expect(await listener.post(body)).toMatchObject({ status: 200 });
    expect((await receiptsOf(listener))[2]?.receipt).toMatchObject({ repeatOf: first?.receipt.id, targets: [] });
    expect(listener.listener.counts()).toMatchObject({
      received: 3,
      verified: 3,
      repeats: 2,
      forwarded: 2,
      failed: 1,
      owed: 0,
    });
  });

  it('two at once are a first and a repeat, and reach the target once', async () => {
    const endpoint = await app();
    const listener = await listen({ targets: [`app=${endpoint.url}`], answer: 'forwarded' });
    const body = listener.sign();
    const answers = await Promise.all([1, 2, 3, 4].map(() => listener.post(body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(endpoint.bodies).toHaveLength(1);
    expect((await receiptsOf(listener)).filter(({ receipt }) => receipt.repeatOf === null)).toHaveLength(1);
  });

  it('a forged body with the UUID of a later genuine one has no effect', async () => {
    const endpoint = await app();
    const listener = await listen({ targets: [`app=${endpoint.url}`] });
    const genuine = listener.sign();
    const forged = genuine.replace(/.{8}"}$/, 'AAAAAAAA"}');
    expect((await listener.post(forged)).status).toBe(401);
    expect((await listener.post(genuine)).status).toBe(200);
    await listener.listener.idle();
    expect(endpoint.bodies).toEqual([genuine]);
    expect(await receiptsOf(listener)).toMatchObject([{ receipt: { repeatOf: null } }]);
  });

  it('are known after a restart, and pending deliveries are resumed', async () => {
    const endpoint = await app();
    endpoint.answerNext(503);
    const before = await startTestListener({ targets: [`app=${endpoint.url}`] });
    const body = before.sign();
    await before.post(body);
    await before.seen(({ event }) => event === 'failed');
    await before.stop();
    const after = await listen({
      targets: [`app=${endpoint.url}`],
      folder: before.folder,
      authority: before.authority,
    });
    expect(after.events[0]).toMatchObject({ event: 'ready', owed: 1 });
    await after.seen(({ event }) => event === 'forwarded');
    expect(endpoint.bodies).toEqual([body, body]);
    await after.post(body);
    expect((await receiptsOf(after))[1]?.receipt).toMatchObject({ repeatOf: expect.any(String), targets: [] });
  });
});

describe('what an earlier run is said to have recorded', () => {
  async function recordedPending(endpoint: TestEndpoint): Promise<TestListener> {
    endpoint.answerNext(503);
    const before = await startTestListener({ targets: [`app=${endpoint.url}`] });
    await before.post(before.sign());
    await before.seen(({ event }) => event === 'failed');
    await before.stop();
    return before;
  }

  it('is not sent where it does not verify', async () => {
    const endpoint = await app();
    const { folder, authority } = await recordedPending(endpoint);
    const body = '{"signedPayload":"e30.e30.c2ln"}';
    forgeJournal(folder, (record) => (record.type === 'receipt' ? { ...record, body } : record));
    const after = await listen({ targets: [`app=${endpoint.url}`], folder, authority });
    const notice = await after.seen((event) => event.event === 'notice' && event.code === 'NOT_VERIFIED');
    expect(notice).toMatchObject({ message: expect.stringContaining('does not verify now') });
    await after.listener.idle();
    expect(endpoint.bodies).toHaveLength(1);
  });

  it('is not resumed where it came with a clone, and can still be read', async () => {
    const endpoint = await app();
    const { folder, authority } = await recordedPending(endpoint);
    asCloned(folder);
    const foreign: string[] = [];
    const journal = { onForeignFiles: (names: readonly string[]) => void foreign.push(...names) };
    const after = await listen({ targets: [`app=${endpoint.url}`], folder, authority, journal });
    expect(after.events[0]).toMatchObject({ event: 'ready', owed: 0 });
    expect(foreign).toEqual([expect.stringMatching(/^journal-.*ndjson$/)]);
    await after.post(after.sign());
    await after.listener.idle();
    expect(await after.entries()).toHaveLength(2);
    expect(endpoint.bodies).toHaveLength(2);
  });
});

describe('--answer forwarded', () => {
  it.each([
    [200, 200],
    [204, 204],
    [404, 404],
    [503, 503],
    [302, 502],
    [208, 502],
  ])('a target that answers %i is answered %i', async (status, answered) => {
    const endpoint = await app();
    endpoint.answerNext(status);
    const listener = await listen({ targets: [`app=${endpoint.url}`], answer: 'forwarded' });
    expect((await listener.post(listener.sign())).status).toBe(answered);
    const [entry] = await receiptsOf(listener);
    expect(entry).toMatchObject({ answered, deliveries: [{ target: 'app', httpStatus: status, final: true }] });
    expect(listener.listener.counts().owed).toBe(0);
  });

  it('Apple’s retry after a refusal reaches the app, without retries by the listener', async () => {
    const endpoint = await app();
    endpoint.answerNext(500, 500);
    const listener = await listen({ targets: [`app=${endpoint.url}`], answer: 'forwarded' });
    const body = listener.sign();
    const answers = [
      await listener.post(body),
      await listener.post(body),
      await listener.post(body),
      await listener.post(body),
    ];
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 200, 200]);
    expect(endpoint.bodies).toEqual([body, body, body]);
  });

  it('is 502 for a target that cannot be reached and 504 for one that is too slow', async () => {
    const slow = createServer(() => undefined).listen(0, '127.0.0.1');
    closers.push(async () => {
      slow.closeAllConnections();
      await new Promise((resolve) => slow.close(resolve));
    });
    await new Promise((resolve) => slow.once('listening', resolve));
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    const waiting = await listen({ targets: [`app=${url}`], answer: 'forwarded', forwardTimeoutMs: 100 });
    expect((await waiting.post(waiting.sign())).status).toBe(504);
    const gone = await listen({ targets: ['app=http://127.0.0.1:9/'], answer: 'forwarded' });
    expect((await gone.post(gone.sign())).status).toBe(502);
  });
});

describe('fault injection', () => {
  it('--respond is answered and recorded, and nothing is forwarded', async () => {
    const endpoint = await app();
    const listener = await listen({ targets: [`app=${endpoint.url}`], faults: { respond: 503, failFirst: 1 } });
    const body = listener.sign();
    expect([(await listener.post(body)).status, (await listener.post(body)).status]).toEqual([503, 200]);
    await listener.listener.idle();
    expect(endpoint.bodies).toEqual([body]);
    expect((await receiptsOf(listener)).map(({ answered }) => answered)).toEqual([503, 200]);
  });

  it('--hang never answers, and is recorded', async () => {
    const listener = await listen({ faults: { hang: true } });
    const posted = listener.post(listener.sign()).catch(() => 'no answer');
    await listener.seen(({ event }) => event === 'verified');
    await listener.stop();
    expect(await posted).not.toMatchObject({ status: 200 });
    expect(await receiptsOf(listener)).toMatchObject([{ answered: null }]);
  });
});

describe('forwarding', () => {
  it('a notification that comes back is refused', async () => {
    const listener = await listen({ targets: [] });
    const looping = await listen({ targets: [`self=${listener.url}`] });
    const back = await listen({ targets: [`first=${looping.url}`], authority: looping.authority });
    const ids = ['00000000', '11111111', '22222222', '33333333', '44444444', '55555555'];
    const answer = await back.post(back.sign(), { 'storewire-via': ids.join(', ') });
    expect(answer).toMatchObject({ status: 508, body: { error: { code: 'FORWARDING_LOOP' } } });
    expect(back.events.at(-1)).toMatchObject({ event: 'refused', status: 508 });
  });

  it('a target that leads here is noticed at the first round', async () => {
    const port = await freePort();
    const listener = await listen({ port, targets: [`self=http://127.0.0.1:${port}/`] });
    await listener.post(listener.sign());
    await listener.listener.idle();
    expect(await receiptsOf(listener)).toMatchObject([{ deliveries: [{ target: 'self', httpStatus: 508 }] }]);
  });

  it('test notifications go to no public host without --forward-synthetic', async () => {
    const listener = await listen({ targets: ['public=https://apple.example.com/x'] });
    await listener.post(listener.sign());
    expect(await listener.seen(({ event }) => event === 'verified')).toMatchObject({
      targets: [],
      withheld: [{ target: 'public', why: expect.stringContaining('--forward-synthetic') }],
    });
  });

  it('a program gets the document', async () => {
    const out = join((await listen()).folder, 'document.json');
    const target = buildExecTarget(`cat > ${out}`, []);
    const listener = await listen({ targets: [target], wantsDocuments: true });
    await listener.post(listener.sign());
    await listener.seen(({ event }) => event === 'forwarded');
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      kind: 'notification',
      notification: { notificationType: 'DID_RENEW' },
      verification: { verdict: 'valid', root: 'test authority' },
      tokens: [{ jws: expect.any(String) }, {}, {}],
      received: { answered: 200, repeatOf: null },
    });
  });
});

describe('--on-invalid', () => {
  it.each([
    ['reject', 401, 0],
    ['drop', 200, 0],
    ['forward', 200, 1],
  ] as const)('%s answers %i', async (onInvalid, status, arrived) => {
    const endpoint = await app();
    const listener = await listen({ onInvalid, targets: [`app=${endpoint.url}`] });
    const body = listener.sign().replace(/.{8}"}$/, 'AAAAAAAA"}');
    expect((await listener.post(body)).status).toBe(status);
    await listener.listener.idle();
    expect(endpoint.bodies).toEqual(Array.from({ length: arrived }, () => body));
    expect(await listener.entries()).toMatchObject([
      { type: 'rejected', rejected: { answered: status, reason: 'SIGNATURE_MISMATCH' } },
    ]);
  });

  it('forward with --answer forwarded sends to every target once and answers with the status of the first', async () => {
    const [first, second] = [await app(), await app()];
    const targets = [`first=${first.url}`, `second=${second.url}`];
    const listener = await listen({ onInvalid: 'forward', answer: 'forwarded', targets });
    const body = listener.sign().replace(/.{8}"}$/, 'AAAAAAAA"}');
    expect((await listener.post(body)).status).toBe(200);
    await listener.listener.idle();
    expect([first.bodies, second.bodies]).toEqual([[body], [body]]);
  });

  it('a forwarded forged body does not suppress the genuine one', async () => {
    const endpoint = await app();
    const listener = await listen({ onInvalid: 'forward', targets: [`app=${endpoint.url}`] });
    const genuine = listener.sign();
    const forged = genuine.replace(/.{8}"}$/, 'AAAAAAAA"}');
    await listener.post(forged);
    await listener.listener.idle();
    await listener.post(genuine);
    await listener.listener.idle();
    expect(endpoint.bodies).toEqual([forged, genuine]);
  });

  it('a stop during a delivery loses nothing', async () => {
    const slow = createServer(() => undefined).listen(0, '127.0.0.1');
    closers.push(async () => {
      slow.closeAllConnections();
      await new Promise((resolve) => slow.close(resolve));
    });
    await new Promise((resolve) => slow.once('listening', resolve));
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    const listener = await listen({ onInvalid: 'forward', targets: [`app=${url}`], forwardTimeoutMs: 60_000 });
    const arrived = new Promise((resolve) => slow.once('request', resolve));
    expect((await listener.post(listener.sign().replace(/.{8}"}$/, 'AAAAAAAA"}'))).status).toBe(200);
    await arrived;
    await listener.stop();
    expect(listener.events.at(-1)).toMatchObject({ event: 'stopped' });
  });
});
