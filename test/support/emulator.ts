import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { now, sleep } from '../../src/clock.js';
import { startEmulatorServer } from '../../src/emulator/emulator.js';
import type { EmulatorEvent } from '../../src/emulator/events.js';
import type { Emulator, EmulatorOptions } from '../../src/emulator/options.js';
import { type Authority, createAuthority } from '../../src/simulator/authority/authority.js';

export interface TestEmulator {
  readonly emulator: Emulator;
  readonly authority: Authority;
  readonly events: readonly EmulatorEvent[];
  /** Stops it and removes its keys. */
  close(): Promise<void>;
}

/** An emulator on free ports with the real clock, its keys in a folder of its own. */
export async function startTestEmulator(options: Partial<EmulatorOptions> = {}): Promise<TestEmulator> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'storewire-emulator-'));
  const authority = options.authority ?? (await createAuthority({ nowMs: Date.now() }));
  const events: EmulatorEvent[] = [];
  const onEvent = (event: EmulatorEvent): void => void events.push(event);
  const emulator = await startEmulatorServer({
    ...{ now, sleep, random: randomBytes, authority, stateFolder, onEvent, pendingMs: 0 },
    ...options,
  });
  return {
    emulator,
    authority,
    events,
    async close() {
      await emulator.stop();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

export interface TestEndpoint {
  readonly url: string;
  /** Bodies in the order they came. */
  readonly bodies: readonly string[];
  /** Answers to the next requests; 200 once they are used up. */
  answerNext(...statuses: readonly number[]): void;
  close(): Promise<void>;
}

/** An endpoint that takes notifications over plain http on loopback. */
export async function startTestEndpoint(): Promise<TestEndpoint> {
  const bodies: string[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/notifications`,
    bodies,
    answerNext: (...next) => void statuses.push(...next),
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
