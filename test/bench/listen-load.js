// node listen-load.js '{"url", "bodies", "amount", "warmUp", "everyMs"?}': posts the lines of a file once each and prints what came of it.
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import { Pool } from 'undici';

/** The number of bodies is a multiple of it. */
const CONNECTIONS = 50;
const HEADERS = { 'content-type': 'application/json' };

const order = JSON.parse(process.argv[2]);
const bodies = linesOf(readFileSync(order.bodies)).slice(0, order.amount);
const result = order.everyMs === undefined ? await postAtPeak(bodies, order) : await postAtPace(bodies, order);
process.stdout.write(JSON.stringify(result));

function linesOf(bytes) {
  const lines = [];
  for (let at = 0, end = bytes.indexOf(10); end !== -1; at = end + 1, end = bytes.indexOf(10, at))
    lines.push(bytes.subarray(at, end));
  return lines;
}

/**
 * As fast as they are answered, counted from the last of the warm-up to the last of all. Each connection greets the server first, then
 * posts its share, made up before: what is made up on the way would be measured along.
 */
async function postAtPeak(bodies, { url, warmUp }) {
  const share = bodies.length / CONNECTIONS;
  let taken = 0;
  const setupClient = (client) => {
    const posts = bodies.slice(taken, taken + share).map((body) => ({ method: 'POST', headers: HEADERS, body }));
    taken += share;
    client.setRequests([{ method: 'GET' }, ...posts]);
  };
  let answered200 = -CONNECTIONS;
  let warmAt = 0;
  let lastAt = 0;
  const run = autocannon({ url, connections: CONNECTIONS, amount: CONNECTIONS + bodies.length, setupClient });
  run.on('response', (_client, status) => {
    if (status === 200) answered200 += 1;
    lastAt = performance.now();
    if (answered200 === warmUp) warmAt = lastAt;
  });
  await run;
  return { answered200, rate: (1000 * (bodies.length - warmUp)) / (lastAt - warmAt) };
}

/**
 * One every so many milliseconds, whether or not those before are answered: what waits its turn counts from when it was due.
 * autocannon cannot: its rate is what it sends at the start of each second, as fast as it can.
 */
async function postAtPace(bodies, { url, warmUp, everyMs }) {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const startedAt = performance.now();
  const answers = [];
  for (const [index, body] of bodies.entries()) {
    const dueAt = startedAt + index * everyMs;
    while (performance.now() < dueAt) await new Promise((resolve) => setTimeout(resolve, 1));
    answers.push(post(pool, body).then((status) => ({ status, ms: performance.now() - dueAt })));
  }
  const all = await Promise.all(answers);
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.close();
  const ms = all
    .slice(warmUp)
    .map((answer) => answer.ms)
    .sort((one, other) => one - other);
  const percentile = (share) => ms[Math.floor(ms.length * share)];
  return {
    answered200: all.filter(({ status }) => status === 200).length,
    rate: bodies.length / seconds,
    p50: percentile(0.5),
    p99: percentile(0.99),
  };
}

async function post(pool, body) {
  const { statusCode, body: answer } = await pool.request({ method: 'POST', path: '/', headers: HEADERS, body });
  await answer.dump();
  return statusCode;
}
