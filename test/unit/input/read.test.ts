import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InputStream } from '../../../src/cli/deps.js';
import { ToolError } from '../../../src/errors.js';
import { parseClaims } from '../../../src/input/claims/parse-claims.js';
import { inputSize, type ReadDeps, readInput } from '../../../src/input/read.js';
import type { UnitBatch } from '../../../src/input/unit.js';
import { captureOutput, pipedInput } from '../../support/run-cli.js';
import { fakeToken } from './tokens.js';

const A = fakeToken('a');
const B = fakeToken('b');
const PEM = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n';

const isWindows = process.platform === 'win32';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-input-'));
  const files: Record<string, string | Uint8Array> = {
    'one.jws': `${A}\n`,
    'two.ndjson': `${JSON.stringify({ signedPayload: A })}\n${JSON.stringify({ signedPayload: B })}\n`,
    'a.b.c': A,
    empty: '',
    blank: ' \n\t\r\n',
    'all/b.jws': B,
    'all/a/z.jws': A,
    'all/a/.hidden': A,
    'all/.git/x.jws': A,
    'all/node_modules/x.jws': A,
    'all/c.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
    'all/d.pem': PEM,
    'all/e.empty': '',
    'nothing/x.gz': gzipSync(A),
    'nothing/empty': '',
    'hidden/.x': A,
    'bin/gzip': gzipSync(A),
    'bin/pdf': '%PDF-1.7\n',
    'bin/zip': Buffer.from([0x50, 0x4b, 3, 4, 20]),
    'bin/der': Buffer.from([0x30, 0x82, 1, 2, 3]),
    'bin/utf16': Buffer.from(`\uFEFF${A}`, 'utf16le'),
    'bin/nul': `${A}\0`,
    'bin/latin1': Buffer.from(`Ann\u00e9e ${A}`, 'latin1'),
    'bin/pem': PEM,
    'bin/pem-with-bom': `\uFEFF\n${PEM}`,
    'words/utf8': `Ann\u00e9e \u{1f600} ${A}`,
    'words/late': `${'x '.repeat(40_000)}\0\n${A}`,
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function depsOf(stdin: InputStream = pipedInput('')): ReadDeps {
  const { signal } = new AbortController();
  return { stdin, stderr: captureOutput().stream, cwd: folder, signal, suspend: () => Promise.resolve() };
}

async function read(inputs: readonly string[], deps = depsOf()): Promise<UnitBatch[]> {
  const batches: UnitBatch[] = [];
  for await (const batch of readInput(inputs, deps)) batches.push(batch);
  return batches;
}

/** Each claim as "source kind-of-token". */
async function claimsIn(inputs: readonly string[], deps = depsOf()): Promise<string[]> {
  const claims = (await read(inputs, deps)).flatMap((batch) => batch.units.flatMap((unit) => parseClaims(batch, unit)));
  return claims.map(
    (claim) =>
      `${claim.source} ${claim.type === 'token' ? ({ [A]: 'A', [B]: 'B' }[claim.text] ?? claim.text) : claim.type}`,
  );
}

async function errorOf(inputs: readonly string[], deps = depsOf()): Promise<ToolError> {
  const error = await read(inputs, deps).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ToolError);
  return error as ToolError;
}

