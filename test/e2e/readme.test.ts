import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, ROOT, SAMPLES } from '../support/bin.js';

const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const SHELL_BLOCKS = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) => (match[1] ?? '').split('\n'));

/** Every line of the README that runs storewire, without what follows `#`. */
const COMMANDS = SHELL_BLOCKS.map((line) => line.replace(/\s+#.*$/, '').trim()).filter((line) =>
  /\bnpx (storewire|\.) /.test(line),
);

/** What a line needs that a test has not: a clipboard, a terminal, Apple. */
const WAITS_FOR_A_PERSON = /^npx storewire decode$/;
const USAGE = 2;
const BUG = 70;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-readme-'));
  const sample = path.join(SAMPLES, 'did-renew.json');
  for (const name of ['payload.json', 'old.jws', 'archive.ndjson']) copyFileSync(sample, path.join(folder, name));
  writeFileSync(path.join(folder, 'app.log'), `12:00 INFO got ${readFileSync(sample, 'utf8')}\n12:01 INFO nothing\n`);
  copyFileSync(path.join(SAMPLES, 'root.pem'), path.join(folder, 'test-root.pem'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('every command of the README', () => {
  it('is found', () => expect(COMMANDS.length).toBeGreaterThan(12));

  it.skipIf(process.platform === 'win32').each(COMMANDS.filter((line) => !WAITS_FOR_A_PERSON.test(line)))(
    '%s',
    (line) => {
      const command = line
        .replaceAll(/npx (storewire|\.) /g, `"${process.execPath}" "${BIN}" `)
        .replaceAll('samples/', `${SAMPLES}/`)
        .replace('pbpaste', 'cat payload.json');
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH },
      });
      expect({ status, stderr }).not.toMatchObject({ status: USAGE });
      expect(status).not.toBe(BUG);
      const written = /> (\S+)$/.exec(line)?.[1];
      const said = written === undefined ? `${stdout}${stderr}` : readFileSync(path.join(folder, written), 'utf8');
      expect(said).not.toBe('');
    },
  );
});

describe('what the README says of its samples', () => {
  it('the root makes them valid, and without it they are refused', () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [BIN, 'verify', path.join(SAMPLES, 'did-renew.json'), ...args]);
    expect(run('--root', path.join(SAMPLES, 'root.pem')).status).toBe(0);
    expect(run().status).toBe(1);
  });

  it('they are what the builders make', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(SAMPLES, 'make.js'), '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
  });
});
