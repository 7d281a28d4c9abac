import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');
export const BIN = path.join(ROOT, 'bin/storewire.js');
export const SAMPLES = path.join(ROOT, 'samples');

export interface BinRun {
  /** The exit code, or the signal that ended it. */
  readonly ended: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built binary with pipes at all three streams. */
export function startBin(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd: string = ROOT): ChildProcess {
  const { PATH } = process.env;
  return spawn(process.execPath, [BIN, ...args], { stdio: 'pipe', env: { PATH, ...env }, cwd });
}

/** Runs the built binary to its end. */
export async function runBin(
  args: readonly string[],
  input = '',
  env: NodeJS.ProcessEnv = {},
  cwd: string = ROOT,
): Promise<BinRun> {
  const child = startBin(args, env, cwd);
  child.stdin?.end(input);
  return collect(child);
}

export async function collect(child: ChildProcess): Promise<BinRun> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { ended: signal ?? code, stdout, stderr };
}
