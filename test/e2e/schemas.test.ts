import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_KEYS } from '../../src/settings/names.js';
import { BIN, collect, ROOT, runBin, SAMPLES } from '../support/bin.js';

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

/** The schema as the package has it, and what of a value breaks it; every line of output must be one JSON value. */
function violationsOf(file: string, output: string): readonly unknown[] {
  const schema = readSchema(file);
  const validate = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
  const values = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return values.flatMap((value) => (validate(value) ? [] : [{ value, errors: validate.errors }]));
}

function readSchema(file: string) {
  return JSON.parse(readFileSync(path.join(ROOT, 'schemas', file), 'utf8'));
}

const SAMPLE = path.join(SAMPLES, 'did-renew.json');
const SAMPLE_ROOT = path.join(SAMPLES, 'root.pem');

let folder: string;
let endpoint: Server;
let emulator: ReturnType<typeof spawn>;
let env: NodeJS.ProcessEnv;
const emulated: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-schemas-'));
  endpoint = createServer((request, response) => request.resume().on('end', () => response.end()));
  await once(endpoint.listen(0, '127.0.0.1'), 'listening');
  const { port } = endpoint.address() as AddressInfo;
  const { PATH } = process.env;
  const args = ['emulator', '--port', '0', '--json', '--sandbox-url', `http://127.0.0.1:${port}/`];
  emulator = spawn(process.execPath, [BIN, ...args], { cwd: folder, env: { PATH, HOME: folder } });
  const lines = createInterface({ input: emulator.stdout! }).on('line', (line) => emulated.push(line));
  await once(lines, 'line');
  const ready = JSON.parse(emulated[0] ?? '');
  env = {
    HOME: folder,
    STOREWIRE_SERVER_API_SANDBOX_URL: ready.serverApi.sandbox,
    STOREWIRE_SERVER_API_PRODUCTION_URL: ready.serverApi.production,
    STOREWIRE_ISSUER_ID: ready.issuerId,
    STOREWIRE_KEY_ID: ready.keyId,
    STOREWIRE_PRIVATE_KEY_PATH: ready.privateKeyPath,
    STOREWIRE_BUNDLE_ID: ready.bundleId,
    STOREWIRE_ROOT: ready.rootPath,
  };
});

afterAll(() => {
  emulator.kill('SIGKILL');
  endpoint.close();
  rmSync(folder, { recursive: true });
});

const run = (...args: readonly string[]) => runBin(args, '', env, folder);

