import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN } from './bin.js';

/** The built binary serving the local page. */
export interface BuiltInspector {
  /** With the token in its fragment. */
  readonly url: string;
  readonly origin: string;
  readonly token: string;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<void>;
}

/** Starts a command that serves the page, on a port of its own unless `args` say otherwise; throws with its words where it ends before. */
export async function startBuiltInspector(
  cwd: string,
  args: readonly string[] = ['inspect', '--port', '0'],
): Promise<BuiltInspector> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    // A pipe would be read for payloads.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+\/#t=[\w-]+(?=\s)/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('close', () => reject(new Error(`ended without a page:\n${said}`)));
  });
  const { origin, hash } = new URL(url);
  return {
    url,
    origin,
    token: hash.slice('#t='.length),
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}
