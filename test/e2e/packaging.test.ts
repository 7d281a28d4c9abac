import { isUtf8 } from 'node:buffer';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNpm } from '../support/runtimes.js';

const ROOT = path.join(import.meta.dirname, '../..');
const MANIFEST = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const MOST_UNPACKED_BYTES = 2_500_000;
/** Files of the start and what they may hold: every command line reads the first, `verify` the second. A change that adds to them is paid each time. */
const MOST_START_UP_BYTES = { 'start-up.cjs': 165_000, 'verification.cjs': 80_000 };

/** Script and style of the local page: read at once, by people who wait for it. */
const MOST_PAGE_BYTES = 58_000;

/** The library compressed, as a bundle or a Worker is measured. */
const MOST_LIBRARY_BYTES = 25 * 1024;

const entryFiles = (name: string): readonly string[] =>
  ['js', 'cjs', 'd.ts', 'd.cts'].map((extension) => `dist/${name}.${extension}`);

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

let folder: string;
let packed: Packed;
/** The installed package, as a user has it. */
let installed: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-packaging-'));
  const consumer = path.join(folder, 'consumer');
  mkdirSync(consumer);
  writeFileSync(path.join(consumer, 'package.json'), '{"name":"consumer","private":true,"type":"module"}');
  [packed] = JSON.parse(runNpm(['pack', ROOT, '--json', '--ignore-scripts', '--pack-destination', folder], folder));
  runNpm(['install', '--offline', '--no-audit', '--no-fund', `../${packed.filename}`], consumer);
  installed = path.join(consumer, 'node_modules/storewire');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  it('holds what runs and what explains it, and nothing of how it is made', () => {
    const files = packed.files.map((file) => file.path);
    const parts = new Set(files.map((file) => file.split('/')[0]));
    expect([...parts].sort()).toEqual([
      'LICENSE',
      'README.md',
      'THIRD-PARTY-NOTICES.txt',
      'bin',
      'dist',
      'docs',
      'package.json',
      'samples',
      'schemas',
    ]);
    expect(files).toEqual(
      expect.arrayContaining(['dist/cli.cjs', 'dist/worker.cjs', ...entryFiles('index'), ...entryFiles('testing')]),
    );
    expect(files.filter((file) => file.startsWith('bin/'))).toEqual(['bin/package.json', 'bin/storewire.js']);
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.map$|\.test\./.test(file))).toEqual([]);
  });

  it('has the library as one small file for import and one for require, apart from the command line', () => {
    for (const file of ['index.js', 'index.cjs']) {
      const code = readFileSync(path.join(installed, 'dist', file));
      expect(gzipSync(code, { level: 9 }).length, file).toBeLessThanOrEqual(MOST_LIBRARY_BYTES);
      const imported = [...code.toString().matchAll(/(?:\bfrom|\brequire\(|\bimport\(?)\s*["'`]([^"'`]+)["'`]/g)];
      expect(imported.map((match) => match[1]).sort(), file).toEqual(['node:buffer', 'node:crypto']);
    }
  });

  it('is text throughout: nobody can read compiled code, nor see that it was changed', () => {
    const opaque = packed.files
      .map((file) => file.path)
      .filter((file) => !isText(readFileSync(path.join(installed, file))));
    expect(opaque).toEqual([]);
  });

  it('has WebAssembly in the parser of its HTTP client, and nowhere else', () => {
    // The first bytes of a module, in base64, in hex and as they are.
    const holders = packed.files
      .map((file) => file.path)
      .filter((file) => /AGFzbQ|0061736d|\0asm/.test(readFileSync(path.join(installed, file), 'latin1')));
    expect(holders).toEqual([expect.stringMatching(/^dist\/_undici-requests-[\w-]+\.cjs$/)]);
  });

  it.each([
    ['publint', 'publint/src/cli.js', ['run', '--strict']],
    ['attw', '@arethetypeswrong/cli/dist/index.js', ['--no-color', '--no-emoji', '--format', 'ascii']],
  ])('has nothing that %s finds wrong for importers, requirers and bundlers', (_name, program, options) => {
    const words = [path.join(ROOT, 'node_modules', program), ...options, path.join(folder, packed.filename)];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });

  it('stays small', () => expect(packed.unpackedSize).toBeLessThanOrEqual(MOST_UNPACKED_BYTES));

  it('has a local page that stays small', () => {
    const files = ['inspector-page.js', 'inspector-page.css'].map((file) => path.join(installed, 'dist', file));
    const bytes = files.map((file) => statSync(file).size).reduce((sum, size) => sum + size);
    expect(bytes).toBeLessThanOrEqual(MOST_PAGE_BYTES);
  });

  it('starts decode from one file and verify from two, which stay small', () => {
    for (const [file, most] of Object.entries(MOST_START_UP_BYTES))
      expect(statSync(path.join(installed, 'dist', file)).size, file).toBeLessThanOrEqual(most);
    const bin = path.join(installed, 'bin/storewire.js');
    const script = `process.argv[1] = ${JSON.stringify(bin)};
      require(process.argv[1]);
      process.on('exit', () => {
        const streams = process.moduleLoadList.filter((name) => name === 'NativeModule net');
        require('node:fs').writeSync(2, [...Object.keys(require.cache), ...streams].join('\\n'));
      });`;
    const sample = path.join(installed, 'samples/did-renew.json');
    // CI counts as --no-input, which is a file of its own.
    const { CI: _, ...env } = process.env;
    const expected = { decode: ['start-up.cjs'], verify: ['start-up.cjs', 'verification.cjs'] };
    for (const [command, files] of Object.entries(expected)) {
      const { stderr } = spawnSync(process.execPath, ['-e', script, bin, command, sample], { encoding: 'utf8', env });
      const loaded = stderr.split('\n').filter((line) => line.startsWith(path.join(installed, 'dist')));
      // The bundler keeps its own ten lines of interop apart.
      const found = loaded.map((file) => path.basename(file).replace(/^rolldown-runtime-.*/, 'runtime'));
      expect(found.sort(), command).toEqual(['cli.cjs', 'runtime', ...files]);
      // Outputs of a child of Node are sockets, which are written without Node's streams as far as they have room.
      expect(stderr, command).not.toContain('NativeModule net');
    }
  });

  it('needs no other package and runs nothing when it is installed', () => {
    const { dependencies, optionalDependencies, peerDependencies, bundleDependencies, scripts } = JSON.parse(
      readFileSync(path.join(installed, 'package.json'), 'utf8'),
    );
    expect({ dependencies, optionalDependencies, peerDependencies, bundleDependencies }).toEqual({});
    // npm asks for approval of `prepare` as well where a package is installed from a file.
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
    const beneath = readdirSync(path.dirname(installed)).filter((name) => !name.startsWith('.'));
    expect(beneath).toEqual(['storewire']);
  });

  it('names the licence of what is bundled', () => {
    const notices = readFileSync(path.join(installed, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const titleLines = /^\S+ \d+\.\d+\.\d+\S* \(.+\)$/gm;
    const titles = notices.match(titleLines) ?? [];
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles.length).toBeGreaterThan(20);
    // Packages of one text share it.
    const [, ...texts] = notices
      .split(`${'-'.repeat(80)}\n`)
      .map((section) => section.replaceAll(titleLines, '').trim());
    expect(new Set(texts).size).toBe(texts.length);
    expect(titles.filter((title) => title.startsWith('commander '))).toHaveLength(1);
    expect(notices).toContain('Copyright (c) 2011 TJ Holowaychuk');
    expect(notices).not.toMatch(/vitest|rolldown|typescript \d/);
  });
});

describe('the installed package', () => {
  it('tells its version', () => {
    const result = spawnSync(process.execPath, [path.join(installed, 'bin/storewire.js'), '--version'], {
      encoding: 'utf8',
    });
    expect([result.status, result.stdout, result.stderr]).toEqual([0, `${MANIFEST.version}\n`, '']);
  });

  it('is linked as a command', () => {
    const command = path.join(
      path.dirname(installed),
      '.bin',
      process.platform === 'win32' ? 'storewire.cmd' : 'storewire',
    );
    expect(statSync(command).isFile()).toBe(true);
  });

  it('exports the same under import and require', () => {
    const script = `const { createRequire } = await import('node:module');
      const require = createRequire(import.meta.url);
      for (const entry of ['storewire', 'storewire/testing']) {
        const names = [await import(entry), require(entry)].map((module) => Object.keys(module).sort().join());
        console.log(names[0] === names[1], names[0].includes(entry === 'storewire' ? 'verify' : 'startEmulator'));
      }`;
    const consumer = path.join(folder, 'consumer');
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: consumer,
      encoding: 'utf8',
    });
    expect(output).toBe('true true\ntrue true\n');
  });

  it.each(['index', 'testing'])('explains every name that it exports: %s', (entry) => {
    const program = ts.createProgram([path.join(installed, `dist/${entry}.d.cts`)], {
      module: ts.ModuleKind.NodeNext,
      types: ['node'],
      typeRoots: [path.join(ROOT, 'node_modules/@types')],
    });
    const checker = program.getTypeChecker();
    const file = program.getSourceFile(path.join(installed, `dist/${entry}.d.cts`))!;
    const names = checker.getExportsOfModule(checker.getSymbolAtLocation(file)!);
    expect(names.length).toBeGreaterThan(50);
    const isExplained = (name: ts.Symbol): boolean => {
      const declared = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
      return declared.getDocumentationComment(checker).length > 0;
    };
    expect(names.filter((name) => !isExplained(name)).map(({ name }) => name)).toEqual([]);
  });

  it.each([
    { module: 'nodenext', files: ['consumer.mts', 'consumer.cts'] },
    { module: 'preserve', moduleResolution: 'bundler', files: ['consumer.ts'] },
    { module: 'commonjs', moduleResolution: 'node10', files: ['consumer.ts'] },
  ])('has types that compile with nothing but those of Node: $module', ({ files, ...options }) => {
    const text = `import * as api from 'storewire';
      import * as testing from 'storewire/testing';
      // @ts-expect-error: so the types are looked at
      import { missing } from 'storewire';
      void [api, testing, missing];`;
    expect(compileConsumer(text, files, options)).toEqual([0, '']);
  });
});

/** UTF-8 without control characters other than tab and line ends. */
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(bytes.toString());
}

/** Compiles the same text as each of `files`, as the strictest user would: declarations of packages are checked too. */
function compileConsumer(
  text: string,
  files: readonly string[],
  options: object,
): readonly [status: number | null, output: string] {
  const consumer = path.join(folder, 'consumer');
  const config = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
      ...options,
      types: ['node'],
      typeRoots: [path.join(ROOT, 'node_modules/@types')],
    },
    files,
  };
  writeFileSync(path.join(consumer, 'tsconfig.json'), JSON.stringify(config));
  for (const file of files) writeFileSync(path.join(consumer, file), text);
  const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const result = spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: consumer, encoding: 'utf8' });
  return [result.status, result.stdout];
}
