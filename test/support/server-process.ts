import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { sleep } from '../../src/clock.js';

/** Below the ports that a system gives to whoever asks for any: from 32,768 on Linux, from 49,152 elsewhere. */
const LOWEST_PORT = 15_000;

const HIGHEST_PORT = 32_000;

/** A port of loopback on which nothing listens, and which nothing is given by chance: for a program that cannot take any, or to be refused. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** All it wrote on stderr so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts a server of the system in the foreground and waits until each port accepts connections; throws with its log where one does not. */
export async function startServerProcess(
  file: string,
  args: readonly string[],
  ...ports: readonly number[]
): Promise<ServerProcess> {
  const child = spawn(file, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;
  for (const port of ports) {
    for (let turn = 0; !(await accepts(port)); turn += 1) {
      if (turn === 4_000 || hasExited()) throw new Error(`${file} does not accept connections:\n${log}`);
      await sleep(25);
    }
  }
  const stop = async (): Promise<void> => {
    if (hasExited()) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { child, log: () => log, stop };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
