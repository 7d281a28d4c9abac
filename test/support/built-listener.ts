import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN } from './bin.js';

/** One line of `listen --json`. */
export type ListenEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** The built binary listening, with a project and an authority of its own in `cwd`. */
export interface BuiltListener {
  readonly child: ChildProcess;
  /** Of its `ready`. */
  readonly url: string;
  readonly publicUrl: string | null;
  /** The first event, past or to come, that is of this kind; rejects when the process ends without it. */
  event(name: string, matches?: (event: ListenEvent) => boolean): Promise<ListenEvent>;
  stderr(): string;
  /** How it ended. */
  readonly ended: Promise<BuiltEnd>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<BuiltEnd>;
}

export interface BuiltEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ListenWish {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** In a process group of its own, as under a shell, so that it can be signalled as Ctrl-C does. */
  readonly hasOwnGroup?: boolean;
}

/** Starts `listen --json` on a free port; throws with what it said where it does not become ready. */
export async function startBuiltListener({
  cwd,
  args,
  env = {},
  hasOwnGroup = false,
}: ListenWish): Promise<BuiltListener> {
  const child = spawn(process.execPath, [BIN, 'listen', '--json', '--port', '0', ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: hasOwnGroup,
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as BuiltEnd);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const event = eventsOf(child, () => stderr);
  const { url, publicUrl = null } = await event('ready');
  return {
    child,
    url: String(url),
    publicUrl: publicUrl as string | null,
    event,
    stderr: () => stderr,
    ended,
    stop(signal = 'SIGINT') {
      child.kill(signal);
      return ended;
    },
  };
}

function eventsOf(child: ChildProcess, said: () => string): BuiltListener['event'] {
  const past: ListenEvent[] = [];
  const waiting = new Set<(event: ListenEvent | null) => void>();
  // Whole lines only: one that SIGKILL cut is none.
  let rest = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const event of lines.map((line) => JSON.parse(line) as ListenEvent)) {
      past.push(event);
      for (const take of waiting) take(event);
    }
  });
  child.on('close', () => {
    for (const take of waiting) take(null);
  });
  return (name, matches = () => true) => {
    const isIt = (event: ListenEvent): boolean => event.event === name && matches(event);
    const found = past.find(isIt);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const take = (event: ListenEvent | null): void => {
        if (event !== null && !isIt(event)) return;
        waiting.delete(take);
        if (event === null) reject(new Error(`ended without "${name}":\n${said()}`));
        else resolve(event);
      };
      waiting.add(take);
    });
  };
}

/** A body signed by the authority of the project in `cwd`, which `listen --trust-authority` believes there. */
export function signedBody(cwd: string, type: string): string {
  const args = [BIN, 'trigger', type, '--print', '--bundle-id', 'com.example.app'];
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', env: { PATH: process.env.PATH }, stdio }).trim();
}