describe('what the commands print is what the schemas say', () => {
  it.each([
    ['decode', ['decode', SAMPLE, '--json']],
    ['decode --raw', ['decode', SAMPLE, '--json', '--raw']],
    ['verify', ['verify', SAMPLE, '--json', '--root', SAMPLE_ROOT]],
    ['verify of a forgery', ['verify', SAMPLE, '--json']],
    [
      'decode of a truncated token',
      ['decode', JSON.parse(readFileSync(SAMPLE, 'utf8')).signedPayload.slice(0, 9_000), '--json'],
    ],
    [
      'verify of a truncated token',
      ['verify', JSON.parse(readFileSync(SAMPLE, 'utf8')).signedPayload.slice(0, 9_000), '--json'],
    ],
  ])('%s: document.json', async (_what, args) => {
    const { stdout } = await runBin(args);
    expect(stdout).not.toBe('');
    expect(violationsOf('document.json', stdout)).toEqual([]);
  });

  it.each([['decode'], ['verify']])('%s --summary: summary.json', async (command) => {
    const { stdout } = await runBin([command, SAMPLES, '--summary', '--json']);
    expect(JSON.parse(stdout).total).toBeGreaterThan(10);
    expect(violationsOf('summary.json', stdout)).toEqual([]);
  });

  it('timeline: timeline.json', async () => {
    const { stdout } = await runBin(['timeline', SAMPLES, '--json']);
    expect(stdout.trim().split('\n').length).toBeGreaterThan(10);
    expect(violationsOf('timeline.json', stdout)).toEqual([]);
  });

  it('trigger --export-scenario: story.json', async () => {
    const { stdout } = await runBin(['trigger', '--export-scenario', 'billing-retry', '--json']);
    expect(violationsOf('story.json', stdout)).toEqual([]);
    expect(violationsOf('story.json', '[{"typ":"REFUND"}]')).not.toEqual([]);
  });

  it('lookup and replay: document.json', async () => {
    const triggered = await run('trigger', '--scenario', 'refund', '--via-emulator', '--json');
    const { transaction } = JSON.parse(triggered.stdout).notifications[0];
    const lookedUp = await run('lookup', transaction.originalTransactionId, '--environment', 'sandbox', '--json');
    expect(lookedUp.stdout, lookedUp.stderr).toContain('"source":"lookup:');
    expect(violationsOf('document.json', lookedUp.stdout)).toEqual([]);
    const { port } = endpoint.address() as AddressInfo;
    const replayed = await run('replay', SAMPLE, '-f', `http://127.0.0.1:${port}/`, '--root', SAMPLE_ROOT, '--json');
    expect(replayed.stdout, replayed.stderr).toContain('"deliveries":');
    expect(violationsOf('document.json', replayed.stdout)).toEqual([]);
  });

  it('test, status and history: test.json and document.json', async () => {
    const tested = await run('test', '--environment', 'sandbox', '--wait', '--json');
    expect(JSON.parse(tested.stdout).results[0].outcome, tested.stderr).toBe('SUCCESS');
    expect(violationsOf('test.json', tested.stdout)).toEqual([]);
    const history = await run('history', '--environment', 'sandbox', '--json');
    expect(violationsOf('document.json', history.stdout)).toEqual([]);
  });

  it('listen and journal: listen.json and document.json', async () => {
    const args = ['listen', '--port', '0', '--json', '--trust-authority', '--exit-after', '2'];
    const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env: { ...env, PATH: process.env.PATH } });
    const listened = collect(child);
    const [first] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    const { url } = JSON.parse(first);
    await fetch(url, { method: 'POST', body: 'no JSON' });
    const triggered = await run('trigger', 'DID_RENEW', '--to', url);
    const { stdout } = await listened;
    expect(stdout, triggered.stderr).toContain('"event":"verified"');
    expect(violationsOf('listen.json', stdout)).toEqual([]);
    const recorded = await run('journal', 'export');
    expect(recorded.stdout, `${recorded.stderr}${triggered.stdout}${stdout.slice(0, 400)}`).not.toBe('');
    expect(violationsOf('document.json', recorded.stdout)).toEqual([]);
  });

  it('check: check.json', async () => {
    const { port } = endpoint.address() as AddressInfo;
    const { stdout, stderr } = await run('check', `http://127.0.0.1:${port}/`, '--json');
    expect(stdout, stderr).toContain('"steps":');
    expect(violationsOf('check.json', stdout)).toEqual([]);
  });

  it('audit: audit.json', async () => {
    const { port } = endpoint.address() as AddressInfo;
    const { stdout, stderr } = await run('audit', `http://127.0.0.1:${port}/`, '--json');
    expect(stdout, stderr).toContain('"verdict":');
    expect(violationsOf('audit.json', stdout)).toEqual([]);
  });

  it('emulator: emulator.json', () => {
    expect(emulated.length).toBeGreaterThan(1);
    expect(violationsOf('emulator.json', emulated.join('\n'))).toEqual([]);
  });
});

describe('the schemas of payloads', () => {
  it.each([
    ['notification', 'notification.json'],
    ['transaction', 'transaction.json'],
    ['renewalInfo', 'renewal-info.json'],
  ])('hold for the %s of every sample', async (field, file) => {
    const { stdout } = await runBin(['decode', SAMPLES, '--json']);
    const payloads = stdout
      .trim()
      .split('\n')
      .flatMap((line) => JSON.parse(line)[field] ?? []);
    expect(payloads.length).toBeGreaterThan(10);
    expect(violationsOf(file, payloads.map((payload) => JSON.stringify(payload)).join('\n'))).toEqual([]);
  });

  it('refuse another type, and take a value that Apple adds', () => {
    expect(violationsOf('notification.json', '{"notificationType":"NEXT_YEAR","more":{"is":1}}')).toEqual([]);
    expect(violationsOf('notification.json', '{"notificationType":7}')).toHaveLength(1);
    expect(violationsOf('document.json', '{"kind":"notification","source":"argument"}')).toHaveLength(1);
  });
});

describe('the schema of settings', () => {
  it('has the keys that a project file may have', () => {
    const { properties } = readSchema('settings.json').definitions.ProjectSettingsFile;
    expect(Object.keys(properties).sort()).toEqual(['$schema', ...PROJECT_KEYS].sort());
  });

  it('may be named in the file that it describes', async () => {
    const project = mkdtempSync(path.join(folder, 'project-'));
    const settings = { $schema: './node_modules/storewire/schemas/settings.json', bundleId: 'com.example.app' };
    writeFileSync(path.join(project, '.storewire.json'), JSON.stringify(settings));
    expect(violationsOf('settings.json', JSON.stringify(settings))).toEqual([]);
    expect(violationsOf('settings.json', '{"bundelId":"com.example.app"}')).toHaveLength(1);
    const { ended, stdout, stderr } = await runBin(['config', '--json'], '', { HOME: project }, project);
    expect({ ended, stderr }).toEqual({ ended: 0, stderr: '' });
    expect(stdout).toContain('com.example.app');
  });
});
