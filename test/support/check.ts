import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../src/cli/deps.js';
import { registerCheck } from '../../src/commands/check/command.js';
import type { Emulator, EmulatorOptions } from '../../src/emulator/options.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { type Authority, createAuthority } from '../../src/simulator/authority/authority.js';
import { startTestEmulator } from './emulator.js';
import { startTestListener, type TestListener } from './listener.js';
import type { CliRun } from './run-cli.js';
import { type Register, runCommand } from './run-command.js';
import { startSteadyTime, steadySleep } from './steady-time.js';
import { systemLookUp } from './world.js';

type Env = Readonly<Record<string, string | undefined>>;

/** A build server: no terminal, settings in the environment alone, the emulator as Apple, a folder of its own. */
export interface BuildServer {
  readonly folder: string;
  /** An endpoint that takes what this Apple signs and nothing else. */
  readonly endpoint: TestListener;
  readonly authority: Authority;
  /** An Apple whose sandbox sends to the good endpoint by default. */
  emulate(options?: Partial<EmulatorOptions>): Promise<Emulator>;
  /** Runs `check`, steady time and real sockets, all in this process. */
  check(argv: readonly string[], env: Env, deps?: Partial<Deps>): Promise<CliRun>;
  close(): Promise<void>;
}

export async function startBuildServer(): Promise<BuildServer> {
  const folder = mkdtempSync(join(tmpdir(), 'storewire-check-'));
  const authority = await createAuthority({ nowMs: Date.now() });
  const endpoint = await startTestListener({ authority, path: '/apple' });
  const closing: (() => Promise<void>)[] = [];
  return {
    ...{ folder, endpoint, authority },
    async emulate(options = {}) {
      const { emulator, close } = await startTestEmulator({ authority, sandboxUrl: endpoint.url, ...options });
      closing.push(close);
      return emulator;
    },
    check: (argv, env, deps = {}) => run(argv, { ...deps, cwd: folder, env: { HOME: folder, ...env } }),
    async close() {
      for (const close of closing) await close();
      await endpoint.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the ready block of the emulator exports: all that a build server is given. */
export function exportsOf(emulator: Emulator): Readonly<Record<string, string>> {
  return {
    STOREWIRE_BUNDLE_ID: emulator.bundleId,
    STOREWIRE_ISSUER_ID: emulator.issuerId,
    STOREWIRE_KEY_ID: emulator.keyId,
    STOREWIRE_PRIVATE_KEY_PATH: emulator.privateKeyPath,
    STOREWIRE_CONNECT_ISSUER_ID: emulator.connect.issuerId,
    STOREWIRE_CONNECT_KEY_ID: emulator.connect.keyId,
    STOREWIRE_CONNECT_PRIVATE_KEY_PATH: emulator.connect.privateKeyPath,
    STOREWIRE_SERVER_API_SANDBOX_URL: emulator.serverApi.sandbox,
    STOREWIRE_SERVER_API_PRODUCTION_URL: emulator.serverApi.production,
    STOREWIRE_CONNECT_API_URL: emulator.connectApi,
    STOREWIRE_ROOT: emulator.rootPath,
  };
}

async function run(argv: readonly string[], deps: Partial<Deps>): Promise<CliRun> {
  const { now, stop } = startSteadyTime();
  const running = runCommand(registerCheck as Register, ['check', ...argv], {
    now,
    sleep: steadySleep,
    random: (bytes) => randomBytes(bytes),
    http: createDispatcher,
    lookUp: systemLookUp,
    signal: new AbortController().signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    ...deps,
  });
  return running.finally(stop);
}
