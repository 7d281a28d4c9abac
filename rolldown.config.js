import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'rolldown';
import { compileEagerly } from './rolldown.start-up.js';

const ROOT = import.meta.dirname;
const NOTICES = path.join(ROOT, 'THIRD-PARTY-NOTICES.txt');
/** Licence texts by title: npm may have put one version into several folders, and several bundles of a build add to them. */
const notices = new Map();
const LICENCE_FILE = /^(licen[cs]e|copying|notice|copyrightnotice)([.-]|$)/i;

/** The shim and the thread pool want the first three, package.json exports the last. */
const ENTRIES = {
  cli: 'src/entry.ts',
  worker: 'src/payload-worker.ts',
  'listen-worker': 'src/listen-worker.ts',
  testing: 'src/testing.ts',
};

/** The library: one file for `import`, one for `require`, and neither shares a line with the command line. */
const LIBRARY = 'src/index.ts';
const LIBRARY_IMPORTS = ['node:buffer', 'node:crypto'];

/**
 * Files of the start, each with every module that these import statically and that is in no file before it: first what every command loads, and
 * decode whole; then what verify needs besides. One file for each, because opening many takes as long as verifying a payload.
 */
const START_UP_FILES = {
  'start-up': ['src/main.ts', 'src/cli/system.ts'],
  verification: [
    'src/commands/verify/flags.ts',
    'src/commands/verify/run.ts',
    'src/pipeline/verified-documents.ts',
    'src/document-view/verification.ts',
    'src/document-view/json.ts',
  ],
};
const startUp = assignStartUpModules(START_UP_FILES);

// Start-up is the same with and without names, and 7 % of size buys stacks that people can report.
const MINIFY = {
  compress: true,
  mangle: { toplevel: true, keepNames: true },
  codegen: { removeWhitespace: true },
};

/** The local page: a script and a style sheet that the server of `inspect` writes into its one HTML document. */
const PAGE = { folder: path.join(ROOT, 'src/inspector/page'), name: 'inspector-page' };

/** A busy machine makes plugins slow, which is a warning, and warnings end the build. */
const CHECKS = { bundlerTimings: false };

const commandLine = defineConfig({
  input: ENTRIES,
  platform: 'node',
  checks: CHECKS,
  // The ES build of a package that has both: half the size for @peculiar/x509, whose CommonJS build nothing can be shaken from.
  resolve: { mainFields: ['module', 'main'] },
  output: {
    dir: 'dist',
    // Node starts CommonJS 5 ms sooner than ES modules, a tenth of what a bare Node takes; importers get it through a face, below.
    format: 'cjs',
    cleanDir: true,
    codeSplitting: {
      groups: Object.keys(START_UP_FILES).map((name) => ({ name, test: (id) => startUp.fileOf.get(id) === name })),
    },
    // All files side by side: what resolves './worker.cjs' or '../samples' from its own place may end up in any chunk.
    entryFileNames: '[name].cjs',
    chunkFileNames: (chunk) => (isStartUp(chunk) ? '[name].cjs' : '[name]-[hash].cjs'),
    minify: MINIFY,
    comments: false,
  },
  plugins: [
    startUp.plugin,
    withoutColourDetection(),
    withoutExecutableCommands(),
    withRequestsOnly(),
    withOneHttpParser(),
    withoutUnusedRequests(),
    withUsedCertificateClasses(),
    withoutEditor(),
    failOnWarnings(),
    failOnLeftoverImports(),
    writeAscii(),
    withLateCrypto(),
    writeFaces(['testing']),
    writeNotices(),
    compileEagerly(ROOT, Object.keys(START_UP_FILES), [
      ['decode', 'samples/did-renew.json'],
      ['verify', 'samples/did-renew.json', '--root', 'samples/root.pem'],
    ]),
  ],
});

const library = (format, fileName) =>
  defineConfig({
    input: LIBRARY,
    platform: 'node',
    checks: CHECKS,
    output: { file: `dist/${fileName}`, format, minify: MINIFY, comments: false },
    plugins: [failOnWarnings(), writeAscii(), failOnOtherImports(LIBRARY_IMPORTS)],
  });

const page = defineConfig({
  input: path.join(PAGE.folder, 'main.tsx'),
  platform: 'browser',
  tsconfig: path.join(PAGE.folder, 'tsconfig.json'),
  checks: CHECKS,
  output: { file: `dist/${PAGE.name}.js`, format: 'iife', minify: true, comments: false },
  plugins: [
    failOnWarnings(),
    failOnOtherImports([]),
    writeAscii({ everywhere: true }),
    failOnMarkup(),
    withStyleSheet(),
    writeNotices(),
  ],
});

