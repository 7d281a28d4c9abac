import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { now, sleep } from '../../src/clock.js';
import { registerListen } from '../../src/commands/listen/command.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import type { InspectorDetail, InspectorPage, ReplayReply } from '../../src/inspector/wire.js';
import { startTestEndpoint, type TestEndpoint } from '../support/emulator.js';
import { openFifo } from '../support/fifo.js';
import { type InspectedPage, pageAt } from '../support/inspected-page.js';
import { type CliRun, captureOutput, runCli } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';

let cwd: string;
let endpoint: TestEndpoint;
beforeEach(async () => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-listen-page-')));
  endpoint = await startTestEndpoint();
});
afterEach(async () => {
  rmSync(cwd, { recursive: true, force: true });
  await endpoint.close();
});

const userId = process.geteuid?.() ?? -1;

interface Listening {
  /** What is on standard output and on standard error so far. */
  output(): string;
  said(): string;
  /** Resolves once either has a match. */
  shown(pattern: RegExp): Promise<RegExpExecArray>;
  /** Types a line at the terminal. */
  type(line: string): void;
  post(body: string): Promise<number>;
}

/** Runs `listen` on free ports, does `work` once it is ready, and interrupts it unless it has ended. */
async function listening(
  argv: readonly string[],
  work: (listening: Listening) => Promise<unknown>,
  deps: Partial<Deps> = {},
): Promise<CliRun & { readonly text: string }> {
  const interrupt = new AbortController();
  const [stdout, stderr] = [captureOutput({ columns: 120 }), captureOutput({ isTty: true, columns: 120 })];
  const text = (): string => stdout.text() + stderr.text();
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const each of waiting.splice(0)) each();
  };
  const watched = ({ stream }: typeof stdout) => ({
    ...stream,
    write: (data: string | Uint8Array) => {
      stream.write(data);
      wake();
    },
  });
  let onLine: (line: string) => void = () => undefined;
  const stdin = {
    isTty: true,
    chunks: async function* () {},
    setRaw: () => undefined,
    onLine: (listener: (line: string) => void) => {
      onLine = listener;
    },
  };
  const running = runCommand(registerListen, ['listen', '--port', '0', '--trust-authority', ...argv], {
    ...{ stdin, stdout: watched(stdout), stderr: watched(stderr), signal: interrupt.signal },
    ...{ env: { HOME: cwd }, cwd, now, sleep, random: (bytes) => randomBytes(bytes), http: createDispatcher },
    ...{ platform: process.platform, userId, processId: process.pid, isRunning: () => false },
    ...{ startWorker: null, cores: 1, ...deps },
  });
  let isOver = false;
  void running.then(() => {
    isOver = true;
    wake();
  });
  const shown = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(text());
      if (found !== null) return found;
      if (isOver) throw new Error(`ended without ${pattern}: ${text()}`);
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  };
  try {
    await shown(/"ready"|Try it/);
    const [url = ''] = await shown(/http:\/\/127\.0\.0\.1:\d+\/(?!#)/);
    await work({
      ...{ output: stdout.text, said: stderr.text, shown, type: (line) => onLine(line) },
      post: async (body) => (await fetch(url, { method: 'POST', headers: JSON_TYPE, body })).status,
    });
  } finally {
    interrupt.abort('SIGINT');
    waiting = [];
  }
  return { ...(await running), stdout: stdout.text(), text: text() };
}

const JSON_TYPE = { 'content-type': 'application/json' };

const PAGE_URL = /http:\/\/127\.0\.0\.1:\d+\/#t=[\w-]{32}/;

/** A body as Apple would send it, signed by the test authority of the project. */
async function signed(type: string): Promise<string> {
  const { stdout } = await runCli(['trigger', type, '--print'], { cwd, userId, now: Date.now, random: randomBytes });
  return stdout.trim();
}

async function pageOf({ shown }: Listening): Promise<InspectedPage> {
  return pageAt((await shown(PAGE_URL))[0]);
}

const listOf = async (page: InspectedPage): Promise<InspectorPage> => (await page.call('/api/notifications')).json();

describe('listen --inspect', () => {
  it('names the page in the ready block, which knows the listener, and stops it with the listener', async () => {
    let page: InspectedPage | null = null;
    const { code, stdout } = await listening(['--inspect', '0', '--path', '/apple'], async (listener) => {
      page = await pageOf(listener);
      const { setup, total } = await listOf(page);
      expect({ setup, total }).toMatchObject({
        total: 0,
        setup: { source: 'listen', canTrigger: true, publicUrl: null },
      });
      expect(listener.output()).toContain(setup.listenUrl);
      expect(setup.listenUrl).toMatch(/:\d+\/apple$/);
      expect(setup.listenUrl).not.toContain(`:${page.port}/`);
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^ +page +${PAGE_URL.source}$`, 'm'));
    await expect(page!.call('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('has inspectUrl in its first event with --json, and only with --inspect', async () => {
    const readyOf = ({ stdout }: CliRun) => JSON.parse(stdout.split('\n')[0]!);
    const inspected = await listening(['--inspect', '0', '--json'], async (listener) => {
      expect((await listOf(await pageOf(listener))).total).toBe(0);
    });
    expect(readyOf(inspected)).toMatchObject({ event: 'ready', inspectUrl: expect.stringMatching(PAGE_URL) });
    const plain = await listening(['--json'], async () => undefined);
    expect(readyOf(plain)).toMatchObject({ event: 'ready' });
    expect(readyOf(plain)).not.toHaveProperty('inspectUrl');
  });

  it('shows what arrives at once, and what became of it', async () => {
    const body = await signed('DID_RENEW');
    await listening(['--inspect', '0', '-f', `app=${endpoint.url}`], async (listener) => {
      const page = await pageOf(listener);
      const { eventId } = await listOf(page);
      const followed = page.follow((text) => text.includes('"accepted"'), eventId);
      expect(await listener.post(body)).toBe(200);
      const rows = [...(await followed).matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json).row);
      expect(rows.at(-1)).toMatchObject({
        ...{ type: 'DID_RENEW', verdict: 'valid', answered: 200, isSynthetic: true, position: 0 },
        targets: [{ name: 'app', state: 'accepted', httpStatus: 200 }],
      });
      const detail = (await page.call(`/api/notifications/${rows[0].id}`)).json<InspectorDetail>();
      expect(detail).toMatchObject({ body, document: { verification: { verdict: 'valid', root: 'test authority' } } });
      expect((await page.call('/api/notifications?q=did_renew')).json<InspectorPage>().total).toBe(1);
      const reply = await page.post(`/api/notifications/${rows[0].id}/replay`, { target: 'app' });
      expect(reply.json<ReplayReply>()).toMatchObject({ outcome: 'accepted', httpStatus: 200 });
    });
    expect(endpoint.bodies).toEqual([body, body]);
  });

  it('sends a sample of the page to itself, which is then its first row', async () => {
    await listening(['--inspect', '0'], async (listener) => {
      const page = await pageOf(listener);
      const { eventId } = await listOf(page);
      const arrived = page.follow((text) => text.includes('SUBSCRIBED.INITIAL_BUY'), eventId);
      const sent = await page.post('/api/trigger', { type: 'SUBSCRIBED.INITIAL_BUY' });
      expect(sent.json()).toMatchObject({ httpStatus: 200, message: 'listen answered 200' });
      await arrived;
      expect((await listOf(page)).rows).toMatchObject([{ type: 'SUBSCRIBED.INITIAL_BUY', verdict: 'valid' }]);
    });
  });
});

describe('the line keys', () => {
  it('q ends it as an interrupt does', async () => {
    const { code, text } = await listening([], async ({ type, shown }) => {
      type('q');
      await shown(/Stopped\./);
    });
    expect({ code, isNamed: text.includes('h + Enter for help') }).toEqual({ code: 0, isNamed: true });
  });

  it('d shows the last one, r sends it to the target again, and each says where there is none', async () => {
    const body = await signed('REFUND');
    await listening(['-f', `app=${endpoint.url}`], async ({ type, shown, said, post }) => {
      type('d');
      await shown(/No notification was received yet/);
      await post(body);
      await shown(/✓ app 200/);
      expect(said()).not.toContain('revocationReason');
      type('d');
      await shown(/^ +revocationReason +0 /m);
      type('r');
      await shown(/Replayed to app: accepted 200/);
    });
    expect(endpoint.bodies).toEqual([body, body]);
  });

  /** Presses o, with a browser that only notes the URL it is given. */
  const pressO = async (work: (pass: URL, page: InspectedPage) => Promise<unknown>): Promise<void> => {
    const [program, opened] = [join(cwd, 'xdg-open'), join(cwd, 'opened')];
    const { printed } = openFifo(opened);
    writeFileSync(program, `#!/bin/sh\nprintf %s "$1" > '${opened}'\n`);
    chmodSync(program, 0o755);
    const env = { HOME: cwd, PATH: `${cwd}:/usr/bin:/bin`, DISPLAY: ':0' };
    await listening(
      [],
      async (listener) => {
        expect(listener.output()).not.toMatch(PAGE_URL);
        listener.type('o');
        const page = pageAt((await listener.shown(/(?<=Opening the page: )http\S+/))[0]);
        await work(new URL(await printed), page);
      },
      { env, platform: 'linux' },
    );
  };
  const redeem = (page: InspectedPage, { pathname, search }: URL) =>
    page.call(`${pathname}${search}`, { headers: { authorization: undefined } });

  it.skipIf(process.platform === 'win32')('o starts the page, and opens it without the token in the command', () =>
    pressO(async (pass, page) => {
      expect(pass.href).not.toContain(page.token);
      expect(await redeem(page, pass)).toMatchObject({ status: 303, headers: { location: `/#t=${page.token}` } });
      expect((await redeem(page, pass)).status).toBe(401);
      expect((await listOf(page)).setup.source).toBe('listen');
    }),
  );

  /** The status that another user receives, who can be played by root only. */
  const statusForNobody = async (script: string, pass: URL): Promise<string> => {
    const nobody = { uid: 65_534, gid: 65_534, cwd: '/', env: {} };
    return (await promisify(execFile)(process.execPath, ['-e', script, pass.href], nobody)).stdout.trim();
  };
  const cannotPlayNobody = process.platform !== 'linux' || userId !== 0;

  it.skipIf(cannotPlayNobody)('the link of o is of no use to another user of the machine', () =>
    pressO(async (pass, page) => {
      const script = 'fetch(process.argv[1], { redirect: "manual" }).then((reply) => console.log(reply.status))';
      expect(await statusForNobody(script, pass)).toBe('403');
      expect((await redeem(page, pass)).status).toBe(303);
    }),
  );

  it.skipIf(cannotPlayNobody)('the link of o is of no use to another user who half closes the connection', () =>
    pressO(async (pass, page) => {
      // The server does not read the body, and so does not see the end of the request when it looks for the user.
      const script = `
        const { host, port, pathname, search } = new URL(process.argv[1]);
        const socket = require('node:net').connect({ host: '127.0.0.1', port, allowHalfOpen: true });
        const lines = ['GET ' + pathname + search + ' HTTP/1.1', 'Host: ' + host, 'Content-Length: 300000', '', ''];
        socket.write(lines.join('\\r\\n'));
        socket.end(Buffer.alloc(300000));
        socket.once('data', (reply) => { console.log(String(reply).slice(9, 12)); process.exit(); });`;
      expect(await statusForNobody(script, pass)).toBe('403');
      expect((await redeem(page, pass)).status).toBe(303);
    }),
  );
});
