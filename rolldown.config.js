import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'rolldown';

const ROOT = import.meta.dirname;
const NOTICES = path.join(ROOT, 'THIRD-PARTY-NOTICES.txt');
const LICENCE_FILE = /^(licen[cs]e|copying|notice|copyrightnotice)([.-]|$)/i;

/** Names and licences of what was bundled, over all builds. By title: npm may have put one version into several folders. */
const notices = new Map();

/**
 * The program, for the shim and the thread pool. CommonJS: Node starts it 5 ms sooner than ES modules, a tenth of what a bare Node takes.
 */
const PROGRAM = { cli: 'src/cli/entry.ts', worker: 'src/cli/worker.ts' };

/** The two `exports` of package.json. */
const LIBRARY = { index: 'src/index.ts', testing: 'src/testing.ts' };

export default defineConfig([
  build(PROGRAM, { format: 'cjs', extension: 'cjs', cleanDir: true }),
  build(LIBRARY, { format: 'esm', extension: 'js', cleanDir: false }),
]);

function build(input, { format, extension, cleanDir }) {
  return {
    input,
    platform: 'node',
    // The ES build of a package that has both: half the size for @peculiar/x509, whose CommonJS build nothing can be shaken from.
    resolve: { mainFields: ['module', 'main'] },
    output: {
      dir: 'dist',
      format,
      cleanDir,
      // All files side by side: what resolves './worker.cjs' or '../samples' from its own place may end up in any chunk.
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name]-[hash].${extension}`,
      // Start-up is the same with and without names, and 7 % of size buys stacks that people can report.
      minify: { compress: true, mangle: { toplevel: true, keepNames: true }, codegen: { removeWhitespace: true } },
      comments: false,
    },
    plugins: [
      withoutColourDetection(),
      withoutExecutableCommands(),
      failOnWarnings(),
      failOnLeftoverImports(),
      writeNotices(),
    ],
  };
}

/** Chalk is always told its level (src/cli/colour.ts); what it would find out by itself costs modules at start-up. */
function withoutColourDetection() {
  const id = '\0no-colour-detection';
  return {
    name: 'without-colour-detection',
    resolveId: (source) => (source === '#supports-color' ? id : null),
    load: (module) => (module === id ? 'export default { stdout: false, stderr: false };' : null),
  };
}

/** Commander loads child_process for commands that are programs of their own; this tool has none, and it is 1 ms of every start. */
function withoutExecutableCommands() {
  const required = "require('node:child_process')";
  return {
    name: 'without-executable-commands',
    transform(code, id) {
      if (!/[\\/]commander[\\/]lib[\\/]command\.js$/.test(id)) return null;
      if (!code.includes(required)) this.error('commander loads child_process in another way now');
      return code.replace(required, '{}');
    },
  };
}

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
      for (const [title, text] of chunksOf(bundle).flatMap(packageFoldersOf).map(noticeOf)) notices.set(title, text);
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
