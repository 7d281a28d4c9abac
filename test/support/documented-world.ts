import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { BIN, type BinRun, collect, ROOT, runBin, SAMPLES } from './bin.js';
import { startBuiltListener } from './built-listener.js';
import { writeFakeTunnels } from './fake-tunnels.js';

/** Every Markdown page for users, relative to the root. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name))
    .sort(),
];

export const textOf = (page: string): string => readFileSync(path.join(ROOT, page), 'utf8');

/** The lines of a page that run storewire, without what follows `#`. */
export function commandLinesOf(page: string): readonly string[] {
  const blocks = [...textOf(page).matchAll(/```(?:sh|yaml)\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) =>
      line
        .replace(/\s+#.*$/, '')
        .replace(/^\s*script: /, '')
        .trim(),
    )
    .filter((line) => /\bnpx (storewire|\.) |^storewire |[|(] ?storewire /.test(line));
}

/** Lines that run until they are interrupted. */
export const runsOn = (line: string): boolean => /storewire (listen|emulator|inspect)\b|--watch\b/.test(line);

/** Lines that ask a person: tests of their own answer them. */
export const asks = (line: string): boolean => /storewire (decode$|init\b)/.test(line);

/** What the documented lines expect to find: an app, an emulator with its variables, files, a journal, and the programs on the PATH. */
export interface DocumentedWorld {
  readonly folder: string;
  readonly endpointUrl: string;
  /** Runs a line to its end. */
  run(line: string): Promise<BinRun>;
  /** Starts a line that runs on, and interrupts it once it has written something. */
  runAndInterrupt(line: string): Promise<BinRun>;
  close(): Promise<void>;
}

const APP_URL =
  /http:\/\/localhost:3000\/?(?:apple)?(?=["' ]|$)|https?:\/\/(?:staging\.|10\.0\.0\.5|example\.com)[\w./]*/g;

export async function openDocumentedWorld(): Promise<DocumentedWorld> {
  const folder = mkdtempSync(path.join(tmpdir(), 'storewire-documented-'));
  writeInputs(folder);
  const endpoint = createServer((request, response) => request.resume().on('end', () => response.end()));
  await once(endpoint.listen(0, '127.0.0.1'), 'listening');
  const endpointUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/apple`;
  writeFileSync(path.join(folder, '.storewire.json'), JSON.stringify({ targets: [endpointUrl] }));
  const PATH = `${writePrograms(folder)}${path.delimiter}${writeFakeTunnels(folder).path}`;
  const bare = { PATH, HOME: folder };
  const args = ['emulator', '--sandbox-url', endpointUrl, '--port', '0', '--json'];
  const emulator = spawn(process.execPath, [BIN, ...args], { cwd: folder, env: bare });
  const env = { ...bare, ...variablesOf(await readReady(emulator)) };
  await receiveSome(folder);
  const requested = await runBin(['test', '--environment', 'sandbox', '--json'], '', env);
  const token: string = JSON.parse(requested.stdout).results[0].testNotificationToken;
  const toShell = (line: string): string =>
    line
      .replaceAll('npx . ', 'storewire ')
      .replaceAll('npx storewire ', 'storewire ')
      .replaceAll(/(?<= )samples\//g, `${SAMPLES}/`)
      .replaceAll(APP_URL, endpointUrl)
      .replaceAll(/(?<= ):3000\/apple/g, endpointUrl.slice('http://127.0.0.1'.length))
      .replace('--claim sandbox', '--claim sandbox --yes')
      .replace(/endpoint set (?!.*(--yes|--dry-run)).*/, '$& --yes')
      .replace(/endpoint restore$/, '$& --yes')
      .replace(/\bURL\b/, endpointUrl)
      .replace(/\bTOKEN\b/, token);
  const start = (command: string): ChildProcess => spawn('bash', ['-c', command], { cwd: folder, env });
  return {
    folder,
    endpointUrl,
    run(line) {
      const child = start(toShell(line));
      child.stdin?.end();
      return collect(child);
    },
    async runAndInterrupt(line) {
      const port = /storewire (listen|emulator|inspect)\b/.test(line) && !line.includes('--port') ? ' --port 0' : '';
      const child = start(`exec ${toShell(line)}${port}`);
      // A pipe that stays open would be an input to come.
      child.stdin?.end();
      const ended = collect(child);
      // A tunnel tells of its start on stderr before anything is ready; `history --watch` may have nothing else to tell.
      const firstWords = line.includes('--watch') ? child.stderr! : child.stdout!;
      await Promise.race([once(firstWords, 'data'), ended]);
      child.kill('SIGINT');
      return ended;
    },
    async close() {
      const ended = collect(emulator);
      emulator.kill('SIGINT');
      await ended;
      endpoint.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function writeInputs(folder: string): void {
  const sample = path.join(SAMPLES, 'did-renew.json');
  const names = ['payload.json', 'old.jws', 'archive.ndjson', 'payloads.ndjson', 'sent.ndjson', 'received.ndjson'];
  for (const name of names) copyFileSync(sample, path.join(folder, name));
  const story = [{ type: 'SUBSCRIBED.INITIAL_BUY' }, { type: 'REFUND', after: '2d' }];
  writeFileSync(path.join(folder, 'story.json'), JSON.stringify(story));
  writeFileSync(path.join(folder, 'app.log'), `12:00 INFO got ${readFileSync(sample, 'utf8')}\n12:01 INFO nothing\n`);
  for (const name of ['test-root.pem', 'root.pem'])
    copyFileSync(path.join(SAMPLES, 'root.pem'), path.join(folder, name));
  mkdirSync(path.join(folder, '.config/fish/completions'), { recursive: true });
  mkdirSync(path.join(folder, '.config/storewire'), { mode: 0o700 });
  const user = { profile: 'default', profiles: { default: {}, 'my-app': {} } };
  writeFileSync(path.join(folder, '.config/storewire/config.json'), JSON.stringify(user), { mode: 0o600 });
}

/** `storewire` as it is installed, and the programs that examples use and a test machine may lack. */
function writePrograms(folder: string): string {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  const programs = { storewire: `exec "${process.execPath}" "${BIN}" "$@"`, pbpaste: `cat "${folder}/payload.json"` };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
  writeFileSync(path.join(folder, 'took-effect.sh'), '#!/bin/sh\nexit 1\n');
  chmodSync(path.join(folder, 'took-effect.sh'), 0o755);
  return bin;
}

/** The purchase that the examples of timeline show. */
const SHOWN_PURCHASE = ['--original-transaction-id', '2000000310631470'];

/** Something to look at in the journal, and to send again. */
async function receiveSome(folder: string): Promise<void> {
  const types = ['DID_RENEW', 'REFUND'];
  const args = ['--trust-authority', '--exit-after', String(types.length)];
  const listener = await startBuiltListener({ cwd: folder, args });
  for (const type of types) await runBin(['trigger', type, '--to', listener.url, ...SHOWN_PURCHASE], '', {}, folder);
  await listener.ended;
}

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

async function readReady(child: ChildProcess): Promise<Ready> {
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
