import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { now, sleep } from '../../src/clock.js';
import { registerAudit } from '../../src/commands/audit/command.js';
import { ensureStateFolder, findStateFolder } from '../../src/settings/state-folder.js';
import { openAuthority } from '../../src/simulator/authority/authority-file.js';
import { seededRandom } from '../../src/simulator/random.js';
import { SAMPLES } from '../support/bin.js';
import { startBuiltListener } from '../support/built-listener.js';
import { pipedInput } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';

const APP = 'com.example.app';
const USER_ID = process.geteuid?.() ?? -1;

interface Report {
  readonly verdict: string;
  readonly doubt: string | null;
  readonly trustsAuthority: boolean | null;
  readonly attempts: readonly { readonly id: string; readonly believed: boolean | null; readonly httpStatus: number }[];
  readonly controls: readonly { readonly id: string; readonly httpStatus: number }[];
  readonly observations: readonly { readonly id: string; readonly seen: string | null }[];
}

let folder: string;
let rootPath: string;
const servers: ChildProcess[] = [];
const agent = new Agent();

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-audit-')));
  const state = ensureStateFolder(findStateFolder(folder, null, USER_ID), USER_ID);
  ({ rootPath } = await openAuthority(path.join(state, 'authority'), { nowMs: now(), userId: USER_ID }));
});
afterAll(async () => {
  const ended = servers.map((server) => once(server, 'exit'));
  for (const server of servers) server.kill();
  await Promise.all(ended);
  await agent.close();
  rmSync(folder, { recursive: true });
});

/** Starts one of the sample servers as a process; resolves with its address. */
async function start(name: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(process.execPath, [path.join(SAMPLES, 'servers', name)], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', ROOT: rootPath, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(child);
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /^listening on (http:\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout!.resume();
    return url;
  }
  throw new Error(`${name} did not start`);
}

async function audit(url: string, ...flags: readonly string[]): Promise<{ code: number; report: Report }> {
  const deps = {
    ...{ stdin: pipedInput(''), env: { HOME: folder, PATH: process.env.PATH }, cwd: folder, now, sleep },
    ...{ random: seededRandom(`${url}${flags}`), http: () => Promise.resolve(agent) },
    ...{ signal: new AbortController().signal, platform: process.platform, userId: USER_ID },
  };
  const { code, stdout, stderr } = await runCommand(registerAudit, ['audit', url, '--json', ...flags], deps);
  if (stdout === '') throw new Error(stderr);
  return { code, report: JSON.parse(stdout) as Report };
}

const believed = ({ attempts }: Report): readonly string[] =>
  attempts.filter((attempt) => attempt.believed === true).map(({ id }) => id);

describe.concurrent('audit of the sample servers', () => {
  it('finds that a server which only decodes accepts everything', async () => {
    const { code, report } = await audit(await start('only-decodes.js'));
    expect(report.controls.map(({ httpStatus }) => httpStatus)).toEqual([400, 400, 400]);
    expect({ code, verdict: report.verdict }).toEqual({ code: 1, verdict: 'unsafe' });
    // A version 1 body has no signedPayload to decode.
    const missed = report.attempts.filter((attempt) => attempt.believed !== true).map(({ id }) => id);
    expect(missed).toEqual(['forged.version-1']);
  });

  it('finds that a server which trusts x5c[0] accepts every chain, and no broken signature', async () => {
    const { code, report } = await audit(await start('trusts-x5c.js'));
    expect({ code, verdict: report.verdict }).toEqual({ code: 1, verdict: 'unsafe' });
    const found = believed(report);
    expect(found).toContain('forged.self-made-chain');
    expect(found).toContain('forged.foreign-root');
    expect(found).toContain('forged.one-certificate');
    expect(found).toContain('forged.expired-chain');
    expect(found).toContain('forged.genuine-nested');
    expect(found).toContain('forged.xcode');
    for (const id of [
      'forged.alg-none',
      'forged.hs256-public-key',
      'forged.wrong-key',
      'forged.zero-signature',
      'forged.jwk',
    ]) {
      expect(found).not.toContain(id);
    }
  });

  it("finds nothing in one that uses Apple's library, and looks behind its root", async () => {
    const { code, report } = await audit(await start('apples-library.js'), '--control', '--bundle-id', APP);
    expect(believed(report)).toEqual([]);
    expect({ code, verdict: report.verdict, trusts: report.trustsAuthority }).toEqual({
      code: 0,
      verdict: 'safe',
      trusts: true,
    });
    expect(report.attempts.length).toBeGreaterThanOrEqual(20);
    expect(report.attempts.every((attempt) => attempt.believed === false)).toBe(true);
    const seen = Object.fromEntries(report.observations.map((each) => [each.id, each.seen]));
    expect(seen).toMatchObject({
      'observed.duplicate': 'answered 200, then answered 200',
      'observed.late': 'answered 200',
      'observed.out-of-order': 'answered 200, then answered 200',
      'observed.other-environment': 'Production: answered 400',
      'observed.burst': expect.stringMatching(/^50 × answered 200; the slowest took \d+ ms$/),
    });
  });

  it('distinguishes a safe server from one that rejects everything', async () => {
    const url = await start('apples-library.js', { BUNDLE_ID: 'com.example.other' });
    const { code, report } = await audit(url, '--control', '--bundle-id', APP);
    expect({ code, verdict: report.verdict, doubt: report.doubt }).toEqual({
      code: 5,
      verdict: 'inconclusive',
      doubt: 'refuses-everything',
    });
  });

  it('has no verdict on one that answers before it checks, until --effect settles it', async () => {
    const url = await start('hasty.js', { TAKEN: 'taken.txt' });
    const { code, report } = await audit(url);
    expect({ code, verdict: report.verdict, doubt: report.doubt }).toEqual({
      code: 5,
      verdict: 'inconclusive',
      doubt: 'answers-before-it-checks',
    });
    expect(report.attempts.every((attempt) => attempt.believed === null && attempt.httpStatus === 200)).toBe(true);
    const effect = 'grep -qs "$STOREWIRE_NOTIFICATION_UUID" taken.txt';
    const settled = await audit(url, '--control', '--bundle-id', APP, '--effect', effect);
    expect(believed(settled.report)).toEqual([]);
    expect({ code: settled.code, verdict: settled.report.verdict }).toEqual({ code: 0, verdict: 'safe' });
  });

  it('finds nothing in storewire listen', async () => {
    const listener = await startBuiltListener({ cwd: folder, args: ['--trust-authority', '--bundle-id', APP] });
    try {
      const { code, report } = await audit(listener.url, '--control', '--bundle-id', APP);
      expect(believed(report)).toEqual([]);
      expect({ code, verdict: report.verdict, trusts: report.trustsAuthority }).toEqual({
        code: 0,
        verdict: 'safe',
        trusts: true,
      });
    } finally {
      await listener.stop();
    }
  });
});
