import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median, times } from './report.js';

const BIN = fileURLToPath(new URL('../../bin/storewire.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Whole processes, one after the other in turn, so that what slows one slows all. */
export function measureProcess({ files }, runs) {
  const commands = {
    bare: ['-e', '0'],
    decode: [BIN, 'decode', files.one],
    verify: [BIN, 'verify', files.one, '--root', files.root],
    apple: ['-e', "require('@apple/app-store-server-library')"],
  };
  const taken = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, args] of Object.entries(commands)) taken[name].push(timeOf(args));
  }
  const ms = Object.fromEntries(Object.entries(taken).map(([name, all]) => [name, median(all)]));
  const show = (name) => `${ms[name].toFixed(1)} ms, bare node ${ms.bare.toFixed(1)} ms: ${times(ms[name] / ms.bare)}`;
  return [
    {
      name: 'decode of one, whole process',
      measured: show('decode'),
      bar: '<= 1.40 x',
      met: ms.decode <= 1.4 * ms.bare,
    },
    {
      name: 'verify of one, whole process',
      measured: show('verify'),
      bar: '<= 1.55 x',
      met: ms.verify <= 1.55 * ms.bare,
    },
    {
      name: "verify of one, beside Apple's import",
      measured: `${ms.verify.toFixed(1)} ms, import alone ${ms.apple.toFixed(1)} ms`,
      bar: 'faster',
      met: ms.verify < ms.apple,
    },
  ];
}

function timeOf(args) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: ROOT,
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}