describe('an input is', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['a file', ['one.jws'], ['one.jws A']],
    ['a file with several', ['two.ndjson'], ['two.ndjson:1 A', 'two.ndjson:2 B']],
    ['a file before it is a payload', ['a.b.c'], ['a.b.c A']],
    ['files, in the order given', ['two.ndjson', './one.jws'], ['two.ndjson:1 A', 'two.ndjson:2 B', './one.jws A']],
    ['a directory, sorted, without what is hidden or no text', ['all'], ['all/a/z.jws A', 'all/b.jws B']],
    ['a directory as it was typed', ['./all/a/'], ['./all/a/z.jws A']],
    ['a payload', [A], ['argument A']],
    ['several payloads', [A, 'one.jws', B], ['argument A', 'one.jws A', 'argument#2 B']],
    ['text in UTF-8', ['words/utf8'], ['words/utf8 A']],
    ['text with a stray byte far behind', ['words/late'], ['words/late:2 A']],
    ['a word that is no path', ['x.y.z'], ['argument x.y.z']],
  ])('%s', async (_name, inputs, expected) => expect(await claimsIn(inputs)).toEqual(expected));

  it('standard input, named or not', async () => {
    expect(await claimsIn(['-'], depsOf(pipedInput(A)))).toEqual(['stdin A']);
    expect(await claimsIn([], depsOf(pipedInput(A)))).toEqual(['stdin A']);
    expect(await claimsIn(['one.jws', '-'], depsOf(pipedInput(`${A}\n${B}`)))).toEqual([
      'one.jws A',
      'stdin:1 A',
      'stdin:2 B',
    ]);
  });

  it('a paste where standard input is a terminal', async () => {
    const chunks = [`\u001b[200~${A}`, '\u001b[201~'].map((text) => Buffer.from(text));
    const terminal = { ...pipedInput(chunks), isTty: true };
    expect(await claimsIn([], depsOf(terminal))).toEqual(['paste A']);
  });

  it.skipIf(isWindows)('a pipe of the system', async () => {
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const [claims] = await Promise.all([
      claimsIn(['fifo']),
      import('node:fs/promises').then((fs) => fs.writeFile(fifo, A)),
    ]);
    expect(claims).toEqual(['fifo A']);
  });

  it.skipIf(isWindows)('a link to a file, not one to a directory', async () => {
    mkdirSync(path.join(folder, 'links'));
    symlinkSync('../one.jws', path.join(folder, 'links/one'));
    symlinkSync('..', path.join(folder, 'links/up'));
    symlinkSync('nowhere', path.join(folder, 'links/gone'));
    symlinkSync('circle', path.join(folder, 'links/circle'));
    expect(await claimsIn(['links'])).toEqual(['links/one A']);
  });
});

describe('an input that cannot be read', () => {
  it.each<[string, readonly string[], string, string]>([
    ['a file that is missing', ['gone.jws'], 'ERR_INPUT_NOT_FOUND', 'gone.jws'],
    ['a name with dots', ['storewire.config.json'], 'ERR_INPUT_NOT_FOUND', 'storewire.config.json'],
    ['a path below a file', ['one.jws/x'], 'ERR_INPUT_NOT_FOUND', 'one.jws/x'],
    ['a word', ['decode'], 'ERR_INPUT_NOT_FOUND', 'decode'],
    ['a long path', [`some/Folder1/${'with/long/names/'.repeat(4)}file`], 'ERR_INPUT_NOT_FOUND', 'some/Folder1'],
    ['a folder name in brackets', ['[slug].json'], 'ERR_INPUT_NOT_FOUND', '[slug].json'],
    ['an empty argument', [''], 'ERR_INPUT_EMPTY', 'argument'],
    ['a blank argument', [' \n'], 'ERR_INPUT_EMPTY', 'argument'],
    ['an empty file', ['empty'], 'ERR_INPUT_EMPTY', 'empty'],
    ['a blank file', ['blank'], 'ERR_INPUT_EMPTY', 'blank'],
    ['empty standard input', ['-'], 'ERR_INPUT_EMPTY', 'standard input'],
    ['a directory without text', ['nothing'], 'ERR_INPUT_NO_PAYLOAD', 'nothing'],
    ['a directory with hidden files only', ['hidden'], 'ERR_INPUT_NO_PAYLOAD', 'hidden'],
    ['gzip', ['bin/gzip'], 'ERR_INPUT_BINARY', 'gzip'],
    ['a picture', ['all/c.png'], 'ERR_INPUT_BINARY', 'PNG'],
    ['PDF', ['bin/pdf'], 'ERR_INPUT_BINARY', 'PDF'],
    ['zip', ['bin/zip'], 'ERR_INPUT_BINARY', 'zip'],
    ['DER', ['bin/der'], 'ERR_INPUT_BINARY', 'DER'],
    ['UTF-16', ['bin/utf16'], 'ERR_INPUT_BINARY', 'UTF-16'],
    ['a NUL', ['bin/nul'], 'ERR_INPUT_BINARY', 'bin/nul'],
    ['another encoding', ['bin/latin1'], 'ERR_INPUT_BINARY', 'bin/latin1'],
    ['a key', ['bin/pem'], 'ERR_INPUT_BINARY', 'PEM'],
    ['a key after a byte order mark', ['bin/pem-with-bom'], 'ERR_INPUT_BINARY', 'PEM'],
    ['a key as an argument', [PEM], 'ERR_INPUT_BINARY', 'PEM'],
    ['standard input twice', ['-', '-'], 'ERR_INPUT_STDIN_TWICE', 'standard input'],
  ])('%s', async (_name, inputs, code, words) => {
    const error = await errorOf(inputs);
    expect([error.kind, error.code]).toEqual(['usage', code]);
    expect(error.message).toContain(words);
    expect(error.hint).toMatch(/\w/);
    expect(`${error.message} ${error.hint}`).not.toContain('MIGH');
  });

  it('is reported before anything is read', async () => {
    const batches = readInput(['one.jws', 'gone.jws'], depsOf());
    await expect(batches.next()).rejects.toMatchObject({ code: 'ERR_INPUT_NOT_FOUND' });
  });

  it.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
    writeFileSync(path.join(folder, 'locked'), A);
    chmodSync(path.join(folder, 'locked'), 0);
    expect((await errorOf(['locked'])).code).toBe('ERR_INPUT_UNREADABLE');
  });

  it('shows no more than the beginning of a long argument', async () => {
    const { message } = await errorOf([`no/${'such/'.repeat(100)}file.json`]);
    expect(message.length).toBeLessThan(160);
  });
});

