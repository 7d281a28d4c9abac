import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * True while a process of this group runs. On Linux one that has ended and that its parent has not waited for does not: where PID 1
 * waits for nobody (a container without an init), it would stay for good. On Windows, which has no groups, false.
 */
export async function hasRunning(group: number, platform: NodeJS.Platform, processes = '/proc'): Promise<boolean> {
  if (platform === 'win32') return false;
  const ids = platform === 'linux' ? processIds(processes) : [];
  if (ids.length > 0) return ids.some((id) => runsIn(group, id));
  const [code] = await once(
    spawn('/bin/sh', ['-c', 'kill -s 0 -- "-$0"', String(group)], { env: {}, stdio: 'ignore' }),
    'exit',
  );
  return code === 0;
}

/** Empty where /proc is not mounted. */
function processIds(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** `/proc/PID/stat` is `PID (NAME) STATE PARENT GROUP …`; the name may hold anything. Of a process gone by now: false. */
function runsIn(group: number, pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(of) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
