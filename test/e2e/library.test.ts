import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, ROOT, SAMPLES } from '../support/bin.js';
import { type Installed, installRuntime, runNpm } from '../support/runtimes.js';

/** File with one token that Apple signed. The repository has none: whoever has one may try it, and keep it. */
const GENUINE = process.env.STOREWIRE_GENUINE_PAYLOAD ?? '';
const NO_GENUINE = GENUINE === '' ? ' (skipped: STOREWIRE_GENUINE_PAYLOAD names no file with a token of Apple)' : '';

let folder: string;
let consumer: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-library-'));
  consumer = path.join(folder, 'consumer');
  mkdirSync(consumer);
  writeFileSync(path.join(consumer, 'package.json'), '{"name":"consumer","private":true}');
  const [packed] = JSON.parse(
    runNpm(['pack', ROOT, '--json', '--ignore-scripts', '--pack-destination', folder], folder),
  );
  runNpm(['install', '--offline', '--no-audit', '--no-fund', path.join(folder, packed.filename)], consumer);
  writeFileSync(path.join(consumer, 'import.mjs'), `import { verify } from 'storewire';\n${BODY_MODULE}`);
  writeFileSync(path.join(consumer, 'require.cjs'), `const { verify } = require('storewire');\n${BODY_COMMONJS}`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Verifies every case of cases.json and writes the verdicts to results.json. */
const BODY = `
const verdicts = (cases) => cases.map(({ token, rules }) => {
  const { verdict, reason } = verify(token, rules).verification;
  return [verdict, reason];
});
const check = () => writeFileSync('results.json', JSON.stringify(verdicts(JSON.parse(readFileSync('cases.json', 'utf8')))));
`;
const BODY_MODULE = `import { readFileSync, writeFileSync } from 'node:fs';\n${BODY}check();\n`;
const BODY_COMMONJS = `const { readFileSync, writeFileSync } = require('node:fs');\n${BODY}check();\n`;

interface Case {
  readonly token: string;
  readonly rules: object;
}

/** A token as it is, with one bit of its signature flipped, with one bit of its payload flipped, and under a rule for another app. */
function casesOf(token: string, roots: readonly string[]): readonly Case[] {
  const rules = roots.length === 0 ? {} : { roots };
  const [header = '', payload = '', signature = ''] = token.split('.');
  const badSignature = flip(signature, 20);
  const badPayload = flip(payload, Buffer.from(payload, 'base64url').indexOf('"bundleId":"') + '"bundleId":"'.length);
  return [
    { token, rules },
    { token: [header, payload, badSignature].join('.'), rules },
    { token: [header, badPayload, signature].join('.'), rules },
    { token, rules: { bundleId: 'com.example.another', ...rules } },
  ];
}

const EXPECTED = [
  ['valid', null],
  ['invalid', 'SIGNATURE_MISMATCH'],
  ['invalid', 'SIGNATURE_MISMATCH'],
  ['invalid', 'BUNDLE_ID_MISMATCH'],
];

function flip(segment: string, at: number): string {
  const bytes = Buffer.from(segment, 'base64url');
  bytes[at]! ^= 1;
  return bytes.toString('base64url');
}

const SAMPLE = JSON.parse(readFileSync(path.join(SAMPLES, 'did-renew.json'), 'utf8')).signedPayload;
const SAMPLE_ROOT = readFileSync(path.join(SAMPLES, 'root.pem'), 'utf8');

interface Runtime {
  readonly name: string;
  readonly needs?: Installed;
  /** The command that checks in the working directory. */
  command(needed: string): readonly string[] | Promise<readonly string[]>;
}

const NODE = process.execPath;

const RUNTIMES: readonly Runtime[] = [
  { name: 'import in Node', command: () => [NODE, 'import.mjs'] },
  { name: 'require in Node', command: () => [NODE, 'require.cjs'] },
  { name: 'vitest', command: writeVitestTest },
  { name: 'jest', needs: installRuntime('jest@30'), command: writeJestTest },
  {
    name: 'import in Bun',
    needs: installRuntime('bun@1'),
    command: (bun) => [path.join(bun, 'node_modules/bun/bin/bun.exe'), 'import.mjs'],
  },
  {
    name: 'require in Bun',
    needs: installRuntime('bun@1'),
    command: (bun) => [path.join(bun, 'node_modules/bun/bin/bun.exe'), 'require.cjs'],
  },
  {
    name: 'Deno',
    needs: installRuntime('deno@2'),
    command: (deno) => [NODE, path.join(deno, 'node_modules/deno/bin.cjs'), 'run', '-A', '--no-remote', 'import.mjs'],
  },
  { name: 'Cloudflare Workers, bundled', needs: installRuntime('miniflare@4'), command: writeWorker },
];

describe.each([
  {
    what: 'a notification of the test authority, and refuses it altered',
    skipped: '',
    token: () => SAMPLE,
    roots: [SAMPLE_ROOT],
  },
  {
    what: `a payload that Apple signed, and refuses it altered${NO_GENUINE}`,
    skipped: NO_GENUINE,
    token: () => readFileSync(GENUINE, 'utf8').trim(),
    roots: [],
  },
])('the packed library verifies $what', ({ skipped, token, roots }) => {
  describe.each(RUNTIMES)('$name', ({ needs = { folder: '' }, command }) => {
    const missing = 'reason' in needs ? ` (skipped: not installed: ${needs.reason})` : '';

    it.skipIf(skipped !== '' || missing !== '')(`verifies and refuses${missing}`, async () => {
      writeFileSync(path.join(consumer, 'cases.json'), JSON.stringify(casesOf(token(), roots)));
      rmSync(path.join(consumer, 'results.json'), { force: true });
      const [program = '', ...args] = await command('folder' in needs ? needs.folder : '');
      // What runs this test must not steer what it starts.
      const own = Object.entries(process.env).filter(
        ([name]) => !/^(VITEST|JEST|NODE_ENV|NODE_OPTIONS|TEST$|npm_)/.test(name),
      );
      const env = { ...Object.fromEntries(own), DENO_DIR: path.join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' };
      const child = spawn(program, args, { cwd: consumer, env, stdio: ['ignore', 'pipe', 'pipe'] });
      const { ended, stdout, stderr } = await collect(child);
      expect(ended, `${stdout}${stderr}`).toBe(0);
      expect(JSON.parse(readFileSync(path.join(consumer, 'results.json'), 'utf8'))).toEqual(EXPECTED);
    });
  });
});

it('needs no global of Node but Buffer: test runners with a DOM replace the others', () => {
  const file = path.join(consumer, 'node_modules/storewire/dist/index.cjs');
  const library: { verify?(token: string, rules: object): { verification: { verdict: string } } } = {};
  const load = runInContext(`(require, exports) => {${readFileSync(file, 'utf8')}\n}`, createContext({ Buffer }));
  load(createRequire(file), library);
  expect(library.verify?.(SAMPLE, { roots: [SAMPLE_ROOT] }).verification.verdict).toBe('valid');
});

function writeVitestTest(): readonly string[] {
  const test = `import { it } from 'vitest';\nimport { verify } from 'storewire';\n${BODY_MODULE.replace(/check\(\);\n$/, "it('verifies', check);\n")}`;
  writeFileSync(path.join(consumer, 'vitest.test.mjs'), test);
  const link = path.join(consumer, 'node_modules/vitest');
  rmSync(link, { force: true });
  symlinkSync(path.join(ROOT, 'node_modules/vitest'), link, 'junction');
  return [NODE, path.join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', consumer, 'vitest.test.mjs'];
}

function writeJestTest(jest: string): readonly string[] {
  const test = `const { verify } = require('storewire');\n${BODY_COMMONJS.replace(/check\(\);\n$/, "it('verifies', check);\n")}`;
  writeFileSync(path.join(consumer, 'jest.test.js'), test);
  const config = { rootDir: consumer, transform: {}, testMatch: ['**/jest.test.js'] };
  return [NODE, path.join(jest, 'node_modules/jest/bin/jest.js'), '--config', JSON.stringify(config), '--runInBand'];
}

/** A Worker of one bundled module, and a script that runs it in workerd. */
async function writeWorker(miniflare: string): Promise<readonly string[]> {
  const worker = path.join(consumer, 'worker.mjs');
  const code = `export default { fetch: async (request) => Response.json(verdicts(await request.json())) };`;
  writeFileSync(worker, `import { verify } from 'storewire';\n${BODY.replace(/^const check.*$/m, '')}${code}\n`);
  const build = await rolldown({ input: worker, cwd: consumer, external: /^node:/, platform: 'neutral' });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  writeFileSync(path.join(consumer, 'bundled.mjs'), output[0].code);
  const script = `
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
const { Miniflare } = createRequire(${JSON.stringify(path.join(miniflare, 'package.json'))})('miniflare');
const options = { modules: true, compatibilityDate: '2026-01-01', compatibilityFlags: ['nodejs_compat'] };
const workers = new Miniflare({ ...options, script: readFileSync('bundled.mjs', 'utf8') });
const response = await workers.dispatchFetch('http://worker/', { method: 'POST', body: readFileSync('cases.json', 'utf8') });
writeFileSync('results.json', await response.text());
await workers.dispose();
`;
  writeFileSync(path.join(consumer, 'workers.mjs'), script);
  return [NODE, 'workers.mjs'];
}
