import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorityOptions, registerAuthority, runAuthority } from '../../src/cli/commands/authority.js';
import type { Deps } from '../../src/cli/deps.js';
import { captureOutput, TEST_NOW_MS } from '../support/run-cli.js';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-authority-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function run(options: Partial<AuthorityOptions> = {}, isTty = false) {
  const stdout = captureOutput({ isTty, columns: 100 });
  const stderr = captureOutput();
  const code = await runAuthority(
    { pem: false, der: false, json: false, ...options },
    {
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: { HOME: home },
      cwd: home,
      now: () => TEST_NOW_MS,
      platform: process.platform,
      userId: process.geteuid?.() ?? -1,
    },
  );
  return { code, stdout: stdout.text(), stderr: stderr.text(), bytes: stdout.bytes() };
}

describe('authority, wiring', () => {
  async function parse(argv: readonly string[]): Promise<AuthorityOptions | undefined> {
    let options: AuthorityOptions | undefined;
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    const capture = async (given: AuthorityOptions) => {
      options = given;
      return 0 as const;
    };
    registerAuthority(program, {} as Deps, () => undefined, capture);
    await program.parseAsync(['authority', ...argv], { from: 'user' });
    return options;
  }

  it('has defaults', async () => expect(await parse([])).toEqual({ pem: false, der: false, json: false }));
  it('takes every flag', async () => {
    const options = { pem: true, der: true, json: true, profile: 'p' };
    expect(await parse('--pem --der --json --profile p'.split(' '))).toEqual(options);
  });
});
