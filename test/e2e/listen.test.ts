import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENTS } from '../../src/notification/catalogue/events.js';
import { type Authority, createAuthority } from '../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../src/simulator/authority/chain.js';
import { signNotification } from '../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../src/simulator/payloads/notification.js';
import { runBin } from '../support/bin.js';
import { startBuiltListener } from '../support/built-listener.js';
import { startTestEmulator, startTestEndpoint } from '../support/emulator.js';
import { readEntries } from '../support/journal-scan.js';

let folder: string;
let authority: Authority;
let chain: SigningChain;
let root: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-listen-'));
  authority = await createAuthority({ nowMs: Date.now() });
  chain = await authority.issueChain();
  root = path.join(folder, 'root.pem');
  writeFileSync(root, authority.rootPem);
});
afterAll(() => rmSync(folder, { recursive: true }));

const newFolder = (): string => mkdtempSync(path.join(folder, 'project-'));

const stateOf = (project: string): string => path.join(project, '.storewire');

function sign(): { readonly uuid: string; readonly body: string } {
  const built = buildNotification({ type: 'DID_RENEW', nowMs: Date.now(), random: randomBytes });
  const { signedPayload } = signNotification(built, chain);
  return { uuid: String(built.notification.notificationUUID), body: JSON.stringify({ signedPayload }) };
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
afterAll(() => agent.destroy());

/** The status, or null if the connection closed without one. */
function post(url: string, body: string): Promise<number | null> {
  return new Promise((resolve) => {
    const outgoing = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
    outgoing.on('error', () => resolve(null));
    outgoing.on('response', (incoming) => incoming.resume().on('close', () => resolve(incoming.statusCode ?? null)));
    outgoing.end(body);
  });
}

const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex');

describe('twenty SIGKILLs under load', () => {
  it('lose nothing that was answered 200', { timeout: 180_000 }, async () => {
    const project = newFolder();
    const answered = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const listen = await startBuiltListener({ cwd: project, args: ['--root', root] });
      const load = async (): Promise<void> => {
        for (let status: number | null = 200; status !== null; ) {
          const { uuid, body } = sign();
          status = await post(listen.url, body);
          if (status === 200) answered.add(uuid);
        }
      };
      const loads = [1, 2, 3, 4, 5, 6, 7, 8].map(load);
      const enough = 20 * (round + 1) + (randomBytes(1)[0]! % 40);
      await listen.event('verified', () => answered.size > enough);
      expect(await listen.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      await Promise.all(loads);
    }
    const kept = new Set<string>();
    const damagedLines: unknown[] = [];
    for await (const entry of readEntries(stateOf(project), { onDamagedLine: (line) => damagedLines.push(line) })) {
      if (entry.type === 'receipt') kept.add(entry.receipt.facts.uuid ?? '');
    }
    expect(answered.size).toBeGreaterThan(400);
    expect([...answered].filter((uuid) => !kept.has(uuid))).toEqual([]);
    expect(damagedLines.length).toBeLessThanOrEqual(20);
  });
});

describe('every type through listen to two targets', () => {
  it('arrives byte for byte at both', async () => {
    const [one, other] = [await startTestEndpoint(), await startTestEndpoint()];
    const project = newFolder();
    const args = ['--trust-authority', '-f', `one=${one.url}`, '-f', `other=${other.url}`];
    const listen = await startBuiltListener({ cwd: project, args });
    const types = EVENTS.map(({ type, subtype }) => (subtype === null ? type : `${type}.${subtype}`));
    for (const type of types) {
      const { ended, stderr } = await runBin(['trigger', type, '--to', listen.url], '', {}, project);
      expect({ type, ended, stderr }).toMatchObject({ ended: 0 });
    }
    const delivered = new Set<string>();
    await listen.event('forwarded', ({ id, target }) => delivered.add(`${id} ${target}`).size === 2 * types.length);
    expect(await listen.stop('SIGINT')).toMatchObject({ code: 0 });
    const sent: string[] = [];
    for await (const entry of readEntries(stateOf(project), { onDamagedLine: () => undefined })) {
      if (entry.type === 'receipt') sent.push(entry.receipt.id);
    }
    expect(sent).toHaveLength(types.length);
    expect(one.bodies.map(hashOf).sort()).toEqual(other.bodies.map(hashOf).sort());
    await one.close();
    await other.close();
  });
});

describe('emulator, listen --answer forwarded, and an app that fails twice', () => {
  it('Apple retries, the app gets the notification, the journal has every attempt, and nothing is left to replay', async () => {
    const app = await startTestEndpoint();
    app.answerNext(500, 503);
    const project = newFolder();
    const args = ['--root', root, '-f', `app=${app.url}`, '--answer', 'forwarded'];
    const listen = await startBuiltListener({ cwd: project, args });
    const { emulator, close } = await startTestEmulator({ authority, productionUrl: listen.url, step: true });
    const { signedPayload } = await emulator.send({ environment: 'Production', type: 'DID_RENEW' });
    await emulator.advance(13 * 3_600_000);
    const [notification] = emulator.state().notifications;
    expect(notification?.attempts.map(({ sendAttemptResult }) => sendAttemptResult)).toEqual([
      'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
      'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
      'SUCCESS',
    ]);
    const body = app.bodies[0]!;
    expect(JSON.parse(body)).toEqual({ signedPayload });
    expect(app.bodies).toEqual([body, body, body]);
    expect(await listen.stop('SIGTERM')).toMatchObject({ code: 0 });

    const listed = (await runBin(['journal', 'list', '--json'], '', { STOREWIRE_ROOT: root }, project)).stdout;
    const documents = listed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents.map(({ received, deliveries }) => [received.answered, deliveries[0].httpStatus])).toEqual([
      [500, 500],
      [503, 503],
      [200, 200],
    ]);
    expect(documents[2].received.repeatOf).toBe(documents[0].received.id);
    const replay = await runBin(['replay', '--failed', '-f', `app=${app.url}`], '', {}, project);
    expect(replay.ended).toBe(0);
    expect(replay.stdout + replay.stderr).toContain('no pending delivery');
    expect(app.bodies).toHaveLength(3);
    await close();
    await app.close();
  });
});
