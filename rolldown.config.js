import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'rolldown';

const ROOT = import.meta.dirname;
const NOTICES = path.join(ROOT, 'THIRD-PARTY-NOTICES.txt');
const LICENCE_FILE = /^(licen[cs]e|copying|notice|copyrightnotice)([.-]|$)/i;

/** Output name → source: what the shim, the thread pool and the two `exports` of package.json name. */
const ENTRIES = {
  cli: 'src/cli/entry.ts',
  worker: 'src/cli/worker.ts',
  index: 'src/index.ts',
  testing: 'src/testing.ts',
};

export default defineConfig({
  input: ENTRIES,
  platform: 'node',
  // The ES build of a package that has both: half the size for @peculiar/x509, whose CommonJS build nothing can be shaken from.
  resolve: { mainFields: ['module', 'main'] },
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    // All files side by side: what resolves './worker.js' or '../samples' from import.meta.url may end up in any chunk.
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // Start-up is the same with and without names, and 7 % of size buys stacks that people can report.
    minify: { compress: true, mangle: { toplevel: true, keepNames: true }, codegen: { removeWhitespace: true } },
    comments: false,
  },
  plugins: [failOnWarnings(), failOnLeftoverImports(), writeNotices()],
});

/** A warning of a build scrolls by unread; one that matters is a bug, one that does not is to be switched off by name. */
function failOnWarnings() {
  return {
    name: 'fail-on-warnings',
    onLog(level, log) {
      if (level === 'warn') this.error(log);
    },
  };
}

/** The package installs with nothing beneath it, so whatever a chunk imports is another chunk or part of Node. */
function failOnLeftoverImports() {
  return {
    name: 'fail-on-leftover-imports',
    generateBundle(_options, bundle) {
      for (const chunk of chunksOf(bundle)) {
        const leftover = [...chunk.imports, ...chunk.dynamicImports].find((id) => !(id in bundle) && !isBuiltin(id));
        if (leftover !== undefined) this.error(`${chunk.fileName} would import ${leftover}, which is not bundled`);
      }
    },
  };
}

/** Writes name, version, licence and licence text of every package of which code was bundled; one without a text fails the build. */
function writeNotices() {
  return {
    name: 'third-party-notices',
    writeBundle(_options, bundle) {
      // By title: npm may have put one version into several folders.
      const notices = new Map(chunksOf(bundle).flatMap(packageFoldersOf).map(noticeOf));
      const sections = [...notices].sort(([a], [b]) => (a < b ? -1 : 1)).map((notice) => notice.join('\n\n'));
      const intro = 'The files of dist/ contain code of the packages below, under these terms.';
      writeFileSync(NOTICES, `${[intro, ...sections].join(`\n\n${'-'.repeat(80)}\n`)}\n`);
    },
  };
}

function chunksOf(bundle) {
  return Object.values(bundle).filter((file) => file.type === 'chunk');
}

function packageFoldersOf(chunk) {
  return chunk.moduleIds.filter((id) => id.includes('node_modules')).map(packageFolderOf);
}

/** The nearest folder whose package.json has a name: builds keep others that only say which module system they are. */
function packageFolderOf(moduleId) {
  const folder = path.dirname(moduleId.replace(/^\0/, '').replace(/\?.*$/, ''));
  const manifest = path.join(folder, 'package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name !== undefined) return folder;
  if (folder === path.dirname(folder)) throw new Error(`no package holds ${moduleId}`);
  return packageFolderOf(folder);
}

/** `[title, licence text]` of the package in this folder. */
function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  if (license === undefined || texts.length === 0) throw new Error(`the licence of ${name} ${version} is not known`);
  return [`${name} ${version} (${license})`, texts.join('\n\n')];
}
