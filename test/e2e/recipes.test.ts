import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../../src/index.js';
import { ROOT, runBin } from '../support/bin.js';
import {
  type DocumentedResponse,
  type DocumentedServer,
  installFrameworks,
  type RecipeServer,
  startDocumented,
  startRecipe,
} from '../support/recipe-servers.js';

const FOLDER = path.join(ROOT, 'docs/recipes');
const textOf = (page: string): string => readFileSync(path.join(FOLDER, `${page}.md`), 'utf8');

/** Recipes that run: the program that serves each, and its file. */
const RUN: Readonly<Record<string, (folder: string, installed: string) => readonly string[]>> = {
  express: (folder) => [path.join(folder, 'server.js')],
  fastify: (folder) => [path.join(folder, 'server.js')],
  hono: (folder) => [path.join(folder, 'server.js')],
  nextjs: (folder, installed) => [path.join(installed, 'route-server.mjs'), path.join(folder, 'route.js')],
  lambda: (folder, installed) => [path.join(installed, 'lambda-server.mjs'), path.join(folder, 'handler.js')],
};

const html = (status: number, body: string): DocumentedResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body,
});
const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): DocumentedResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/** A handler that verifies, with the answers of its framework. */
function handler(accepted: DocumentedResponse, refused: DocumentedResponse): DocumentedServer['post'] {
  return (body) => {
    try {
      const { signedPayload } = JSON.parse(body);
      const { verification } = verify(signedPayload, { kind: 'notification', bundleId: 'com.example.app' });
      return verification.verdict === 'valid' ? accepted : refused;
    } catch {
      return refused;
    }
  };
}

const always =
  (response: DocumentedResponse): DocumentedServer['post'] =>
  () =>
    response;

const RAILS_404 = html(404, '<!doctype html><title>The page you were looking for doesn’t exist (404)</title>');
const LARAVEL_405 = html(405, '<!DOCTYPE html><title>Method Not Allowed</title>');
const DJANGO_405: DocumentedResponse = { status: 405, headers: { allow: 'POST' } };
const DJANGO_SLASH =
  "RuntimeError at /apple\nYou called this URL via POST, but the URL doesn't end in a slash and you have APPEND_SLASH set.";
const FASTAPI_405 = json(405, { detail: 'Method Not Allowed' }, { allow: 'POST' });
const API_GATEWAY = { 'apigw-requestid': 'Kb3cHhJ2oAMEJ9w=' };

/** The others: how each framework answers with a handler that works. Sources: their documentation and default error pages. */
const DOCUMENTED: Readonly<Record<string, DocumentedServer>> = {
  rails: { get: RAILS_404, post: handler({ status: 200 }, { status: 400 }) },
  laravel: { get: LARAVEL_405, post: handler({ status: 200 }, { status: 400 }) },
  django: { get: DJANGO_405, post: handler({ status: 200 }, { status: 400 }) },
  fastapi: { get: FASTAPI_405, post: handler(json(200, {}), json(400, { detail: 'Bad Request' })) },
};

const MISTAKES: Readonly<Record<string, DocumentedServer>> = {
  'lambda no-route': {
    get: json(404, { message: 'Not Found' }, API_GATEWAY),
    post: always(json(404, { message: 'Not Found' }, API_GATEWAY)),
  },
  'lambda authorizer': {
    get: json(401, { message: 'Unauthorized' }, API_GATEWAY),
    post: always(json(401, { message: 'Unauthorized' }, API_GATEWAY)),
  },
  'rails csrf': {
    get: RAILS_404,
    post: always(
      html(422, '<!doctype html><title>The change you wanted was rejected (422 Unprocessable Entity)</title>'),
    ),
  },
  'rails host': {
    get: html(403, '<!DOCTYPE html><h1>Blocked hosts: abc.trycloudflare.com</h1>'),
    post: always(html(403, '<!DOCTYPE html><h1>Blocked hosts: abc.trycloudflare.com</h1>')),
  },
  'laravel csrf': { get: LARAVEL_405, post: always(html(419, '<!DOCTYPE html><title>Page Expired</title>')) },
  'django csrf': {
    get: DJANGO_405,
    post: always(
      html(
        403,
        '<!DOCTYPE html><h1>Forbidden <span>(403)</span></h1><p>CSRF verification failed. Request aborted.</p>',
      ),
    ),
  },
  'django slash': {
    get: { status: 301, headers: { location: '/apple/' } },
    post: always({ status: 500, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: DJANGO_SLASH }),
  },
  'django host': {
    get: html(400, '<!doctype html><title>Bad Request (400)</title>'),
    post: always(html(400, '<!doctype html><title>Bad Request (400)</title>')),
  },
  'fastapi model': {
    get: FASTAPI_405,
    post: always(json(422, { detail: [{ type: 'missing', loc: ['body', 'signed_payload'], msg: 'Field required' }] })),
  },
};

