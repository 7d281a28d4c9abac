// npm run bench -- flood: a listener at its peak with one target down and one slow. Takes 20 KB of disk twice for each.
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { A_FILE, freePort, load, startListen, writeNotifications } from './listen.js';
import { memoryOf } from './memory.js';

/** What a slow app takes for one. */
const SLOW_MS = 50;
/** A target that was down is asked again after a minute at the latest; then 300,000 take their time. */
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * Floods a listener whose one target is down and whose other is slow; then the first returns and is to get everything, once each. Rows:
 * the rate with targets like these beside the rate without, memory after the first file and after the last, and what was delivered.
 */
export async function measureFlood(corpus, total) {
  const bodies = path.join(corpus.folder, 'flood.ndjson');
  writeNotifications(corpus, bodies);
  const alone = await rateOf(corpus, bodies, []);
  const slow = await startTarget(SLOW_MS);
  const port = await freePort();
  const targets = ['-f', `down=http://127.0.0.1:${port}/`, '-f', `slow=http://127.0.0.1:${slow.port}/`];
  const server = await startListen(corpus, [...targets, '--forward-synthetic', '--journal-limit', '100GiB']);
  const taken = [];
  const rates = [];
  for (let sent = 0; sent < total; sent += A_FILE) {
    if (sent > 0) writeNotifications(corpus, bodies);
    rates.push((await load(server, { bodies, amount: A_FILE, warmUp: 0 })).rate);
    taken.push(memoryOf(server.pid).current);
  }
  const back = await startTarget(0, port);
  const startedAt = performance.now();
  await back.received(total, LONGEST_WAIT_MS);
  const seconds = (performance.now() - startedAt) / 1_000;
  const drained = memoryOf(server.pid).current;
  await server.stop();
  await Promise.all([back.close(), slow.close()]);
  return rowsOf({ total, alone, rates, taken, drained, seconds, back });
}

function rowsOf({ total, alone, rates, taken, drained, seconds, back }) {
  const slowest = Math.min(...rates);
  return [
    {
      name: 'flood, one target down, one slow',
      measured: `${Math.round(slowest)}/s at the least, ${Math.round(alone)}/s without targets`,
      bar: '>= 80 % of it',
      met: slowest >= 0.8 * alone,
    },
    {
      name: `flood, memory after ${total.toLocaleString('en-US')}`,
      measured: `${taken.map((mib) => mib.toFixed(0)).join(' ')} MiB, ${drained.toFixed(0)} when delivered`,
      bar: 'flat: + 25 %',
      met: taken.at(-1) <= 1.25 * taken[0],
    },
    {
      name: 'flood, what was owed is delivered',
      measured: `${back.distinct()} of ${total}, ${back.count()} posts, in ${seconds.toFixed(0)} s`,
      bar: 'all, once each',
      met: back.distinct() === total && back.count() === total,
    },
  ];
}

async function rateOf(corpus, bodies, more) {
  const server = await startListen(corpus, more);
  try {
    return (await load(server, { bodies, amount: A_FILE, warmUp: 2_000 })).rate;
  } finally {
    await server.stop();
  }
}

/** A target that counts what it gets by `storewire-uuid`. */
async function startTarget(delayMs, port = 0) {
  const uuids = new Set();
  let posts = 0;
  let wake = () => {};
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      posts += 1;
      uuids.add(request.headers['storewire-uuid']);
      if (delayMs === 0) response.end();
      else setTimeout(() => response.end(), delayMs);
      wake();
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    count: () => posts,
    distinct: () => uuids.size,
    received: (count, waitMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        wake = () => {
          if (uuids.size < count) return;
          clearTimeout(timer);
          resolve();
        };
      }),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
