import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { startListen } from './listen.js';

const HOSTILE = fileURLToPath(new URL('./hostile-load.js', import.meta.url));
const CONNECTIONS = 16;
/** `nothing` is the machine alone, beside which the others are read. */
const KINDS = ['nothing', 'numbers', 'payload', 'header'];
const EVERY_MS = 50;
/** From here on the two sides are under way. */
const WARM_UP = 20;
const BAR_MS = 500;

/** How soon a genuine notification is answered while 16 connections post forged bodies of 1 MiB, for each kind of body. */
export async function measureStarvation(corpus, count) {
  const rows = [];
  for (const kind of KINDS) {
    const server = await startListen(corpus);
    const order = {
      url: server.url,
      connections: kind === 'nothing' ? 0 : CONNECTIONS,
      kind,
      genuine: corpus.signed[0].signedPayload,
    };
    const hostile = spawn(process.execPath, [HOSTILE, JSON.stringify(order)], { stdio: 'inherit' });
    const ended = once(hostile, 'close');
    const ms = await postAtPace(server.url, corpus, count);
    hostile.kill();
    await ended;
    await server.stop();
    const p99 = ms[Math.floor(ms.length * 0.99)];
    rows.push({
      name: kind === 'nothing' ? 'listen, not flooded' : `listen, flooded with 1 MiB ${kind}`,
      measured: `genuine: p50 ${ms[ms.length >> 1].toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
      bar: `p99 < ${BAR_MS} ms`,
      met: p99 < BAR_MS,
    });
  }
  return rows;
}

/** Times from when each was due, sorted; throws unless all were answered 200. */
async function postAtPace(url, { sign }, count) {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const bodies = Array.from({ length: WARM_UP + count }, () => sign().body);
  const startedAt = performance.now();
  const answers = [];
  for (const [index, body] of bodies.entries()) {
    const dueAt = startedAt + index * EVERY_MS;
    while (performance.now() < dueAt) await new Promise((resolve) => setTimeout(resolve, 5));
    answers.push(post(dispatcher, url, body).then(() => performance.now() - dueAt));
  }
  const ms = await Promise.all(answers);
  await dispatcher.close();
  return ms.slice(WARM_UP).sort((one, other) => one - other);
}

async function post(dispatcher, url, body) {
  const { origin } = new URL(url);
  const headers = { 'content-type': 'application/json' };
  const answer = await dispatcher.request({ origin, path: '/', method: 'POST', headers, body });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`a genuine notification was answered ${answer.statusCode}`);
}
