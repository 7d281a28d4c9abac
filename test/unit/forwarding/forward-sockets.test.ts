import { once } from 'node:events';
import { createServer } from 'node:http';
import { Agent } from 'undici';
import { afterAll, expect, it } from 'vitest';
import { sleep } from '../../../src/clock.js';
import { createForwarder } from '../../../src/forwarding/forwarder.js';
import { parseTarget } from '../../../src/forwarding/parse-target.js';
import { forwardOnce } from '../../../src/forwarding/send.js';
import type { SendDeps } from '../../../src/forwarding/target.js';
import { freePort } from '../../support/server-process.js';
import { steadySleep } from '../../support/steady-time.js';

const agent = new Agent({ keepAliveTimeout: 10 });
afterAll(() => agent.destroy());

/** Time runs fifty times as fast: a pause of a minute takes a little more than a second. */
const SPEED = 50;
const fast: SendDeps['sleep'] = (ms, signal) => steadySleep(ms / SPEED, signal);
const bodyOf = (ref: number): Buffer => Buffer.from(`{"signedPayload":"${ref} é☃\u{1f600}"}\n`);

it('a real target that is down, resets connections, fails and recovers gets every notification once and unchanged', async () => {
  const port = await freePort();
  const target = parseTarget(`app=http://127.0.0.1:${port}/hooks`, { headers: {}, insecure: false, taken: [] });
  const deps = {
    http: async () => agent,
    timeoutMs: 60_000,
    runId: '0123456789abcdef',
    now: Date.now,
    sleep: fast,
    env: {},
  };
  const accepted = new Set<number>();
  const notices: string[] = [];
  const forwarder = createForwarder({
    targets: [target],
    load: async (ref) => ({
      id: `${ref}`,
      body: bodyOf(ref),
      contentType: 'application/json',
      uuid: `uuid-${ref}`,
      type: 'TEST',
      verdict: 'valid',
      documentJson: () => '',
    }),
    isAccepted: (ref) => accepted.has(ref),
    onAttempt: async (ref, _target, _number, { outcome }) => void (outcome === 'accepted' && accepted.add(ref!)),
    onNotice: (code) => void notices.push(code),
    send: (to, notification, number, signal) =>
      forwardOnce(to, notification, number, { ...deps, platform: 'linux', signal }),
    now: () => Date.now() * SPEED,
    sleep: fast,
    random: (bytes) => new Uint8Array(bytes),
  });
  for (let ref = 0; ref < 300; ref += 1) forwarder.enqueue({ ref, target: 'app', attempts: 0, dueAtMs: 0 });
  await forwarder.idle();
  expect([forwarder.pending(), notices]).toEqual([300, ['TARGET_RESTS']]);

  const received = new Map<string, Buffer[]>();
  let requests = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    requests += 1;
    if (requests % 40 === 0) return void response.socket?.resetAndDestroy();
    if (requests % 10 === 0) return void response.writeHead(500).end('not now');
    const id = String(incoming.headers['storewire-id']);
    received.set(id, [...(received.get(id) ?? []), Buffer.concat(chunks)]);
    response.writeHead(204).end();
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  while (forwarder.pending() > 0) await sleep(20);
  await forwarder.stop(0);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(received.size).toBe(300);
  for (let ref = 0; ref < 300; ref += 1) expect(received.get(`${ref}`)).toEqual([bodyOf(ref)]);
  expect(notices.slice(0, 2)).toEqual(['TARGET_RESTS', 'TARGET_BACK']);
});
