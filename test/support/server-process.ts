import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { sleep } from '../../src/clock.js';

/** A port of loopback that nobody listens on: for programs that cannot be told to take any. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** All it wrote on stderr so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts a server of the system in the foreground and waits until it accepts connections; throws with its log where it does not. */
export async function startServerProcess(file: string, args: readonly string[], port: number): Promise<ServerProcess> {
  const child = spawn(file, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  for (let turn = 0; !(await accepts(port)); turn += 1) {
    if (turn === 4_000 || child.exitCode !== null) throw new Error(`${file} does not accept connections:\n${log}`);
    await sleep(25);
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
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