let folder: string;
let rootPath: string;
let installed: string;
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-recipes-')));
  rootPath = path.join(folder, 'root.pem');
  writeFileSync(rootPath, (await runBin(['authority', '--pem'], '', { HOME: folder }, folder)).stdout);
  installed = await installFrameworks();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the files of a recipe, with the one that all share, into a folder of its own. */
function writeFiles(page: string): string {
  const target = path.join(installed, page);
  mkdirSync(target, { recursive: true });
  for (const text of [textOf('README'), textOf(page)])
    for (const [, name = '', code = ''] of text.matchAll(/^```js file=(\S+)\n([\s\S]*?)^```$/gm))
      writeFileSync(path.join(target, name), code);
  return target;
}

function start(page: string, mistake: string): Promise<RecipeServer> {
  const documented = mistake === '' ? DOCUMENTED[page] : MISTAKES[`${page} ${mistake}`];
  if (documented !== undefined) return startDocumented(documented);
  const program = RUN[page];
  if (program === undefined || mistake !== '') throw new Error(`nothing answers as ${page} ${mistake}`);
  return startRecipe(program(writeFiles(page), installed), installed, rootPath);
}

/** What a page says that a command prints: address, times and the size of a notification are those of a reader. */
async function printed(line: string, { url }: RecipeServer): Promise<string> {
  const args = line
    .replace(/^npx storewire /, '')
    .replace('http://localhost:3000/apple', url)
    .split(' ');
  let run = await runBin(args, '', { HOME: folder }, folder);
  // A loaded machine, not the recipe, takes longer than a second to answer.
  while (/^ *warn +http\.time/m.test(run.stdout)) run = await runBin(args, '', { HOME: folder }, folder);
  const { stdout, stderr, ended } = run;
  if (stdout === '') throw new Error(`${line} ended with ${ended}: ${stderr}`);
  const port = new URL(url).port;
  return stdout
    .replaceAll(url, 'http://localhost:3000/apple')
    .replaceAll(port, '3000')
    .replaceAll(/\b\d+ ms\b/g, '5 ms')
    .replaceAll(/\b18[78]\d\d bytes\b/g, '18800 bytes')
    .trimEnd();
}

/** A page with the output of its blocks as it is now. */
async function withOutput(page: string): Promise<string> {
  const text = textOf(page);
  const lineOf = (command: string): string => new RegExp(`^npx storewire ${command} .*$`, 'm').exec(text)?.[0] ?? '';
  let result = text;
  for (const [block, command = '', mistake = ''] of text.matchAll(
    /^```text (check|audit)(?: (\S+))?\n[\s\S]*?^```$/gm,
  )) {
    const server = await start(page, mistake);
    try {
      const output = await printed(lineOf(command), server);
      result = result.replace(block, () => [block.split('\n')[0], output, '```'].join('\n'));
    } finally {
      await server.stop();
    }
  }
  return result;
}

describe.concurrent('the recipes show what check and audit print (vitest -u writes it)', () => {
  it.for([...Object.keys(RUN), ...Object.keys(DOCUMENTED)])('%s', async (page, { expect: expectHere }) => {
    await expectHere(await withOutput(page)).toMatchFileSnapshot(path.join(FOLDER, `${page}.md`));
  });
});

describe('the recipes', () => {
  it('are all here', () => {
    const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual([...Object.keys(RUN), ...Object.keys(DOCUMENTED)].map((page) => `${page}.md`).sort());
  });

  it.each(Object.keys(RUN))('%s accepts what the test authority signed, and nothing that was changed', async (page) => {
    const server = await start(page, '');
    try {
      const { stdout } = await runBin(['trigger', 'DID_RENEW', '--print'], '', { HOME: folder }, folder);
      const changed = stdout.replace(
        /"([\w-]+)\.(.)/,
        (_all, header, first) => `"${header}.${first === 'e' ? 'f' : 'e'}`,
      );
      const post = (body: string): Promise<Response> =>
        fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      expect((await post(stdout)).status).toBe(200);
      expect((await post(changed)).status).toBe(400);
    } finally {
      await server.stop();
    }
  });

  it('have every mistake that they name', () => {
    const named = readdirSync(FOLDER).flatMap((name) => {
      const page = path.basename(name, '.md');
      return [...textOf(page).matchAll(/^```text check (\S+)$/gm)].map(([, mistake]) => `${page} ${mistake}`);
    });
    expect(named.sort()).toEqual(Object.keys(MISTAKES).sort());
  });
});
