import { mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../src/clock.js';
import type { InspectorDetail, InspectorPage, InspectorRow } from '../../src/inspector/wire.js';
import { forgetListener, recordListener } from '../../src/session/running-listener.js';
import { forgeJournal } from '../support/forge-journal.js';
import { type InspectedPage, inspecting } from '../support/inspected-page.js';
import { type RecordedJournal, recordJournal } from '../support/recorded-journal.js';
import { runCli } from '../support/run-cli.js';

let journal: RecordedJournal;

beforeEach(async () => {
  journal = await recordJournal();
});

afterEach(async () => {
  await journal.close();
  journal.remove();
});

const rowsIn = (text: string): readonly InspectorRow[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? '')).flatMap(({ row }) => row ?? []);

/** A local server that keeps what is posted to it. */
async function startTarget(status = 200): Promise<{ url: string; bodies: string[]; close: () => void }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(status).end(status === 200 ? '' : 'not now');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/apple`, bodies, close: () => server.close() };
}

describe('storewire inspect', () => {
  it('serves the journal, newest first, with its details, and ends with 0', async () => {
    const first = await journal.receive();
    const second = await journal.receive({ type: 'REFUND' });
    await journal.deliver(second, 'app', 503);
    const rejected = await journal.reject(Buffer.from('{"signedPayload":"nonsense"}'));
    const { code, stdout } = await inspecting([], journal.home, async (page) => {
      const list = (await page.call('/api/notifications')).json<InspectorPage>();
      expect(list.rows.map(({ id }) => id)).toEqual([rejected, second.id, first.id]);
      expect(list).toMatchObject({
        total: 3,
        offset: 0,
        setup: { source: 'journal', listenUrl: null, canTrigger: false },
      });
      expect(list.rows[1]).toMatchObject({
        ...{ position: 1, type: 'REFUND', environment: 'Sandbox', verdict: 'valid', answered: 200, isSynthetic: true },
        targets: [{ name: 'app', state: 'failed', httpStatus: 503 }],
      });
      expect(list.rows[0]).toMatchObject({
        isRejected: true,
        verdict: 'invalid',
        reason: 'MALFORMED_JWS',
        targets: [],
      });
      const detail = (await page.call(`/api/notifications/${second.id}`)).json<InspectorDetail>();
      expect(detail.body).toBe(second.body);
      expect(detail.curl).toContain(`--data-raw '${second.body}'`);
      expect(detail.summary).toMatch(/^Refund\w* .*REFUND/);
      expect(detail.document).toMatchObject({ source: `journal:${second.id}`, verification: { verdict: 'valid' } });
      expect(detail.responses).toEqual(['it said no']);
    });
    expect(code).toBe(0);
    expect(stdout).toContain('the journal in .storewire');
  });

  it('says of an opened notification what its bytes say, whatever was recorded', async () => {
    const { id } = await journal.receive();
    await journal.close();
    forgeJournal(journal.folder, (record) => ({ ...record, body: '{"signedPayload":"e30.e30.c2ln"}' }));
    await inspecting([], journal.home, async (page) => {
      const { rows } = (await page.call('/api/notifications')).json<InspectorPage>();
      expect(rows[0]).toMatchObject({ id, verdict: 'valid', reason: null });
      const { row, document } = (await page.call(`/api/notifications/${id}`)).json<InspectorDetail>();
      expect(document.verification).toMatchObject({ verdict: 'invalid' });
      expect(row).toMatchObject({ id, verdict: 'invalid', reason: document.verification!.reason });
    });
  });

  it('draws the purchase of a notification, by the ticket of its image', async () => {
    const { id } = await journal.receive();
    await inspecting([], journal.home, async (page) => {
      const { timelineUrl } = (await page.call(`/api/notifications/${id}`)).json<InspectorDetail>();
      const noHeader = { headers: { authorization: undefined } };
      const image = await page.call(timelineUrl!, noHeader);
      expect(image.status).toBe(200);
      expect(image.headers['content-type']).toBe('image/svg+xml; charset=utf-8');
      expect(image.text).toContain('<svg xmlns');
      for (const [asked, width] of [
        ['640', 640],
        ['1', 480],
        ['999999', 1_200],
      ] as const)
        expect((await page.call(`${timelineUrl}&w=${asked}`, noHeader)).text).toContain(
          ` role="img" width="${width}" `,
        );
      expect((await page.call(`${timelineUrl}&w=-1`, noHeader)).status).toBe(400);
      expect((await page.call(`/api/timeline/${id}.svg`, noHeader)).status).toBe(401);
      const ticket = timelineUrl!.split('?')[1];
      expect((await page.call(`/api/notifications/${id}?${ticket}`, noHeader)).status).toBe(401);
    });
  });

  it.each([
    ['type:refund', 1],
    ['refund sandbox', 1],
    ['REFUND production', 0],
    ['is:rejected', 1],
    ['verdict:valid', 2],
    ['target:app', 2],
    ['type:com.example', 0],
    ['unknown:word', 0],
    ['', 3],
  ])('finds by %s', async (query, total) => {
    await journal.receive();
    await journal.receive({ type: 'REFUND' });
    await journal.reject(Buffer.from('{"signedPayload":"nonsense"}'));
    await inspecting([], journal.home, async (page) => {
      const list = (await page.call(`/api/notifications?q=${encodeURIComponent(query)}`)).json<InspectorPage>();
      expect({ total: list.total, rows: list.rows.length }).toEqual({ total, rows: total });
    });
  });

  it('finds by the beginning of each id, also what arrived since', async () => {
    await journal.receive();
    await inspecting([], journal.home, async (page) => {
      await page.call('/api/notifications?q=x');
      const { id, uuid } = await journal.receive({ type: 'REFUND' });
      const row = (await page.call(`/api/notifications?q=${id}`)).json<InspectorPage>().rows[0]!;
      for (const text of [id.slice(0, 6), uuid.slice(0, 13), row.originalTransactionId!.slice(-8)]) {
        const { total } = (await page.call(`/api/notifications?q=${text}`)).json<InspectorPage>();
        expect({ text, total }).toEqual({ text, total: 1 });
      }
    });
  });

  it('follows what another process writes, across a rotation', async () => {
    await journal.receive();
    await inspecting([], journal.home, async (page) => {
      const { eventId } = (await page.call('/api/notifications')).json<InspectorPage>();
      const second = await journal.receive({ type: 'REFUND' });
      const followed = await page.follow((text) => text.includes(second.id), eventId);
      expect(rowsIn(followed)).toMatchObject([{ id: second.id, type: 'REFUND', position: 1 }]);
      await journal.deliver(second, 'app', 200);
      const delivered = await page.follow((text) => text.includes('"accepted"'), eventId);
      expect(rowsIn(delivered).at(-1)).toMatchObject({ id: second.id, targets: [{ name: 'app', state: 'accepted' }] });
      // As a listener rotates: the file gets another name, a new one takes its place.
      await journal.close();
      const folder = journal.folder;
      renameSync(join(folder, 'journal.ndjson'), join(folder, 'journal-20261120T110000000Z.ndjson'));
      writeFileSync(join(folder, 'journal.ndjson'), '');
      const { total } = (await page.call('/api/notifications')).json<InspectorPage>();
      expect(total).toBe(2);
      expect((await page.call(`/api/notifications/${second.id}`)).json<InspectorDetail>().body).toBe(second.body);
      // And a file that is deleted takes its rows with it.
      rmSync(join(folder, 'journal-20261120T110000000Z.ndjson'));
      const after = await page.follow((text) => text.includes('event: reset'), eventId);
      expect(after).toContain('"total":0');
    });
  });

  it('resumes after the last event id, and resets for one of an earlier run', async () => {
    await inspecting([], journal.home, async (page) => {
      const { eventId } = (await page.call('/api/notifications')).json<InspectorPage>();
      const first = await journal.receive();
      const seen = await page.follow((text) => text.includes(first.id), eventId);
      const lastId = /^id: (.*)$/m.exec(seen)![1]!;
      const second = await journal.receive({ type: 'REFUND' });
      const resumed = await page.follow((text) => text.includes(second.id), lastId);
      expect(rowsIn(resumed).map(({ id }) => id)).toEqual([second.id]);
      for (const foreign of ['0123456789ab-1', 'nonsense', `${lastId}9`]) {
        expect(await page.follow((text) => text.includes('event: reset'), foreign)).toContain('"total":2');
      }
    });
  });

  it('waits for a journal that does not exist yet', async () => {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-inspect-')));
    const { code, stdout } = await inspecting([], home, async (page) => {
      const list = (await page.call('/api/notifications')).json<InspectorPage>();
      expect(list).toMatchObject({ total: 0, rows: [], setup: { whyNotTrigger: expect.stringContaining('listen') } });
    });
    rmSync(home, { recursive: true });
    expect({ code, says: stdout.includes('none yet') }).toEqual({ code: 0, says: true });
  });

  it('replays to a target byte for byte, records it, and tells what the target answered', async () => {
    const recorded = await journal.receive();
    const target = await startTarget(503);
    await inspecting(['-f', `app=${target.url}`], journal.home, async (page) => {
      const path = `/api/notifications/${recorded.id}/replay`;
      const reply = (await page.post(path, { target: 'app' })).json<object>();
      expect(reply).toMatchObject({
        target: 'app',
        outcome: 'refused',
        httpStatus: 503,
        detail: 'answered 503: "not now"',
      });
      const { row } = (await page.call(`/api/notifications/${recorded.id}`)).json<InspectorDetail>();
      expect(row.targets).toEqual([{ name: 'app', state: 'failed', httpStatus: 503 }]);
      const unknown = await page.post(path, { target: 'other' });
      expect(unknown.json()).toMatchObject({ error: { code: 'ERR_INSPECT_TARGET' } });
      expect((await page.post('/api/notifications/0123456789abcdef/replay', { target: 'app' })).status).toBe(404);
    });
    target.close();
    expect(target.bodies).toEqual([recorded.body]);
    const files = readdirSync(journal.folder).filter((name) => name.startsWith('replay-'));
    expect(files).toHaveLength(1);
  });

  it('sends what the test authority signed to no public host', async () => {
    const { id } = await journal.receive();
    await inspecting(['-f', 'app=https://example.com/apple'], journal.home, async (page) => {
      const reply = await page.post(`/api/notifications/${id}/replay`, { target: 'app' });
      expect(reply.status).toBe(422);
      expect(reply.json()).toMatchObject({ error: { code: 'ERR_INSPECT_UNSENDABLE' } });
    });
  });

  it('sends a sample, and an edited notification signed again, to the running listener', async () => {
    const { id } = await journal.receive();
    const target = await startTarget();
    const random = (bytes: number) => new Uint8Array(bytes);
    recordListener(
      journal.folder,
      { url: target.url, processId: process.pid, trustsTrigger: true, publicUrl: null },
      { random },
    );
    const sent = await inspecting(
      [],
      journal.home,
      async (page) => {
        expect((await page.call('/api/notifications')).json<InspectorPage>().setup).toMatchObject({ canTrigger: true });
        expect((await page.post('/api/trigger', { type: 'TEST' })).json()).toMatchObject({ httpStatus: 200 });
        const { document } = (await page.call(`/api/notifications/${id}`)).json<InspectorDetail>();
        const { notification, transaction, renewalInfo } = document;
        const edited = { like: id, notification, transaction: { ...transaction, price: 4990 }, renewalInfo };
        expect((await page.post('/api/trigger', edited)).json()).toMatchObject({ httpStatus: 200 });
        expect((await page.post('/api/trigger', { type: 'NONE' })).status).toBe(422);
        expect((await page.post('/api/trigger', {})).status).toBe(422);
      },
      { isRunning: (pid) => pid === process.pid },
    );
    target.close();
    expect(sent.code).toBe(0);
    const root = join(journal.folder, 'authority/root.pem');
    const [sample, edited] = await Promise.all(
      target.bodies.map(async (body) => {
        const { stdout } = await runCli(['verify', '--json', '--root', root, body]);
        return JSON.parse(stdout);
      }),
    );
    expect(sample).toMatchObject({ notification: { notificationType: 'TEST' }, verification: { verdict: 'valid' } });
    expect(edited).toMatchObject({ transaction: { price: 4990 }, verification: { verdict: 'valid' } });
  });

  it('tells the page of a listener that starts and stops beside it, with its public URL', async () => {
    await journal.receive();
    const random = (bytes: number) => new Uint8Array(bytes);
    const listener = { url: 'http://127.0.0.1:4999/', processId: process.pid, trustsTrigger: true };
    const setupOf = async (page: InspectedPage) => {
      const { setup, eventId } = (await page.call('/api/notifications')).json<InspectorPage>();
      const { listenUrl, publicUrl, canTrigger, whyNotTrigger } = setup;
      return { eventId, shown: [listenUrl, publicUrl, canTrigger, whyNotTrigger] };
    };
    await inspecting(
      [],
      journal.home,
      async (page) => {
        const none = await setupOf(page);
        expect(none.shown).toEqual([null, null, false, expect.stringContaining('storewire listen')]);
        const started = page.follow((text) => text.includes('event: reset'), none.eventId);
        recordListener(journal.folder, { ...listener, publicUrl: 'https://abc.example.com/apple' }, { random });
        await started;
        const running = await setupOf(page);
        expect(running.shown).toEqual([listener.url, 'https://abc.example.com/apple', true, null]);
        const stopped = page.follow((text) => text.includes('event: reset'), running.eventId);
        forgetListener(journal.folder);
        await stopped;
        expect((await setupOf(page)).shown).toEqual(none.shown);
        recordListener(journal.folder, { ...listener, publicUrl: 'javascript:alert(1)' }, { random });
        expect((await setupOf(page)).shown).toEqual([listener.url, null, true, null]);
      },
      { isRunning: (pid) => pid === process.pid },
    );
  });

  it('shows the payloads of a file, and what is no payload is an error', async () => {
    const file = join(journal.home, 'payloads.ndjson');
    writeFileSync(file, `${journal.signed()}\n${journal.signed({ type: 'REFUND' })}\nnot a token\n`);
    const { stdout } = await inspecting([file], journal.home, async (page) => {
      const list = (await page.call('/api/notifications')).json<InspectorPage>();
      expect(list).toMatchObject({ total: 2, setup: { source: 'input' } });
      // The project's test authority is trusted, and named, as in the journal.
      expect(list.rows.map(({ type, verdict, isSynthetic }) => [type, verdict, isSynthetic])).toEqual([
        ['REFUND', 'valid', true],
        ['DID_RENEW', 'valid', true],
      ]);
      const detail = (await page.call(`/api/notifications/${list.rows[0]!.id}`)).json<InspectorDetail>();
      expect(detail.body).toMatch(/^\{"signedPayload":"eyJ/);
      expect(detail.document.source).toBe(`${file}:2`);
    });
    expect(stdout).toContain('shows');
    writeFileSync(file, 'nothing here\n');
    expect(await inspecting([file], journal.home, async () => undefined)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no payload found'),
    });
    expect(await inspecting(['missing.json'], journal.home, async () => undefined)).toMatchObject({ code: 2 });
  });

  it('shows what is piped in while it arrives', async () => {
    const rest: (() => void)[] = [];
    const bodies = [{}, { type: 'REFUND' }].map((each) => JSON.stringify({ signedPayload: journal.signed(each) }));
    const chunks = async function* () {
      yield Buffer.from(`{"event":"ready"}\n${bodies[0]}\n`);
      await new Promise<void>((resolve) => void rest.push(resolve));
      yield Buffer.from(`${bodies[1]}\n`);
    };
    const stdin = { isTty: false, chunks, setRaw: () => undefined };
    await inspecting(
      [],
      journal.home,
      async (page) => {
        const { eventId, total } = (await page.call('/api/notifications')).json<InspectorPage>();
        expect(total).toBe(1);
        for (const go of rest) go();
        const followed = await page.follow((text) => text.includes('REFUND'), eventId);
        expect(rowsIn(followed)).toMatchObject([{ type: 'REFUND', position: 1 }]);
      },
      { stdin },
    );
  });

  it.each<[string, (jws: string) => string, number]>([
    ['a line of JSON', (jws) => `{"event":"ready"}\n{"signedPayload":"${jws}"}\n`, 2],
    ['a line of a log', (jws) => `started\n12:00:01 INFO received body=${jws}\n`, 2],
  ])('shows the first payload of a pipe that stays open when its line is complete: %s', async (_name, textOf, line) => {
    const end = new AbortController();
    const chunks = async function* () {
      yield Buffer.from(textOf(journal.signed()));
      await sleep(2 ** 31 - 1, end.signal);
    };
    const stdin = { isTty: false, chunks, setRaw: () => undefined };
    const { code } = await inspecting(
      [],
      journal.home,
      async (page) => {
        const { total, rows } = (await page.call('/api/notifications')).json<InspectorPage>();
        expect(total).toBe(1);
        const detail = (await page.call(`/api/notifications/${rows[0]!.id}`)).json<InspectorDetail>();
        expect(detail.document.source).toBe(`stdin:${line}`);
        end.abort();
      },
      { stdin },
    );
    expect(code).toBe(0);
  });

  it('names a damaged token that is all of standard input', async () => {
    const stdin = {
      isTty: false,
      chunks: async function* () {
        yield Buffer.from(`${journal.signed().slice(0, 900)}\n`);
      },
      setRaw: () => undefined,
    };
    await inspecting(
      [],
      journal.home,
      async (page) => {
        const { rows } = (await page.call('/api/notifications')).json<InspectorPage>();
        expect(rows).toMatchObject([{ verdict: 'invalid', reason: 'MALFORMED_JWS' }]);
      },
      { stdin },
    );
  });

  it.each([
    ['nothing', ''],
    ['lines without a payload', 'starting\nlistening on 3000\n'],
  ])('serves the page of a pipe that has sent %s so far, and fails where it ends so', async (_name, said) => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const chunks = async function* () {
      if (said !== '') yield Buffer.from(said);
      await ended;
    };
    const stdin = { isTty: false, chunks, setRaw: () => undefined };
    const { code, stdout, stderr } = await inspecting(
      [],
      journal.home,
      async (page) => {
        expect((await page.call('/api/notifications')).json<InspectorPage>().total).toBe(0);
        end();
        await page.follow(() => false).catch(() => undefined);
      },
      { stdin },
    );
    expect(stdout).toContain('no payload so far');
    expect({ code, says: /no payload found|standard input is empty/.test(stderr) }).toEqual({ code: 2, says: true });
  });

  it('shows the journal where standard input is empty', async () => {
    await journal.receive();
    const stdin = { isTty: false, chunks: async function* () {}, setRaw: () => undefined };
    await inspecting(
      [],
      journal.home,
      async (page) => {
        expect((await page.call('/api/notifications')).json<InspectorPage>().total).toBe(1);
      },
      { stdin },
    );
  });

  it('names a port that is taken', async () => {
    await inspecting([], journal.home, async ({ port }) => {
      const second = await inspecting(['--port', String(port)], journal.home, async () => undefined);
      expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('the port is in use') });
    });
  });
});
