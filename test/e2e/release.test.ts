import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../support/bin.js';
import { reasonToSkip } from '../support/installed.js';
import { readWorkflow, runStep } from '../support/workflow.js';

const { pack, try: attempt, publish, 'github-release': release } = readWorkflow('release.yml').jobs;
const { version: VERSION } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const TARBALL = `storewire-${VERSION}.tgz`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-release-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MISSING = reasonToSkip('bash', 'npm', 'git', 'sha256sum', 'shasum', 'openssl');

describe(`the scripts of release.yml${MISSING}`, { skip: MISSING !== '' }, () => {
  describe('the check of the tag', () => {
    const NAME = 'Tag, package.json and changelog agree, and the tag is on main';
    let clone: string;
    const git = (...words: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...words], { cwd: clone });
    const commit = (version: string, changelog: string): void => {
      writeFileSync(path.join(clone, 'package.json'), JSON.stringify({ version }));
      writeFileSync(path.join(clone, 'CHANGELOG.md'), changelog);
      git('add', '.');
      git('commit', '-qm', version);
    };
    beforeEach(() => {
      clone = mkdtempSync(path.join(folder, 'clone-'));
      git('init', '-q');
      commit('1.2.3', '# Changelog\n\n## 1.2.3\n\n- x\n');
      git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    });

    it('hands on the version', () => {
      expect(runStep(pack!, NAME, clone, { TAG: 'v1.2.3' })).toMatchObject({ status: 0, output: 'version=1.2.3\n' });
    });

    it('refuses the tag of another version', () => {
      const { status, stdout } = runStep(pack!, NAME, clone, { TAG: 'v1.2.4' });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '::error::the tag is v1.2.4, package.json has 1.2.3\n' });
    });

    it('refuses a version without a section in the changelog, and a commit that is not on main', () => {
      for (const other of ['1.2.3', '1.3.0-rc.1', '1.3.01']) {
        commit('1.3.0', `# Changelog\n\n## ${other}\n`);
        expect(runStep(pack!, NAME, clone, { TAG: 'v1.3.0' }).stdout, other).toBe(
          '::error::CHANGELOG.md has no section 1.3.0\n',
        );
      }
      commit('1.3.0', '# Changelog\n\n## 1.3.0\n');
      expect(runStep(pack!, NAME, clone, { TAG: 'v1.3.0' }).stdout).toBe('::error::v1.3.0 is not on main\n');
    });
  });

  describe('what is packed', () => {
    let work: string;
    let packed: ReturnType<typeof runStep>;
    const read = (file: string) => readFileSync(path.join(work, 'release', file), 'utf8');
    beforeAll(() => {
      work = path.join(folder, 'work');
      const skipped = ['node_modules', '.git', 'test', 'src'].map((name) => path.join(ROOT, name));
      cpSync(ROOT, work, { recursive: true, filter: (source) => !skipped.includes(source) });
      packed = runStep(pack!, 'Pack, with the formula, the notes and checksums', work, { VERSION });
    });

    it('comes with a formula that names the release and its checksum', () => {
      expect(packed.status, packed.stderr).toBe(0);
      const checksum = createHash('sha256')
        .update(readFileSync(path.join(work, 'release', TARBALL)))
        .digest('hex');
      const formula = read('storewire.rb');
      expect(formula).toMatch(/^class Storewire < Formula\n/);
      expect(formula).toContain(
        `  url "https://github.com/storewire/storewire/releases/download/v${VERSION}/${TARBALL}"\n`,
      );
      expect(formula).toContain(`  sha256 "${checksum}"\n`);
      expect(formula).not.toContain('@');
      expect(read('SHA256SUMS').split('\n')[0]).toBe(`${checksum}  ${TARBALL}`);
    });

    it('has a formula whose files are in the package', () => {
      const names = execFileSync('tar', ['-tzf', path.join(work, 'release', TARBALL)], { encoding: 'utf8' });
      const named = read('storewire.rb').matchAll(/lib\/node_modules\/storewire\/([\w./-]+)"/g);
      for (const [, file] of named) expect(names).toContain(`package/${file}`);
      expect(names).toContain('package/samples/did-renew.json');
      expect(names).toContain('package/samples/root.pem');
    });

    it('has the notes of this version only', () => {
      const notes = read('notes.md');
      expect(notes.trim()).not.toBe('');
      expect(notes).not.toMatch(/^## /m);
      expect(readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8')).toContain(notes);
    });

    it('installs alone and judges a payload, run, imported and required', () => {
      const at = mkdtempSync(path.join(folder, 'try-'));
      cpSync(path.join(work, 'release'), path.join(at, 'release'), { recursive: true });
      const name = 'Install the tarball alone, run it, import it, require it';
      const { status, stdout, stderr } = runStep(attempt!, name, at, { VERSION });
      expect(status, stdout + stderr).toBe(0);
    });

    it('is refused where it is not what the checksums say', () => {
      const at = mkdtempSync(path.join(folder, 'try-'));
      cpSync(path.join(work, 'release'), path.join(at, 'release'), { recursive: true });
      writeFileSync(path.join(at, 'release', TARBALL), 'x', { flag: 'a' });
      const name = 'Install the tarball alone, run it, import it, require it';
      const { status, stdout } = runStep(attempt!, name, at, { VERSION });
      expect(status).not.toBe(0);
      expect(stdout).toContain(`${TARBALL}: FAILED`);
    });

    it.each([
      ['publishes it', '', 0, [`publish ./release/${TARBALL} --provenance --access public --ignore-scripts`]],
      ['leaves it where it is published', 'SAME', 0, []],
      ['refuses a version that is published with other content', 'sha512-other', 1, []],
    ])('%s', (_case, published, status, calls) => {
      const tarball = readFileSync(path.join(work, 'release', TARBALL));
      const same = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      const answer = published === 'SAME' ? same : published;
      const { programs, called } = fakeProgram('npm', `if [ "$1" = view ]; then echo "${answer}"; exit 0; fi`);
      const result = runStep(publish!, 'Publish, unless an earlier attempt did', work, { VERSION }, programs);
      expect(result.status, result.stderr).toBe(status);
      expect(called().filter((line) => !line.startsWith('view '))).toEqual(calls);
    });
  });

  describe('the GitHub release', () => {
    const env = { GH_TOKEN: 'x', GH_REPO: 'o/r', TAG: 'v1.2.3', VERSION: '1.2.3', REPOSITORY: 'o/r', SHA: 'abc' };
    const FILES = 'release/storewire-1.2.3.tgz release/storewire.rb release/SHA256SUMS';
    it.each([
      [1, `release create v1.2.3 --verify-tag --title storewire 1.2.3 --notes-file release/notes.md ${FILES}`],
      [0, `release upload v1.2.3 --clobber ${FILES}`],
    ])('is made once (view exits with %d)', (exists, call) => {
      const { programs, called } = fakeProgram('gh', `if [ "$2" = view ]; then exit ${exists}; fi`);
      const { status } = runStep(release!, 'Release with tarball, formula and checksums', folder, env, programs);
      expect(status).toBe(0);
      expect(called()).toEqual(['release view v1.2.3', call]);
    });

    it.each([
      [0, 'api --method PATCH repos/o/r/git/refs/tags/v1 -f sha=abc -F force=true'],
      [1, 'api --method POST repos/o/r/git/refs -f ref=refs/tags/v1 -f sha=abc'],
    ])('moves the tag of the major version (its ref exits with %d)', (exists, call) => {
      const { programs, called } = fakeProgram('gh', `case $2 in *git/ref/tags/v1) exit ${exists};; esac`);
      expect(runStep(release!, 'Move the tag that workflows name', folder, env, programs).status).toBe(0);
      expect(called()).toEqual(['api repos/o/r/git/ref/tags/v1', call]);
    });
  });
});

/** A folder for the PATH with a program that notes its calls and then does `body`. */
function fakeProgram(name: string, body: string): { readonly programs: string; called(): readonly string[] } {
  const programs = mkdtempSync(path.join(folder, 'bin-'));
  const log = path.join(programs, 'calls');
  writeFileSync(log, '');
  writeFileSync(path.join(programs, name), `#!/bin/sh\necho "$*" >>'${log}'\n${body}\nexit 0\n`);
  chmodSync(path.join(programs, name), 0o755);
  return { programs, called: () => readFileSync(log, 'utf8').split('\n').slice(0, -1) };
}
