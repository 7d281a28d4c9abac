import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/bin.js';
import { parseDockerfile } from '../support/dockerfile.js';
import { reasonToSkip } from '../support/installed.js';

const [install = [], image = []] = parseDockerfile(readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8'));
const textsOf = (stage: typeof image, name: string) =>
  stage.filter((each) => each.name === name).map(({ text }) => text);
const [health = ''] = textsOf(image, 'HEALTHCHECK');
const HEALTH_COMMAND: readonly string[] = JSON.parse(health.slice(health.indexOf('CMD ') + 4));
const [entryPoint] = textsOf(image, 'ENTRYPOINT').map((text) => JSON.parse(text) as readonly string[]);
const [command] = textsOf(image, 'CMD').map((text) => JSON.parse(text) as readonly string[]);

describe('the Dockerfile', () => {
  it('runs as a user by number who is not root, and installs as root before', () => {
    const names = image.map(({ name }) => name);
    expect(textsOf(image, 'USER')).toEqual(['1000:1000']);
    expect(names.lastIndexOf('RUN')).toBeLessThan(names.indexOf('USER'));
    expect(textsOf(image, 'RUN')).toEqual(['install -d -o 1000 -g 1000 -m 700 /data']);
    expect([textsOf(image, 'WORKDIR'), textsOf(image, 'VOLUME')]).toEqual([['/data'], ['/data']]);
  });

  it('is built from the packed tarball, and nothing else of the repository reaches the engine', () => {
    expect(textsOf(install, 'COPY')).toEqual(['storewire-*.tgz /tmp/storewire.tgz']);
    expect(textsOf(image, 'COPY')).toEqual(['--from=install /opt/storewire /opt/storewire']);
    expect(readFileSync(path.join(ROOT, '.dockerignore'), 'utf8')).toBe('*\n!storewire-*.tgz\n');
  });

  it('has the same Node in both stages, one that the tests run with', () => {
    const [base = ''] = textsOf(image, 'FROM');
    expect(textsOf(install, 'FROM')).toEqual([`${base} AS install`]);
    const major = /^node:(\d+)-alpine$/.exec(base)?.[1];
    expect(readFileSync(path.join(ROOT, '.github/workflows/ci.yml'), 'utf8')).toMatch(
      new RegExp(`node: \\[.*\\b${major}\\b.*\\]`),
    );
  });

  it('publishes and probes the port that listen has by default', () => {
    const options = readFileSync(path.join(ROOT, 'docs/commands/listen.md'), 'utf8');
    const [port] = textsOf(image, 'EXPOSE');
    expect(options).toContain(`default: ${port}`);
    expect(textsOf(image, 'ENV')).toContain(`STOREWIRE_HEALTH_URL=http://127.0.0.1:${port}/`);
  });

  describe(`what it installs${reasonToSkip('npm')}`, { skip: reasonToSkip('npm') !== '' }, () => {
    let folder: string;
    let data: string;
    let program: string;
    beforeAll(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'storewire-docker-'));
      data = path.join(folder, 'data');
      mkdirSync(data, { mode: 0o700 });
      const packed = execFileSync('npm', ['pack', ROOT, '--json', '--ignore-scripts', '--pack-destination', folder], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const tarball = path.join(folder, JSON.parse(packed)[0].filename);
      const prefix = path.join(folder, 'opt');
      const [run = ''] = textsOf(install, 'RUN');
      const words = run.replace('/opt/storewire', prefix).replace('/tmp/storewire.tgz', tarball).split(' ');
      execFileSync(words[0]!, words.slice(1), { cwd: folder, stdio: 'ignore' });
      expect(textsOf(image, 'ENV')).toContain('PATH=/opt/storewire/bin:$PATH');
      program = path.join(prefix, 'bin', entryPoint![0]!);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const env = { PATH: process.env.PATH, STOREWIRE_BUNDLE_ID: 'com.example.app' };
    const probe = (url: string): SpawnSyncReturns<string> =>
      spawnSync(HEALTH_COMMAND[0]!, HEALTH_COMMAND.slice(1), {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, STOREWIRE_HEALTH_URL: url },
      });

    it('is found in PATH under the name of the entry point', () => {
      expect(entryPoint).toEqual(['storewire']);
      expect(statSync(program).mode & 0o111).not.toBe(0);
    });

    it.each([
      ['its own path', []],
      ['another path', ['--path', '/apple']],
    ])('listens in its command, and is healthy while it does: %s', async (_case, more) => {
      const words = [...command!, ...more, '--port', '0', '--json'];
      const child = spawn(program, words, { cwd: data, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = await once(child.stdout, 'data');
      const { port } = new URL(JSON.parse(String(line).split('\n')[0]!).url);
      const url = `http://127.0.0.1:${port}/`;
      expect(probe(url)).toMatchObject({ status: 0, stdout: '', stderr: '' });
      child.kill('SIGTERM');
      await once(child, 'close');
      expect(probe(url).status).toBe(1);
    });

    it('does not start for anybody’s notifications: it asks for a bundle id', () => {
      const { PATH } = process.env;
      const { status, stderr } = spawnSync(program, command!, { cwd: data, env: { PATH }, encoding: 'utf8' });
      expect(status).toBe(2);
      expect(stderr).toContain('--any-app');
    });

    it('is not healthy where the response is an error of the server', async () => {
      const server = createServer((_request, response) => response.writeHead(503).end());
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const child = spawn(HEALTH_COMMAND[0]!, HEALTH_COMMAND.slice(1), {
        env: { PATH: process.env.PATH, STOREWIRE_HEALTH_URL: url },
        stdio: 'ignore',
      });
      const [code] = await once(child, 'close');
      server.close();
      expect(code).toBe(1);
    });
  });
});
