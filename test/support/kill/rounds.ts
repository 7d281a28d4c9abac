import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Pool } from 'undici';
import { createAuthority } from '../../../src/simulator/authority/authority.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { BIN } from '../bin.js';
import { readJournal } from '../journal-scan.js';
import type { Ledger } from './ledger.js';
import type { KillTarget } from './target.js';

export interface World {
  /** The project of the listener. */
  readonly folder: string;
  readonly target: KillTarget;
  readonly ledger: Ledger;
  readonly bodies: BodyWriter;
  readonly random: () => number;
}

interface BodyWriter {
  readonly rootPem: string;
  next(): { readonly uuid: string; readonly body: string };
}

export async function createWriterOfBodies(): Promise<BodyWriter> {
  const authority = await createAuthority({ nowMs: Date.now() });
  const chain = await authority.issueChain();
  return {
    rootPem: authority.rootPem,
    next: () => {
      const { body, notification } = signNotification(
        buildNotification({ type: 'TEST', bundleId: 'com.example.app', nowMs: Date.now(), random: randomBytes }),
        chain,
      );
      return { uuid: String(notification.notificationUUID), body };
    },
  };
}

const CONNECTIONS = 24;

/** Share of the posts that repeat an earlier notification. */
const REPEATS = 0.1;

/** Posts until so many are answered 200, then kills the listener at some moment soon after. */
export async function killRound(world: World): Promise<void> {
  const { random } = world;
  const { child, url } = await startListener(world);
  const stopAfter = 60 + Math.floor(140 * random());
  const delayMs = Math.floor(20 * random());
  const exited = once(child, 'exit');
  let isOver = false;
  let answered = 0;
  const pool = new Pool(url, { connections: CONNECTIONS });
  const client = async (): Promise<void> => {
    while (!isOver) {
      const { uuid, body } = pick(world);
      world.ledger.sent.set(uuid, body);
      if ((await post(pool, body)) !== 200) continue;
      world.ledger.acked.add(uuid);
      answered += 1;
      if (answered === stopAfter)
        setTimeout(() => {
          child.kill('SIGKILL');
        }, delayMs);
    }
  };
  void exited.then(() => {
    isOver = true;
  });
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  await exited;
  await pool.destroy();
}

function pick({ ledger, bodies, random }: World): { uuid: string; body: string } {
  if (ledger.sent.size > 0 && random() < REPEATS) {
    const at = Math.floor(random() * Math.min(ledger.sent.size, 500));
    let index = 0;
    for (const [uuid, body] of ledger.sent) if (index++ === at) return { uuid, body };
  }
  return bodies.next();
}

/** The status; null where the connection broke. */
async function post(pool: Pool, body: string): Promise<number | null> {
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await pool.request({ method: 'POST', path: '/', headers, body });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    return null;
  }
}

/** Nothing arrives at the target for so long: nothing more will. */
const QUIET_MS = 60_000;

/**
 * Runs the listener until everything that was recorded or answered 200 is delivered, and stops it; returns problems. What was recorded but
 * not answered before a kill is delivered, too.
 */
export async function runToTheEnd(world: World): Promise<readonly string[]> {
  const pending = new Set(world.ledger.acked);
  for await (const { record } of readJournal(journalOf(world), { onDamagedLine: () => undefined }))
    if (record.type === 'receipt') pending.add(record.facts.uuid!);
  const { child } = await startListener(world);
  const exited = once(child, 'exit');
  const isDelivered = await world.target.hasAll(pending, QUIET_MS);
  child.kill('SIGINT');
  const [code] = await exited;
  return [
    ...(isDelivered ? [] : ['not everything was delivered in the end']),
    ...(code === 0 ? [] : [`the last listener ended with ${code}`]),
  ];
}

export function journalOf({ folder }: Pick<World, 'folder'>): string {
  return path.join(folder, '.storewire');
}

/** The built binary, on a free port. */
async function startListener({ folder, target, bodies }: World): Promise<{ child: ChildProcess; url: string }> {
  const root = path.join(folder, 'root.pem');
  writeFileSync(root, bodies.rootPem);
  const args = [BIN, 'listen', '--port', '0', '--root', root, '-f', `app=${target.url}`];
  const env = { PATH: process.env.PATH, HOME: folder };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`listen ended with ${code}: ${stderr}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      if (stdout.length < 10_000) stdout += chunk;
      const found = /^ +local +(http:\S+)/m.exec(stdout)?.[1];
      if (found !== undefined && stdout.includes('Stop:')) resolve(found);
    });
  });
  return { child, url };
}
