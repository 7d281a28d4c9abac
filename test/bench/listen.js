import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryOf } from './memory.js';
import { median, times } from './report.js';
import { opensslRate } from './stream.js';

const BIN = fileURLToPath(new URL('../../bin/storewire.js', import.meta.url));
const LOAD = fileURLToPath(new URL('./listen-load.js', import.meta.url));
const OTHERS = fileURLToPath(new URL('./listen-others.js', import.meta.url));
/** 380 MB of distinct notifications: one that came before would be answered without being handed on. */
export const A_FILE = 20_000;
const WARM_UP = 2_000;
/** Two seconds at half the peak: what piles up while four cold isolates compile is over then. */
const PACED_WARM_UP = 5_000;

/**
 * Notifications a second that are verified and on disk before they are answered 200, beside a server that only reads them, an Express
 * handler that verifies them with Apple's library, and what openssl's ECDSA allows; how soon they are answered at half that rate; memory.
 */
export async function measureListen(corpus, { rounds, express, total }) {
  const bodies = path.join(corpus.folder, 'notifications.ndjson');
  writeNotifications(corpus, bodies);
  const peak = { bare: [], listen: [], openssl: [] };
  for (let round = 0; round < rounds; round++) {
    peak.openssl.push(opensslRate() / 3);
    peak.bare.push((await loadOn(startOther('bare'), { bodies, amount: A_FILE, warmUp: WARM_UP })).rate);
    peak.listen.push((await loadOn(startListen(corpus), { bodies, amount: A_FILE, warmUp: WARM_UP })).rate);
  }
  const slow = await loadOn(startOther('express', corpus.files.rootDer), {
    bodies,
    amount: express,
    warmUp: express / 10,
  });
  const [bare, listen, openssl] = [median(peak.bare), median(peak.listen), median(peak.openssl)];
  const half = await loadOn(startListen(corpus), {
    bodies,
    amount: A_FILE,
    warmUp: PACED_WARM_UP,
    everyMs: 2000 / listen,
  });
  const memory = await measureGrowth(corpus, bodies, total);
  const show = (name, other) => `${Math.round(listen)}/s, ${name} ${Math.round(other)}/s`;
  return [
    {
      name: 'listen, beside Express',
      measured: `${show("with Apple's library", slow.rate)}: ${times(listen / slow.rate)}`,
      bar: '>= 20 x',
      met: listen >= 20 * slow.rate,
    },
    {
      name: 'listen, beside openssl',
      measured: `${show('openssl allows', openssl)}: ${((100 * listen) / openssl).toFixed(0)} %`,
      bar: '>= 30 %',
      met: listen >= 0.3 * openssl,
    },
    {
      name: 'listen, beside bare node:http',
      measured: `${show('which reads and answers', bare)}: ${((100 * listen) / bare).toFixed(0)} %`,
      bar: 'none',
      met: true,
    },
    {
      name: 'listen, answers at half its peak',
      measured: `p50 ${half.p50.toFixed(1)} ms, p99 ${half.p99.toFixed(1)} ms at ${Math.round(half.rate)}/s`,
      bar: '< 50 ms',
      met: half.p99 < 50,
    },
    ...memory,
  ];
}

export function writeNotifications({ sign }, file) {
  const out = openSync(file, 'w');
  for (let at = 0; at < A_FILE; at++) writeSync(out, `${sign().body}\n`);
  closeSync(out);
}

/** Resident memory of one process, after the first file of notifications and after all. */
async function measureGrowth(corpus, bodies, total) {
  if (process.platform !== 'linux') return [];
  const server = await startListen(corpus);
  const taken = [];
  for (let sent = 0; sent < total; sent += A_FILE) {
    if (sent > 0) writeNotifications(corpus, bodies);
    await load(server, { bodies, amount: A_FILE, warmUp: 0 });
    taken.push(memoryOf(server.pid).current);
  }
  await server.stop();
  const last = taken.at(-1);
  return [
    {
      name: `listen, memory after ${total.toLocaleString('en-US')}`,
      measured: `${last.toFixed(0)} MiB, ${taken[0].toFixed(0)} MiB after ${A_FILE.toLocaleString('en-US')}`,
      bar: 'none',
      met: true,
    },
  ];
}

async function loadOn(starting, order) {
  const server = await starting;
  try {
    return await load(server, order);
  } finally {
    await server.stop();
  }
}

/** Sent by a process of its own. Throws unless every one was answered 200. */
export async function load({ url }, order) {
  const child = spawn(process.execPath, [LOAD, JSON.stringify({ url, ...order })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the load on ${url} ended with ${code}: ${Buffer.concat(chunks)}`);
  const result = JSON.parse(Buffer.concat(chunks));
  if (result.answered200 !== order.amount)
    throw new Error(`${url} answered 200 to ${result.answered200} of ${order.amount}`);
  return result;
}

/** The built program in an empty project. What it prints goes to the null device, as reading it would cost a core. */
export async function startListen({ folder, files }, more = []) {
  const cwd = mkdtempSync(path.join(folder, 'listen-'));
  const port = await freePort();
  const args = [BIN, 'listen', '--port', String(port), '--root', files.root, ...more];
  const server = await startServer(args, `http://127.0.0.1:${port}/`, {
    cwd,
    env: { ...process.env, XDG_CONFIG_HOME: cwd },
  });
  return { ...server, stop: () => server.stop().then(() => rmSync(cwd, { recursive: true })) };
}

async function startOther(...args) {
  const port = await freePort();
  return startServer([OTHERS, String(port), ...args], `http://127.0.0.1:${port}/`, {});
}

async function startServer(args, url, options) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  const said = [];
  child.stderr.on('data', (chunk) => said.push(chunk));
  const ended = once(child, 'close');
  while (!(await answers(url))) {
    if (child.exitCode !== null)
      throw new Error(`${args.join(' ')} ended with ${child.exitCode}: ${Buffer.concat(said)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
  };
  return { url, pid: child.pid, stop };
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
