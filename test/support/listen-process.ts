import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN } from './bin.js';

export interface ListenProcess {
  readonly child: ChildProcess;
  /** Where it listens, path included. */
  readonly url: string;
  /** Every event so far, `ready` first. */
  readonly events: readonly Record<string, unknown>[];
  /** Resolves once an event of which this is true has come, those before the call included. */
  seen(matches: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  /** Sends the signal and resolves with the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** Starts the built `storewire listen` on a free port in a folder of the test's own, and waits until it is ready. */
export async function startListen(cwd: string, args: readonly string[]): Promise<ListenProcess> {
  const child = spawn(process.execPath, [BIN, 'listen', '--port', '0', '--json', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: cwd },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const events: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const each of waiting.splice(0)) each();
  };
  // Whole lines only: one that SIGKILL cut is none.
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
    wake();
  });
  const closed = once(child, 'close').then(wake);
  const seen: ListenProcess['seen'] = async (matches) => {
    for (;;) {
      const found = events.find(matches);
      if (found !== undefined) return found;
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`listen ended: ${stderr}`);
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  };
  const ready = await seen(({ event }) => event === 'ready');
  return {
    ...{ child, events, seen },
    url: String(ready.url),
    async end(signal) {
      child.kill(signal);
      await closed;
      return child.signalCode ?? child.exitCode;
    },
  };
}
