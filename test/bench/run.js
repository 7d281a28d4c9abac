// npm run bench [-- --quick | --flood]: the bars of the project, measured side by side in one run. Needs a build and openssl.
import { availableParallelism } from 'node:os';
import { makeCorpus } from './corpus.js';
import { measureFlood } from './flood.js';
import { measureListen } from './listen.js';
import { measureMemory } from './memory.js';
import { measureProcess } from './process.js';
import { describeBar } from './report.js';
import { measureStarvation } from './starvation.js';
import { measureStream } from './stream.js';

const quick = process.argv.includes('--quick');
const size = quick
  ? {
      runs: 11,
      stream: 36_000,
      apple: 150,
      listen: { rounds: 1, express: 500, total: 20_000 },
      memory: 60_000,
      genuine: 100,
    }
  : {
      runs: 31,
      stream: 120_000,
      apple: 600,
      listen: { rounds: 3, express: 2_000, total: 100_000 },
      memory: 1_000_000,
      genuine: 300,
    };

/** About a minute at the peak of two cores. */
const FLOOD = 240_000;

const corpus = await makeCorpus();
console.log(
  `Node ${process.versions.node}, ${availableParallelism()} cores, notifications of ${corpus.bytes} bytes with three tokens\n`,
);
try {
  for (const bar of process.argv.includes('--flood') ? await measureFlood(corpus, FLOOD) : await measureAll()) {
    console.log(describeBar(bar));
    if (!bar.met) process.exitCode = 1;
  }
} finally {
  corpus.remove();
}

async function measureAll() {
  return [
    ...measureProcess(corpus, size.runs),
    ...(await measureStream(corpus, size.stream, size.apple)),
    ...(await measureListen(corpus, size.listen)),
    ...(await measureStarvation(corpus, size.genuine)),
    ...(await measureMemory(corpus, size.memory)),
  ];
}
