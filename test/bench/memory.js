import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/storewire.js', import.meta.url));
const MIB = 1024 * 1024;
/** 200 MiB at 2 cores, 16 MiB for each further worker; eight workers at most. */
const limitMib = 200 + 16 * Math.max(0, Math.min(8, availableParallelism()) - 2);

/** Resident memory of one run over a long pipe, after a tenth of it and at its end. Linux only: elsewhere there is no /proc. */
export async function measureMemory({ lines, files }, payloads) {
  if (process.platform !== 'linux') return [];
  const child = spawn(process.execPath, [BIN, 'verify', '-', '--json', '--root', files.root], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdout.resume();
  let early = 0;
  let last = 0;
  for (let at = 0; at < payloads; at++) {
    if (!child.stdin.write(lines[at % lines.length])) await once(child.stdin, 'drain');
    if (at % 1000 === 999) last = memoryOf(child.pid).current;
    if (at === Math.floor(payloads / 10)) early = memoryOf(child.pid).peak;
  }
  const { peak } = memoryOf(child.pid);
  child.stdin.end();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`storewire verify - ended with ${code}`);
  return [
    {
      name: `memory over ${payloads.toLocaleString('en-US')}`,
      measured: `peak ${peak.toFixed(0)} MiB, ${early.toFixed(0)} MiB after a tenth, ${last.toFixed(0)} MiB at the end`,
      bar: `<= ${limitMib} MiB, flat`,
      met: peak <= limitMib && peak <= early * 1.15,
    },
  ];
}

/** Resident memory of a process in MiB. Linux only. */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { peak: (kib('VmHWM') * 1024) / MIB, current: (kib('VmRSS') * 1024) / MIB };
}
