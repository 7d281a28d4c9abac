import { Readable } from 'node:stream';
import { Chalk } from 'chalk';
import { MockAgent } from 'undici';
import type { Deps, InputStream, OutputStream } from '../../src/cli/deps.js';
import { main } from '../../src/main.js';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOverrides extends Partial<Deps> {
  /** What is piped in; a terminal with nobody at it where left out. */
  readonly input?: string | Uint8Array | readonly Uint8Array[];
}

/** The moment every test run happens at: 2026-11-20T12:00:00Z. */
export const TEST_NOW_MS = 1_795_176_000_000;

/** Runs one command line in this process: real parsing, real files, no network, no terminal, a fixed clock. */
export async function runCli(argv: readonly string[], overrides: CliOverrides = {}): Promise<CliRun> {
  const { input, ...deps } = overrides;
  const stdout = captureOutput();
  const stderr = captureOutput();
  const agent = new MockAgent();
  agent.disableNetConnect();
  const code = await main(argv, { ...testDeps(stdout.stream, stderr.stream, agent, input), ...deps });
  agent.assertNoPendingInterceptors();
  await agent.close();
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function testDeps(stdout: OutputStream, stderr: OutputStream, agent: MockAgent, input: CliOverrides['input']): Deps {
  return {
    stdin: input === undefined ? absentInput() : pipedInput(input),
    stdout,
    stderr,
    env: {},
    cwd: process.cwd(),
    now: () => TEST_NOW_MS,
    sleep: () => Promise.resolve(),
    random: (bytes) => new Uint8Array(bytes).fill(7),
    http: () => Promise.resolve(agent),
    lookUp: async (name) => {
      if (name === 'localhost') return ['127.0.0.1'];
      throw Object.assign(new Error(`no test resolves ${name}`), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
    },
    prompts: () => Promise.reject(new Error('nobody is at the terminal of a test')),
    signal: new AbortController().signal,
    suspend: () => Promise.resolve(),
    startWorker: null,
    cores: 1,
    platform: 'linux',
    userId: process.geteuid?.() ?? -1,
    processId: process.pid,
    isRunning: () => false,
  };
}

export interface Captured {
  readonly stream: OutputStream;
  text(): string;
}

/** An output stream that keeps what is written; no terminal unless told otherwise. */
export function captureOutput(options: { isTty?: boolean; columns?: number } = {}): Captured {
  const chunks: Buffer[] = [];
  return {
    stream: {
      write: (data) => void chunks.push(Buffer.from(data)),
      drained: () => Promise.resolve(),
      isTty: options.isTty ?? false,
      columns: options.columns ?? Number.POSITIVE_INFINITY,
      paint: new Chalk({ level: 0 }),
      closed: new AbortController().signal,
    },
    text: () => Buffer.concat(chunks).toString(),
  };
}

export function pipedInput(input: string | Uint8Array | readonly Uint8Array[]): InputStream {
  const chunks = Array.isArray(input) ? input : [Buffer.from(input as string)];
  return { isTty: false, chunks: () => Readable.from(chunks), setRaw: () => undefined };
}

function absentInput(): InputStream {
  return { isTty: false, isPiped: false, chunks: () => Readable.from([]), setRaw: () => undefined };
}
