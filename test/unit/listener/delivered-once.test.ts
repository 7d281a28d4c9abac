import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { SigningChain } from '../../../src/simulator/authority/chain.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { startTestListener, type TestListener } from '../../support/listener.js';
import { mulberry32 } from '../../support/seeded-random.js';
import { testAuthority } from '../../support/signing.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A target that counts acceptances by UUID and refuses a share of the requests with 503. */
async function startTarget(
  random: () => number,
  failures: number,
): Promise<{ url: string; accepted: Map<string, number>; heal: () => void }> {
  const accepted = new Map<string, number>();
  let share = failures;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (random() < share) return response.writeHead(500).end();
      const uuid = String(request.headers['storewire-uuid']);
      accepted.set(uuid, (accepted.get(uuid) ?? 0) + 1);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    accepted,
    heal: () => {
      share = 0;
    },
  };
}

function bodyOf(uuid: string, chain: SigningChain): string {
  const built = buildNotification({
    type: 'DID_RENEW',
    bundleId: 'com.example.app',
    nowMs: Date.now(),
    random: randomBytes,
  });
  return signNotification({ ...built, notification: { ...built.notification, notificationUUID: uuid } }, chain).body;
}

it.each(['ack', 'forwarded'] as const)(
  'each target accepts each UUID once, also when repeats arrive at once and across restarts (--answer %s)',
  async (answer) => {
    const random = mulberry32(11);
    const reliable = await startTarget(random, 0);
    const flaky = await startTarget(random, 0.3);
    const { authority } = await testAuthority();
    const chain = await authority.issueChain();
    const uuids = Array.from({ length: 25 }, () => randomUUID());
    const bodies = uuids.map((uuid) => bodyOf(uuid, chain));
    const open = (folder?: string): Promise<TestListener> =>
      startTestListener({
        ...{ authority, answer, targets: [`reliable=${reliable.url}`, `flaky=${flaky.url}`] },
        ...(folder === undefined ? {} : { folder }),
      });
    let listener = await open();
    const { folder } = listener;
    closers.push(() => listener.close());
    for (let run = 0; run < 3; run += 1) {
      if (run > 0) listener = await open(folder);
      if (run === 2) flaky.heal();
      const posts = bodies.flatMap((body) => Array.from({ length: 4 }, () => listener.post(body)));
      for (const { status } of await Promise.all(posts)) expect(status).toBe(200);
      await listener.listener.idle();
      if (run < 2) await listener.stop();
    }
    for (const { accepted } of [reliable, flaky])
      expect(uuids.map((uuid) => accepted.get(uuid))).toEqual(uuids.map(() => 1));
  },
);
