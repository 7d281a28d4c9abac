import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/** Makes the journal, as it is in the source now, importable by real processes; returns a function that tells where. */
export function useBuiltJournal(): () => string {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'storewire-built-'));
    const bundle = await rolldown({ input: 'src/journal/journal.ts', platform: 'node', logLevel: 'silent' });
    await bundle.write({ file: join(folder, 'journal.mjs'), format: 'esm' });
    await bundle.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => join(folder, 'journal.mjs');
}

export interface Running {
  readonly child: ChildProcess;
  /** The next line it prints; null at its end. */
  next(): Promise<string | null>;
  /** `kill -9`; returns what it had printed and was not read yet. */
  kill(): Promise<readonly string[]>;
}

/** Runs a module text in a process of its own, which is gone when the test is. `process.argv[1]` and on are `parameters`. */
export function run(text: string, ...parameters: readonly string[]): Running {
  const child = spawn(process.execPath, ['--input-type=module', '-e', text, ...parameters], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async (): Promise<string | null> => {
    const { value, done } = await lines.next();
    return done === true ? null : value;
  };
  return {
    child,
    next,
    kill: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      const rest: string[] = [];
      for (let line = await next(); line !== null; line = await next()) rest.push(line);
      return rest;
    },
  };
}
