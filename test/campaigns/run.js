// npm run campaign -- NAME [--seed N] [--rounds N] [--minutes N]: a search for defects that is too long for the tests. The seed is
// printed, so that a run can be repeated; the exit code is 1 where the campaign found a defect. Without NAME: the list.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createViteServer } from 'vitest/node';

const FOLDER = import.meta.dirname;
/** A defect that repeats in every round must not bury the figures. */
const MOST_PRINTED = 50;

const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'));
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, rounds: { type: 'string' }, minutes: { type: 'string' } },
});
const [name] = positionals;

// Vite reads TypeScript as the tests do, and keeps the file names and folders of the sources.
const server = await createViteServer({
  root: path.join(FOLDER, '../..'),
  configFile: false,
  appType: 'custom',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  logLevel: 'error',
});
try {
  if (name === undefined) await list();
  else if (names.includes(name)) await run(name);
  else {
    console.error(`no campaign ${JSON.stringify(name)}; there are: ${names.join(', ')}`);
    process.exitCode = 2;
  }
} finally {
  await server.close();
}

async function list() {
  for (const each of names) console.log(`${each.padEnd(16)}  ${(await load(each)).summary}`);
}

async function run(campaignName) {
  const seed = wholeNumber('seed', values.seed) ?? Math.floor(Math.random() * 2 ** 31);
  const minutes = wholeNumber('minutes', values.minutes) ?? Infinity;
  const startedMs = Date.now();
  const elapsedSeconds = () => ((Date.now() - startedMs) / 1000).toFixed(0);
  console.log(`campaign ${campaignName}, seed ${seed}, Node ${process.versions.node}`);
  const campaign = await load(campaignName);
  const { figures, failures } = await campaign.run({
    seed,
    rounds: wholeNumber('rounds', values.rounds),
    isOver: () => Date.now() - startedMs >= minutes * 60_000,
    log: (line) => console.log(`${elapsedSeconds().padStart(6)} s  ${line}`),
  });
  for (const failure of failures.slice(0, MOST_PRINTED)) console.log(`DEFECT  ${failure}`);
  if (failures.length > MOST_PRINTED) console.log(`DEFECT  and ${failures.length - MOST_PRINTED} more`);
  for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(32)}  ${value.toLocaleString()}`);
  console.log(`${failures.length} defects in ${elapsedSeconds()} s (seed ${seed})`);
  if (failures.length > 0) process.exitCode = 1;
}

async function load(campaignName) {
  const { campaign } = await server.ssrLoadModule(path.join(FOLDER, `${campaignName}.ts`));
  return campaign;
}

function wholeNumber(option, text) {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`--${option} takes a whole number`);
}
