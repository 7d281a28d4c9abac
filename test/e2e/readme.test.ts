import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, collect, ROOT, runBin, SAMPLES } from '../support/bin.js';
import { startBuiltListener } from '../support/built-listener.js';
import { writeFakeTunnels } from '../support/fake-tunnels.js';

const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const SHELL_BLOCKS = [...README.matchAll(/```(?:sh|yaml)\n([\s\S]*?)```/g)].flatMap((match) =>
  (match[1] ?? '').split('\n'),
);

/** Every line of the README that runs storewire, without what follows `#`. */
const LINES = SHELL_BLOCKS.map((line) =>
  line
    .replace(/\s+#.*$/, '')
    .replace(/^\s*script: /, '')
    .trim(),
).filter((line) => /\bnpx (storewire|\.) /.test(line));

/** Asked at a terminal: tests of their own answer them. The emulator is what the other lines talk to. */
const EMULATOR = LINES.find((line) => line.startsWith('npx storewire emulator')) ?? '';
const ASKS = /^npx storewire (decode|init)$/;
const LISTENS = LINES.filter((line) => line.startsWith('npx storewire listen'));
const COMMANDS = LINES.filter((line) => line !== EMULATOR && !ASKS.test(line) && !LISTENS.includes(line));
const ENDPOINT = 'http://localhost:3000/apple';
const USAGE = 2;
const BUG = 70;

interface Ready {
  readonly serverApi: { readonly sandbox: string; readonly production: string };
  readonly issuerId: string;
  readonly keyId: string;
  readonly privateKeyPath: string;
  readonly bundleId: string;
  readonly rootPath: string;
  readonly connectApi: string;
  readonly connect: { readonly issuerId: string; readonly keyId: string; readonly privateKeyPath: string };
}

let folder: string;
let endpoint: Server;
let endpointUrl: string;
let emulator: ReturnType<typeof spawn>;
let env: NodeJS.ProcessEnv;
let token: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-readme-'));
  writeInputs();
  endpoint = createServer((request, response) => request.resume().on('end', () => response.end())).listen(
    0,
    '127.0.0.1',
  );
  await once(endpoint, 'listening');
  endpointUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/apple`;
  env = { PATH: process.env.PATH, HOME: folder };
  emulator = spawn('sh', ['-c', `exec ${toShell(EMULATOR)} --port 0 --json`], { cwd: folder, env });
  env = { ...env, ...variablesOf(await readReady(emulator)) };
  await receiveOne();
  token = JSON.parse((await runBin(['test', '--environment', 'sandbox', '--json'], '', env)).stdout).results[0]
    .testNotificationToken;
});

afterAll(async () => {
  const ended = collect(emulator);
  emulator.kill('SIGINT');
  await ended;
  endpoint.close();
  rmSync(folder, { recursive: true });
});

/** Something to look at in the journal, and to send again. */
async function receiveOne(): Promise<void> {
  const args = ['--trust-authority', '--exit-after', '1'];
  const listener = await startBuiltListener({ cwd: folder, args });
  await runBin(['trigger', 'DID_RENEW', '--to', listener.url], '', {}, folder);
  await listener.ended;
}

function writeInputs(): void {
  const sample = path.join(SAMPLES, 'did-renew.json');
  for (const name of ['payload.json', 'old.jws', 'archive.ndjson']) copyFileSync(sample, path.join(folder, name));
  writeFileSync(path.join(folder, 'app.log'), `12:00 INFO got ${readFileSync(sample, 'utf8')}\n12:01 INFO nothing\n`);
  copyFileSync(path.join(SAMPLES, 'root.pem'), path.join(folder, 'test-root.pem'));
}

function toShell(line: string): string {
  return line
    .replaceAll(/npx (storewire|\.) /g, `"${process.execPath}" "${BIN}" `)
    .replaceAll(/(?<= )samples\//g, `${SAMPLES}/`)
    .replaceAll(ENDPOINT, endpointUrl)
    .replaceAll(/http:\/\/10\.0\.0\.5\/apple|https:\/\/example\.com\/apple/g, endpointUrl)
    .replace('--claim sandbox', '--claim sandbox --yes')
    .replace('pbpaste', 'cat payload.json')
    .replace('TOKEN', token);
}

async function readReady(child: ReturnType<typeof spawn>): Promise<Ready> {
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return JSON.parse(line) as Ready;
}

function variablesOf(ready: Ready): NodeJS.ProcessEnv {
  return {
    STOREWIRE_SERVER_API_SANDBOX_URL: ready.serverApi.sandbox,
    STOREWIRE_SERVER_API_PRODUCTION_URL: ready.serverApi.production,
    STOREWIRE_ISSUER_ID: ready.issuerId,
    STOREWIRE_KEY_ID: ready.keyId,
    STOREWIRE_PRIVATE_KEY_PATH: ready.privateKeyPath,
    STOREWIRE_BUNDLE_ID: ready.bundleId,
    STOREWIRE_ROOT: ready.rootPath,
    STOREWIRE_CONNECT_API_URL: ready.connectApi,
    STOREWIRE_CONNECT_ISSUER_ID: ready.connect.issuerId,
    STOREWIRE_CONNECT_KEY_ID: ready.connect.keyId,
    STOREWIRE_CONNECT_PRIVATE_KEY_PATH: ready.connect.privateKeyPath,
  };
}

describe.skipIf(process.platform === 'win32')('every command of the README', () => {
  it('is found', () => expect(COMMANDS.length).toBeGreaterThan(20));

  it.each(COMMANDS)('%s', async (line) => {
    const child = spawn('sh', ['-c', toShell(line)], { cwd: folder, env });
    child.stdin.end();
    const { ended, stdout, stderr } = await collect(child);
    expect({ ended, stderr }).not.toMatchObject({ ended: USAGE });
    expect(ended).not.toBe(BUG);
    const written = / > (\S+)$/.exec(line)?.[1];
    const said = written === undefined ? `${stdout}${stderr}` : readFileSync(path.join(folder, written), 'utf8');
    expect(said).not.toBe('');
  });
});

describe.skipIf(process.platform === 'win32')('every listener of the README', () => {
  it('is found', () => expect(LISTENS.length).toBeGreaterThan(4));

  it.each(LISTENS)('%s', async (line) => {
    const PATH = writeFakeTunnels(folder).path;
    const child = spawn('sh', ['-c', `exec ${toShell(line)} --port 0`], { cwd: folder, env: { ...env, PATH } });
    const ended = collect(child);
    await Promise.race([once(child.stdout, 'data'), ended]);
    child.kill('SIGINT');
    const { ended: code, stderr } = await ended;
    expect({ code, stderr }).toMatchObject({ code: line.includes('--expect') ? 'SIGINT' : 0 });
  });
});

describe('the code of the README', () => {
  it('runs as it stands, one block after the other', async () => {
    const blocks = [...README.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    const [inApp = '', inTests = ''] = blocks;
    expect(blocks).toHaveLength(2);
    const script = [inTests, inApp, "console.log('verdict', verification.verdict);"]
      .join('\n')
      .replace('http://127.0.0.1:3000/', endpointUrl)
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
