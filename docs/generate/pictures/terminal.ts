import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { Chalk } from 'chalk';
import type { Deps, OutputStream } from '../../../src/cli/deps.js';
import { sleep } from '../../../src/clock.js';
import { createDispatcher } from '../../../src/http/dispatcher.js';
import { main } from '../../../src/main.js';

/** Width of the terminal in the pictures: the narrowest in which a line of `listen` shows the deliveries, too. */
export const COLUMNS = 100;

/** The clock of the pictures starts here and runs. */
export const START_MS = Date.parse('2026-11-20T09:41:00Z');

/** A command in a terminal, in this process, with everything real but the clock. */
export interface TerminalRun {
  /** What it has written, escape sequences included. */
  text(): string;
  /** Resolves with the match once the output, without escape sequences, has one. */
  output(pattern: RegExp): Promise<RegExpExecArray>;
  /** As Ctrl-C. */
  interrupt(): void;
  readonly ended: Promise<number>;
}

export function startInTerminal(argv: readonly string[], folder: string): TerminalRun {
  const written = new EventEmitter();
  const stop = new AbortController();
  let text = '';
  const stream: OutputStream = {
    write(data) {
      text += Buffer.from(data).toString();
      written.emit('data');
    },
    drained: () => Promise.resolve(),
    isTty: true,
    columns: COLUMNS,
    paint: new Chalk({ level: 1 }),
    closed: new AbortController().signal,
  };
  const ended = main([...argv], terminalDeps(stream, folder, stop.signal)).finally(() => written.emit('data'));
  return {
    text: () => text,
    async output(pattern) {
      for (;;) {
        const found = pattern.exec(withoutLooks(text));
        if (found !== null) return found;
        const more = await Promise.race([once(written, 'data'), ended.then((code) => ({ code }))]);
        if ('code' in more && !pattern.test(withoutLooks(text)))
          throw new Error(`${argv[0]} ended without ${pattern}: ${text}`);
      }
    },
    interrupt: () => stop.abort('SIGINT'),
    ended,
  };
}

export const withoutLooks = (text: string): string => text.replaceAll(/\u001b\[\d*m/g, '');

const startedMs = performance.now();

function terminalDeps(stream: OutputStream, cwd: string, signal: AbortSignal): Deps {
  return {
    stdin: {
      isTty: false,
      async *chunks() {},
      setRaw: () => undefined,
    },
    stdout: stream,
    stderr: stream,
    env: { HOME: cwd },
    cwd,
    now: () => START_MS + Math.round(performance.now() - startedMs),
    sleep,
    random: (bytes) => randomBytes(bytes),
    http: createDispatcher,
    lookUp: async () => ['127.0.0.1'],
    prompts: () => Promise.reject(new Error('nobody is at the terminal of a picture')),
    signal,
    suspend: () => Promise.resolve(),
    startWorker: null,
    cores: 1,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    processId: process.pid,
    isRunning: () => false,
  };
}