describe('a stream', () => {
  it('is cut into batches that can be sent to a thread', async () => {
    const line = `${JSON.stringify({ signedPayload: fakeToken('x', 18_000) })}\n`;
    const chunks = Array.from({ length: 40 }, () => Buffer.from(line.repeat(10)).subarray(0, 65_536));
    const batches = await read(['-'], depsOf(pipedInput(chunks)));
    expect(batches.length).toBeGreaterThan(5);
    for (const batch of batches) {
      const copy = structuredClone(batch, { transfer: [batch.bytes.buffer as ArrayBuffer] });
      expect(copy.units.every(({ end }) => end <= copy.bytes.length)).toBe(true);
      expect(batch.bytes.length).toBe(0);
    }
  });

  it('gives what it has when the writer is behind', async () => {
    let released = false;
    async function* chunks() {
      yield Buffer.from(`${A}\n${B}\n`);
      yield Buffer.from(`${A}\n`);
      released = true;
    }
    const batches = readInput(['-'], depsOf({ isTty: false, chunks, setRaw: () => undefined }));
    expect((await batches.next()).value.units).toHaveLength(2);
    expect((await batches.next()).value.units).toHaveLength(1);
    expect(released).toBe(false);
    await batches.return(undefined);
  });

  it('is not read ahead of what is asked for', async () => {
    let chunksRead = 0;
    async function* chunks() {
      for (; chunksRead < 1000; chunksRead++)
        yield Buffer.from(`${JSON.stringify({ signedPayload: A })}\n`.repeat(100));
    }
    const batches = readInput(['-'], depsOf({ isTty: false, chunks, setRaw: () => undefined }));
    await batches.next();
    expect(chunksRead).toBeLessThan(10);
    await batches.return(undefined);
  });

  it('that was interrupted is not called empty', async () => {
    const controller = new AbortController();
    controller.abort('SIGINT');
    expect(await read(['-'], { ...depsOf(), signal: controller.signal })).toEqual([]);
  });
});

describe('the size of the inputs', () => {
  it.each<[string, readonly string[], number | null]>([
    ['a file', ['one.jws'], A.length + 1],
    ['files', ['one.jws', 'a.b.c'], 2 * A.length + 1],
    ['a payload', [A], A.length],
    ['a directory', ['nothing'], gzipSync(A).length],
    ['standard input', ['one.jws', '-'], null],
    ['none', [], null],
  ])('of %s', async (_name, inputs, bytes) => expect(await inputSize(inputs, depsOf())).toBe(bytes));
});
