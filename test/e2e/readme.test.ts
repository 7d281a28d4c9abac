import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, ROOT, runBin, SAMPLES } from '../support/bin.js';
import { startBuiltListener } from '../support/built-listener.js';
import {
  asks,
  commandLinesOf,
  type DocumentedWorld,
  openDocumentedWorld,
  PAGES,
  runsOn,
  textOf,
} from '../support/documented-world.js';

/** Lines of zsh and PowerShell, which completion-shells.test.ts gives to those. */
const NEEDS_OTHER_SHELL = /storewire completion (zsh\)|powershell \|)/;

/** Sends to the listen of the project: tested with the lines around it. */
const NEEDS_LISTENER = 'npx storewire trigger REFUND';

/** Every line of the README and of docs/ that runs storewire, each once. */
const LINES = [...new Set(PAGES.flatMap(commandLinesOf))].filter(
  (line) => !asks(line) && !NEEDS_OTHER_SHELL.test(line) && line !== NEEDS_LISTENER,
);
const COMMANDS = LINES.filter((line) => !runsOn(line));
const RUN_ON = LINES.filter(runsOn);
const USAGE = 2;
const BUG = 70;

/** Needs a genuine payload of another app, which nobody may publish. */
const NEEDS_GENUINE = /--genuine/;

let world: DocumentedWorld;
beforeAll(async () => {
  world = await openDocumentedWorld();
});
afterAll(() => world.close());

// In their order: `endpoint restore` undoes what `endpoint set` did, and an emulator that was interrupted is no longer found.
describe.skipIf(process.platform === 'win32')('the README and docs', { shuffle: false }, () => {
  describe('every command', () => {
    it('is found', () => expect(COMMANDS.length).toBeGreaterThan(80));

    it.each(COMMANDS)('%s', async (line) => {
      const { ended, stdout, stderr } = await world.run(line);
      if (NEEDS_GENUINE.test(line)) {
        expect({ ended, stderr }).toMatchObject({ ended: USAGE, stderr: expect.stringContaining('transaction.jws') });
        return;
      }
      expect({ ended, stderr }).not.toMatchObject({ ended: USAGE });
      expect({ ended, stderr }).not.toMatchObject({ ended: BUG });
      expect(stderr).not.toMatch(/command not found|syntax error/);
      const written = / > (\S+)$/.exec(line)?.[1]?.replace('~', world.folder);
      const isSilent = /^(eval|source) /.test(line);
      const said =
        written === undefined ? `${stdout}${stderr}` : readFileSync(path.resolve(world.folder, written), 'utf8');
      if (!isSilent) expect(said).not.toBe('');
    });
  });

  describe('everything that runs on', () => {
    it('is found', () => expect(RUN_ON.length).toBeGreaterThan(10));

    it.each(RUN_ON)('%s', async (line) => {
      const { ended, stderr } = await world.runAndInterrupt(line);
      const isInterrupted = line.includes('--expect') || line.includes('--watch');
      expect({ ended, stderr }).toMatchObject({ ended: isInterrupted ? 'SIGINT' : 0 });
    });
  });
});

describe('the first screen of the README', () => {
  it('has a listen that accepts what trigger sends, and timeline shows it', async () => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'storewire-first-screen-'));
    const [listen = [], trigger, timeline] = commandLinesOf('README.md')
      .slice(3, 6)
      .map((line) => line.split(' ').slice(2));
    expect([listen[0], trigger, timeline]).toEqual(['listen', ['trigger', 'REFUND'], ['timeline']]);
    const endpoint = new URL(world.endpointUrl);
    const args = listen.slice(1).map((word) => (word.startsWith(':') ? `:${endpoint.port}${endpoint.pathname}` : word));
    const listener = await startBuiltListener({ cwd, args, env: { HOME: cwd } });
    const sent = await runBin(trigger ?? [], '', { HOME: cwd }, cwd);
    expect(sent, sent.stdout).toMatchObject({ ended: 0 });
    expect(await listener.event('forwarded')).toMatchObject({ httpStatus: 200 });
    await listener.stop('SIGINT');
    const shown = await runBin(timeline ?? [], '', { HOME: cwd }, cwd);
    expect(shown).toMatchObject({ ended: 0, stdout: expect.stringMatching(/refunded/i) });
    rmSync(cwd, { recursive: true });
  });

  it('fits into 24 lines of 80 columns', () => {
    const lines = textOf('README.md').split('\n');
    const end = lines.indexOf('```', lines.indexOf('```sh'));
    const rows = lines.slice(0, end + 1).map(({ length }) => Math.max(1, Math.ceil(length / 80)));
    expect(rows.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(24);
    expect(lines.slice(lines.indexOf('```sh'), end).filter(({ length }) => length > 80)).toEqual([]);
  });
});

describe('the code of the README', () => {
  it('runs as it stands, one block after the other', async () => {
    const blocks = [...textOf('README.md').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    const [inApp = '', inTests = ''] = blocks;
    expect(blocks).toHaveLength(2);
    const script = [inTests, inApp, "console.log('verdict', verification.verdict);"]
      .join('\n')
      .replace('http://127.0.0.1:3000/', world.endpointUrl)
      .replace("kind: 'notification',", "kind: 'notification', roots: [rootPem],");
    // Node has `await using` from version 24 on.
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    const { outputText } = ts.transpileModule(script, { compilerOptions: options });
    const child = spawn(process.execPath, ['--input-type=module', '-e', outputText], { cwd: ROOT });
    const { ended, stdout, stderr } = await collect(child);
    expect({ ended, stderr }).toEqual({ ended: 0, stderr: '' });
    expect(stdout).toBe('REFUND com.example.app\nverdict valid\n');
  });
});

describe('what the README says of its samples', () => {
  it('the root makes them valid, and without it they are refused', async () => {
    const sample = path.join(SAMPLES, 'did-renew.json');
    expect((await runBin(['verify', sample, '--root', path.join(SAMPLES, 'root.pem')])).ended).toBe(0);
    expect((await runBin(['verify', sample])).ended).toBe(1);
  });

  it('they are what the builders make', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(SAMPLES, 'make.js'), '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
  });
});
