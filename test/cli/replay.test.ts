import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerReplay } from '../../src/cli/commands/replay.js';
import type { Deps } from '../../src/cli/deps.js';
import { type VirtualClock, virtualClock } from '../support/fake-server-api.js';
import { type RecordedJournal, recordJournal } from '../support/recorded-journal.js';
import { pipedInput } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';

interface App {
  readonly url: string;
  readonly bodies: string[];
  readonly headers: IncomingHttpHeaders[];
  /** Statuses to answer with, in turn; 200 once they are used up. 0 breaks off. */
  readonly statuses: number[];
  onRequest: () => void;
}

let journal: RecordedJournal;
let stop: AbortController;
let clock: VirtualClock;
const agent = new Agent({ keepAliveTimeout: 1 });
const servers: Server[] = [];
beforeEach(async () => {
  journal = await recordJournal();
  stop = new AbortController();
  clock = virtualClock(stop.signal);
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await journal.close();
  journal.remove();
});

async function startApp(...statuses: number[]): Promise<App> {
  const app: App = { url: '', bodies: [], headers: [], statuses, onRequest: () => undefined };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    app.bodies.push(body);
    app.headers.push(request.headers);
    app.onRequest();
    const status = app.statuses.shift() ?? 200;
    if (status === 0) request.socket.destroy();
    else response.writeHead(status).end(status === 200 ? '' : 'no\u001b[2J');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(app, { url: `http://127.0.0.1:${port}/apple` });
}

async function run(argv: readonly string[], more: Partial<Deps> = {}, columns = 100) {
  const deps: Partial<Deps> = {
    stdin: { ...pipedInput(''), isTty: true },
    env: { HOME: journal.home },
    cwd: journal.home,
    now: clock.now,
    sleep: clock.sleep,
    random: (bytes) => new Uint8Array(bytes).fill(7),
    http: () => Promise.resolve(agent),
    signal: stop.signal,
    suspend: () => Promise.resolve(),
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    ...more,
  };
  return runCommand(registerReplay as Register, ['replay', ...argv], deps, { columns });
}

describe('try', () => {
  it('sends', async () => {
    const app = await startApp();
    const one = await journal.receive();
    const two = await journal.receive({ type: 'REFUND' });
    await journal.deliver(two, 'app', 503);
    for (const argv of [
      ['last', '-f', `app=${app.url}`],
      ['--all', '-f', `app=${app.url}`, '--dry-run'],
      ['--failed', '-f', `app=${app.url}`],
      ['--failed', '-f', `app=${app.url}`],
      ['--failed'],
      ['last'],
      [],
    ]) {
      const got = await run(argv);
      console.log(argv.join(' '), got.code, `\n${got.stdout}${got.stderr}`);
    }
    console.log(
      app.bodies.map((b) => b.slice(0, 40)),
      app.headers[0],
      one.id,
    );
    app.statuses.push(500, 0, 200);
    const got = await run([
      '--all',
      '-f',
      `app=${app.url}`,
      '-f',
      'rc=https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/abcdefghijklmnop',
    ]);
    console.log(got.code, `\n${got.stdout}${got.stderr}`);
  });
});