// The command line first, as it empties dist/.
export default [commandLine, page, library('esm', 'index.js'), library('cjs', 'index.cjs')];

/** The file of each module of the start, by the static imports as the bundler itself resolves them; complete once its build has ended. */
function assignStartUpModules(files) {
  const fileOf = new Map();
  return {
    fileOf,
    plugin: {
      name: 'start-up-modules',
      buildEnd() {
        fileOf.clear();
        for (const [file, entries] of Object.entries(files)) {
          const open = entries.map((entry) => path.join(ROOT, entry));
          for (let id = open.pop(); id !== undefined; id = open.pop()) {
            if (fileOf.has(id)) continue;
            const found = this.getModuleInfo(id);
            if (found === null && !isBuiltin(id)) this.error(`the start-up module ${id} is not part of the build`);
            fileOf.set(id, file);
            open.push(...(found?.importedIds ?? []));
          }
        }
      },
    },
  };
}

function isStartUp({ name }) {
  return Object.hasOwn(START_UP_FILES, name);
}

/** `testing.js` for `import`, beside `testing.cjs`: the same objects, under the names they are exported by. */
function writeFaces(entries) {
  return {
    name: 'faces',
    generateBundle(_options, bundle) {
      for (const chunk of chunksOf(bundle).filter(({ isEntry, name }) => isEntry && entries.includes(name))) {
        const source = `export { ${chunk.exports.join(', ')} } from './${chunk.fileName}';\n`;
        this.emitFile({ type: 'asset', fileName: `${chunk.name}.js`, source });
      }
    },
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

/** Of undici what src/http/dispatcher.ts uses: its index brings fetch, WebSocket, caches and mocks along, two thirds of it. */
function withRequestsOnly() {
  const id = '\0undici-requests';
  return {
    name: 'with-requests-only',
    resolveId: (source) => (source === 'undici' ? id : null),
    load(module) {
      if (module !== id) return null;
      return `import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
        import api from 'undici/lib/api/index.js';
        Object.assign(Dispatcher.prototype, api);
        export { default as Agent } from 'undici/lib/dispatcher/agent.js';
        export { default as EnvHttpProxyAgent } from 'undici/lib/dispatcher/env-http-proxy-agent.js';`;
    },
  };
}

/** Undici holds its parser twice, with SIMD instructions and without, 72 KB each; the one without runs on every machine. */
function withOneHttpParser() {
  const required = "require('../llhttp/llhttp_simd-wasm.js')";
  return {
    name: 'with-one-http-parser',
    transform(code, id) {
      if (!/[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client-h1\.js$/.test(id)) return null;
      if (!code.includes(required)) this.error('undici loads its parser in another way now');
      // Undici takes the other one where this throws.
      return code.replace(required, 'null');
    },
  };
}

/** Of requests that this tool never makes: bodies that are forms or blobs, for which undici brings half of its fetch, and HTTP/2. */
function withoutUnusedRequests() {
  const unused = { '../web/fetch/body.js': 'a body of fetch', './client-h2.js': 'HTTP/2' };
  const prefix = '\0unused-request:';
  const found = new Set();
  return {
    name: 'without-unused-requests',
    resolveId(source, importer) {
      if (!(source in unused) || !/[\\/]undici[\\/]lib[\\/]dispatcher[\\/][\w-]+\.js$/.test(importer)) return null;
      found.add(source);
      return prefix + source;
    },
    load: (id) =>
      id.startsWith(prefix)
        ? `module.exports = () => { throw new Error('storewire sends no request with ${unused[id.slice(prefix.length)]}'); };
           module.exports.extractBody = module.exports;`
        : null,
    generateBundle() {
      if (found.size < Object.keys(unused).length) this.error('undici loads fetch or HTTP/2 in another way now');
    },
  };
}

/**
 * pkijs names its classes in static blocks, which no bundler may drop, and makes an engine for signatures, which node:crypto verifies here.
 * With fields instead of blocks, and without the engine, the classes that `src/trust/pki.ts` does not name are left out.
 */
function withUsedCertificateClasses() {
  const block = /static \{\s*this\.(\w+) = ([^;{}]+);\s*\}/g;
  const engine = /^initCryptoEngine\(\);$/m;
  return {
    name: 'with-used-certificate-classes',
    transform(code, id) {
      if (!/[\\/]pkijs[\\/]build[\\/]index\.js$/.test(id)) return null;
      const withFields = code.replaceAll(block, 'static $1 = $2;');
      if (withFields === code || !engine.test(code)) this.error('pkijs is built in another way now');
      return withFields.replace(engine, '');
    },
  };
}

/** Inquirer brings an editor prompt that nobody asks with, and that the character tables of the world, a quarter of a megabyte. */
function withoutEditor() {
  const id = '\0no-editor';
  return {
    name: 'without-editor',
    resolveId: (source) => (source === '@inquirer/external-editor' ? id : null),
    load: (module) =>
      module === id
        ? "export function editAsync() { throw new Error('no prompt of storewire opens an editor'); }"
        : null,
  };
}

/**
 * Node reads a file of plain ASCII half a millisecond sooner, and the program is full of dashes and check marks. Control characters are
 * escaped in every file: the minifier writes them out, and the package is text throughout.
 */
function writeAscii({ everywhere = false } = {}) {
  const control = /\\?[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
  const foreign = /\\?[^\0-\x7f]/g;
  return {
    name: 'ascii',
    generateBundle(_options, bundle) {
      const escapeUnit = (text) => {
        if (text.length > 1) this.error(`a backslash before ${JSON.stringify(text)} cannot be escaped by itself`);
        return `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`;
      };
      for (const chunk of chunksOf(bundle)) {
        chunk.code = chunk.code.replace(control, escapeUnit);
        if (everywhere || isStartUp(chunk)) chunk.code = chunk.code.replace(foreign, escapeUnit);
      }
    },
  };
}

/** The script of the page stands between `<script>` tags, which these texts would end or confuse. */
function failOnMarkup() {
  return {
    name: 'fail-on-markup',
    generateBundle(_options, bundle) {
      for (const chunk of chunksOf(bundle)) {
        const markup = /<\/script|<script|<!--/i.exec(chunk.code)?.[0];
        if (markup !== undefined)
          this.error(`${chunk.fileName} holds ${markup}, which cannot stand in a script element`);
      }
    },
  };
}

/** Writes the style sheet of the page beside its script, without comments and line breaks. */
function withStyleSheet() {
  const file = path.join(PAGE.folder, 'page.css');
  return {
    name: 'with-style-sheet',
    buildStart() {
      this.addWatchFile(file);
    },
    generateBundle() {
      const source = readFileSync(file, 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\s+/g, ' ')
        .replace(/ ?([{};,>]) ?/g, '$1')
        .replace(/: /g, ':')
        .replace(/\b0\./g, '.')
        .replaceAll('@media (', '@media(')
        .replaceAll(';}', '}')
        .trim();
      if (!/^[ -~]+$/.test(source) || source.includes('</')) this.error('page.css holds more than plain ASCII rules');
      this.emitFile({ type: 'asset', fileName: `${PAGE.name}.css`, source });
    },
  };
}

/** `node:crypto` takes 3 ms to load, and decode needs none of it. */
function withLateCrypto() {
  const required = /require\((["'`])node:crypto\1\)/g;
  const late = 'new Proxy({},{get:(_,name)=>process.getBuiltinModule("node:crypto")[name]})';
  return {
    name: 'late-crypto',
    generateBundle(_options, bundle) {
      for (const chunk of chunksOf(bundle).filter(isStartUp)) {
        if (!required.test(chunk.code)) this.error('the start-up file loads node:crypto in another way now');
        chunk.code = chunk.code.replaceAll(required, late);
      }
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

/** Runtimes other than Node have some modules of Node's, and packages are for the command line. */
function failOnOtherImports(allowed) {
  return {
    name: 'fail-on-other-imports',
    generateBundle(_options, bundle) {
      const other = chunksOf(bundle)
        .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
        .find((id) => !allowed.includes(id));
      if (other !== undefined) this.error(`the library would import ${other}`);
    },
  };
}

/**
 * Writes name, version, licence and licence text of every package of which code was bundled, a text once for all that have it; a package
 * without a text fails the build.
 */
function writeNotices() {
  return {
    name: 'third-party-notices',
    writeBundle(_options, bundle) {
      for (const [title, text] of chunksOf(bundle).flatMap(packageFoldersOf).map(noticeOf)) notices.set(title, text);
      const titles = new Map();
      for (const [title, text] of [...notices].sort(([a], [b]) => (a < b ? -1 : 1)))
        titles.set(text, [...(titles.get(text) ?? []), title]);
      const sections = [...titles].map(([text, named]) => `${named.join('\n')}\n\n${text}`);
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

/** The nearest folder whose package.json has a name and a version: builds and subpaths keep others that only point to their files. */
function packageFolderOf(moduleId) {
  const folder = path.dirname(moduleId.replace(/^\0/, '').replace(/\?.*$/, ''));
  const manifest = path.join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
    if (name !== undefined && version !== undefined) return folder;
  }
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
