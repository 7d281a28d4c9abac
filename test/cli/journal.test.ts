import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerJournal } from '../../src/cli/commands/journal.js';
import type { Deps } from '../../src/cli/deps.js';
import { type RecordedJournal, recordJournal } from '../support/recorded-journal.js';
import { TEST_NOW_MS } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';

let journal: RecordedJournal;
beforeEach(async () => {
  journal = await recordJournal();
});
afterEach(async () => {
  await journal.close();
  journal.remove();
});

async function run(argv: string, more: Partial<Deps> = {}, terminal: { columns?: number; isTty?: boolean } = {}) {
  const deps: Partial<Deps> = {
    env: { HOME: journal.home },
    cwd: journal.home,
    now: () => TEST_NOW_MS,
    signal: new AbortController().signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    processId: process.pid,
    isRunning: () => false,
    ...more,
  };
  return runCommand(registerJournal as Register, ['journal', ...argv.split(' ').filter(Boolean)], deps, terminal);
}

describe('try', () => {
  it('list', async () => {
    const one = await journal.receive();
    await journal.deliver(one, 'app', 200);
    const two = await journal.receive(
      { type: 'REFUND', environment: 'Production' },
      { targets: ['app', 'RevenueCat'] },
    );
    await journal.deliver(two, 'app', 503, { attempt: 3 });
    await journal.receive({}, {}, one.jws);
    await journal.reject(Buffer.from('{"signedPayload":"nope"}'));
    await journal.reject(Buffer.from('nope \u001b[2J'));
    for (const columns of [60, 80, 120, Infinity]) {
      const got = await run('list', {}, { columns });
      console.log(columns + '\n' + got.stdout + got.stderr);
    }
    const got = await run('show last', {}, { columns: 100 });
    console.log(got.stdout + got.stderr);
    console.log((await run('show 02ab', {}, { columns: 100 })).stdout);
    console.log((await run('list --json', {}, { columns: 100 })).stdout.slice(0, 1000));
  });
});
