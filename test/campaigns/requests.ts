import { readFileSync } from 'node:fs';
import type { Campaign } from '../support/campaign.js';
import { startTestListener, type TestListener } from '../support/listener.js';
import { cutAtRandom, exchange, statusesOf } from '../support/requests/exchange.js';
import { type PlannedRequest, planStream } from '../support/requests/kinds.js';
import { mulberry32 } from '../support/seeded-random.js';

/** Streams on one listener; then its journal is compared, and a new one is started. */
const STREAMS_OF_A_LISTENER = 400;

export const campaign: Campaign = {
  summary:
    'Streams of good, odd and hostile HTTP requests to listen, cut anywhere: each has the answers of a model, or is only survived',
  async run({ seed, rounds = 20_000, isOver, log }) {
    const random = mulberry32(seed);
    const failures: string[] = [];
    const totals = { streams: 0, requests: 0, mutated: 0, recorded: 0 };
    while (totals.streams < rounds && !isOver()) {
      const listener = await startTestListener();
      const expected: string[] = [];
      const all = new Set<string>();
      const sign = (): string => {
        const body = listener.sign();
        all.add(body);
        return body;
      };
      try {
        for (let n = 0; n < STREAMS_OF_A_LISTENER && totals.streams < rounds && !isOver(); n += 1) {
          const stream = planStream({ random, sign });
          totals.requests += stream.length;
          totals.streams += 1;
          const isMutated = random() < 0.3;
          if (isMutated) totals.mutated += 1;
          const problem = isMutated
            ? await survive(listener, mutate(Buffer.concat(stream.map(({ bytes }) => bytes)), random), random)
            : await follow(listener, stream, random, expected);
          if (problem !== null) failures.push(`stream ${totals.streams}, seed ${seed}: ${problem}`);
        }
        const body = sign();
        expected.push(body);
        const { status } = await listener.post(body);
        if (status !== 200) failures.push(`seed ${seed}: a genuine notification afterwards was answered ${status}`);
        const recorded = await recordedBodies(listener);
        totals.recorded += recorded.length;
        for (const each of expected)
          if (!recorded.includes(each)) failures.push(`seed ${seed}: answered 200, not recorded`);
        for (const each of recorded) if (!all.has(each)) failures.push(`seed ${seed}: recorded, but never signed`);
      } finally {
        await listener.close();
      }
      log(`${totals.streams} streams, ${totals.recorded} recorded, ${failures.length} defects`);
    }
    return { figures: totals, failures };
  },
};

/** Sends a stream as it is; null where each request up to the first that closes is answered as planned, and nothing behind it. */
async function follow(
  listener: TestListener,
  stream: readonly PlannedRequest[],
  random: () => number,
  expected: string[],
): Promise<string | null> {
  const last = stream.findIndex(({ closes }) => closes);
  const served = last === -1 ? stream : stream.slice(0, last + 1);
  const pieces = cutAtRandom(Buffer.concat(stream.map(({ bytes }) => bytes)), random);
  const text = await exchange(portOf(listener), pieces, last === -1 ? served.length : 'closed');
  const statuses = statusesOf(text);
  for (const { body } of served) if (body !== null) expected.push(body);
  const isAsPlanned =
    statuses.length === served.length && served.every(({ status }, at) => [status].flat().includes(statuses[at]!));
  if (isAsPlanned) return null;
  return `${stream.map(({ kind }) => kind).join(' | ')}: ${served.map(({ status }) => status).join(' ')}, answered ${statuses.join(' ')}`;
}

/** Sends changed bytes, of which only the answers' form is known. */
async function survive(listener: TestListener, bytes: Buffer, random: () => number): Promise<string | null> {
  try {
    statusesOf(await exchange(portOf(listener), cutAtRandom(bytes, random), 'half'));
    return null;
  } catch (error) {
    return String(error);
  }
}

function mutate(bytes: Buffer, random: () => number): Buffer {
  let changed = bytes;
  for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
    const at = Math.floor(random() * Math.min(changed.length, random() < 0.7 ? 400 : changed.length));
    const byte = Buffer.from([Math.floor(random() * 256)]);
    const skipped = [0, 1, Math.floor(random() * 50)][Math.floor(random() * 3)]!;
    changed = Buffer.concat([changed.subarray(0, at), byte, changed.subarray(at + skipped)]);
  }
  return changed;
}

function portOf({ listener }: TestListener): number {
  return listener.port;
}

/** Bodies of the receipts, from the lines themselves. */
async function recordedBodies(listener: TestListener): Promise<readonly string[]> {
  await listener.stop();
  const lines = readFileSync(`${listener.folder}/journal.ndjson`, 'utf8').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line))
    .flatMap(({ type, body }) => (type === 'receipt' && body !== '' ? [body] : []));
}
