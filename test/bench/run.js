// npm run bench [-- NAME... --quick]: the bars of the project, measured side by side in one run. Needs a build and openssl.
import { availableParallelism } from 'node:os';
import { makeCorpus } from './corpus.js';
import { measureFlood } from './flood.js';
import { measureInspect } from './inspect.js';
import { measureJournal } from './journal.js';
import { measureListen } from './listen.js';
import { measureMemory } from './memory.js';
import { describeBar } from './report.js';
import { measureStartUp } from './start-up.js';
import { measureStarvation } from './starvation.js';
import { measureStream } from './stream.js';

/** About a minute at the peak of two cores. */
const FLOOD = 240_000;

/** Records of the journal that the local page shows. */
const INSPECTED = 100_000;

/** What a name measures. Those that are long and hold no bar run only where they are named. */
const BENCHES = {
  'start-up': { measure: (corpus, size) => measureStartUp(corpus, size.runs) },
  stream: { measure: (corpus, size) => measureStream(corpus, size.stream, size.apple) },
  listen: { measure: (corpus, size) => measureListen(corpus, size.listen) },
  starvation: { measure: (corpus, size) => measureStarvation(corpus, size.genuine) },
  memory: { measure: (corpus, size) => measureMemory(corpus, size.memory) },
  flood: { measure: (corpus) => measureFlood(corpus, FLOOD), onlyNamed: true },
  inspect: { measure: (corpus) => measureInspect(corpus, INSPECTED), onlyNamed: true },
  journal: { measure: (corpus, size) => measureJournal(corpus, size.journals), onlyNamed: true },
};

const SIZES = {
  quick: {
    runs: 11,
    stream: 36_000,
    apple: 150,
    listen: { rounds: 1, express: 500, total: 20_000 },
    memory: 60_000,
    genuine: 100,
    journals: [10_000, 100_000],
  },
  full: {
    runs: 31,
    stream: 120_000,
    apple: 600,
    listen: { rounds: 3, express: 2_000, total: 100_000 },
    memory: 1_000_000,
    genuine: 300,
    journals: [10_000, 100_000, 1_000_000],
  },
};

const words = process.argv.slice(2);
const named = words.filter((word) => word !== '--quick');
const unknown = named.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  console.error(
    `There is no bench ${unknown}. Choose from ${Object.keys(BENCHES).join(', ')}; without a name those with a bar run.`,
  );
  process.exit(2);
}
const chosen = Object.entries(BENCHES).filter(([name, { onlyNamed }]) =>
  named.length > 0 ? named.includes(name) : onlyNamed !== true,
);
const size = words.includes('--quick') ? SIZES.quick : SIZES.full;
const corpus = await makeCorpus();
console.log(
  `Node ${process.versions.node}, ${availableParallelism()} cores, notifications of ${corpus.bytes} bytes with three tokens\n`,
);
try {
  for (const [, { measure }] of chosen) {
    for (const bar of await measure(corpus, size)) {
      console.log(describeBar(bar));
      if (!bar.met) process.exitCode = 1;
    }
  }
} finally {
  corpus.remove();
}
