import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArrowRules, checkArrows } from './support/architecture/arrows.js';
import { checkEdges, checkNames, checkUniqueNames, type EdgeRules } from './support/architecture/edges.js';
import { readSources, type Source } from './support/architecture/source.js';

const SOURCES = readSources(path.join(import.meta.dirname, '../src'));

const ARROWS: ArrowRules = {
  layers: [
    ['printed'],
    ['entry', 'index', 'testing', 'payload-worker', 'listen-worker'],
    ['main'],
    ['program', 'plain-run'],
    ['commands'],
    ['pipeline'],
    ['session', 'input'],
    ['cli', 'document-view', 'purchase-view', 'reports'],
    ['listener', 'inspector', 'emulator', 'endpoint-check', 'audit'],
    ['forwarding', 'sender', 'simulator', 'purchase', 'server-api', 'connect-api', 'settings'],
    ['journal', 'terminal', 'subprocess', 'files', 'worker-pool', 'intermediary', 'format-detection'],
    ['notification'],
    ['trust'],
    ['jws'],
    ['http'],
    ['address'],
    ['errors', 'clock'],
  ],
  servesOnly: { settings: ['commands', 'session', 'cli', 'pipeline', 'printed'] },
  packages: {
    chalk: 'dynamic',
    commander: 'static',
    '@inquirer/prompts': 'dynamic',
    '@peculiar/x509': 'dynamic',
    asn1js: 'dynamic',
    inquirer: 'dynamic',
    jose: 'dynamic',
    pkijs: 'dynamic',
    preact: 'static',
    'preact/hooks': 'static',
    'preact/jsx-runtime': 'static',
    undici: 'dynamic',
  },
  lateFiles: ['trust/pki.ts'],
};

const EDGES: EdgeRules = {
  edges: [
    'cli/system.ts',
    'cli/system-output.ts',
    'listen-worker.ts',
    'payload-worker.ts',
    'testing.ts',
    'clock.ts',
    'inspector/page/main.tsx',
    'inspector/page/browser/browser.ts',
  ],
  globals: ['process', 'console', 'fetch', 'performance', 'setTimeout', 'setInterval', 'setImmediate'],
  members: ['Date.now', 'Math.random', 'AbortSignal.timeout'],
  functions: ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'getRandomValues'],
  modules: [
    'node:console',
    'node:perf_hooks',
    'node:process',
    'node:timers',
    'node:timers/promises',
    'node:worker_threads',
  ],
};

/** Who may take the clock as it is; everybody else is given the time. */
const CLOCK_READERS = ['cli/system.ts', 'index.ts', 'testing.ts'];

const DRAWERS = ['utils', 'util', 'helpers', 'helper', 'common', 'lib', 'shared', 'misc'];

describe('src', () => {
  it('has files to check', () => expect(SOURCES.map((source) => source.path)).toContain('cli/system.ts'));
  it('imports in one direction', () => expect(checkArrows(SOURCES, ARROWS)).toEqual([]));
  it('meets the outside world at its edge only', () => expect(checkEdges(SOURCES, EDGES)).toEqual([]));
  it('takes the clock at its edge only', () => {
    const readers = SOURCES.filter(({ text }) => /from '[./]*\/clock\.js'/.test(text)).map((source) => source.path);
    expect(readers.filter((path) => !CLOCK_READERS.includes(path))).toEqual([]);
    expect(readers).toContain('cli/system.ts');
  });
  it('has no drawers', () => expect(checkNames(SOURCES, DRAWERS)).toEqual([]));
  it('uses an exported name for one thing', () => expect(checkUniqueNames(SOURCES)).toEqual([]));
});

const file = (name: string, text: string): Source => ({ path: name, text });

describe('the check of arrows', () => {
  it.each([
    ['a static import', 'jws/x.ts', "import { a } from '../trust/a.js';", 'arrow', 'jws -> trust'],
    ['a dynamic import', 'jws/x.ts', "const a = () => import('../trust/a.js');", 'arrow', 'jws -> trust'],
    ['export from', 'jws/x.ts', "export { a } from '../trust/a.js';", 'arrow', 'jws -> trust'],
    ['export all', 'jws/x.ts', "export * from '../trust/a.js';", 'arrow', 'jws -> trust'],
    ['import type', 'jws/x.ts', "import type { A } from '../trust/a.js';", 'arrow', 'jws -> trust'],
    ['import in a type', 'jws/x.ts', "export type A = import('../trust/a.js').A;", 'arrow', 'jws -> trust'],
    ['import for effect', 'jws/x.ts', "import '../trust/a.js';", 'arrow', 'jws -> trust'],
    ['a neighbour', 'journal/x.ts', "import { a } from '../simulator/a.js';", 'arrow', 'journal -> simulator'],
    ['the command line', 'listener/in/x.ts', "import { a } from '../../cli/a.js';", 'arrow', 'listener -> cli'],
    ['settings', 'testing.ts', "import { a } from './settings/a.js';", 'arrow', 'testing -> settings'],
    ['an entry', 'cli/x.ts', "import { a } from '../index.js';", 'arrow', 'cli -> index'],
    [
      'an unknown folder',
      'cli/x.ts',
      "import { a } from '../extra/a.js';",
      'not in the table of layers',
      'cli -> extra',
    ],
    ['a file beside src', 'cli/x.ts', "import { a } from '../../bin/a.js';", 'not in the table of layers', 'cli -> ..'],
    ['a package', 'cli/x.ts', "import a from 'lodash/a.js';", 'package not in the table', 'lodash/a.js'],
    ['a package, late', 'cli/x.ts', "const a = () => import('@x/y');", 'package not in the table', '@x/y'],
    ['a computed import', 'cli/x.ts', 'const a = (b: string) => import(b);', 'package not in the table', '(computed)'],
    [
      'a slow package',
      'cli/x.ts',
      "import { X } from '@peculiar/x509';",
      'package loaded at start-up',
      '@peculiar/x509',
    ],
    ['only a type in it', 'cli/x.ts', "import { type Agent } from 'undici';", 'package loaded at start-up', 'undici'],
    [
      'a file that brings one',
      'cli/x.ts',
      "import { X } from '../trust/pki.js';",
      'package loaded at start-up',
      'trust/pki.ts',
    ],
    ['a bare built-in', 'cli/x.ts', "import fs from 'fs';", 'built-in without node:', 'fs'],
  ])('refuses %s', (_case, name, text, rule, found) => {
    expect(checkArrows([file(name, `// first line\n${text}`)], ARROWS)).toEqual([{ rule, at: `${name}:2`, found }]);
  });

  it.each([
    ['downwards', 'cli/x.ts', "import { a } from '../jws/a.js'; import { b } from '../settings/b.js';"],
    ['within a folder', 'jws/x.ts', "import { a } from './a.js'; import { b } from './b/c.js';"],
    ['a slow package, late', 'trust/x.ts', "import type { Y } from 'pkijs'; const a = () => import('pkijs');"],
    ['a file that brings one, late', 'trust/x.ts', "const a = () => import('./pki.js');"],
    ['a slow package in that file', 'trust/pki.ts', "export { X } from 'pkijs';"],
    ['text that looks like one', 'jws/x.ts', "// import '../cli/a.js'\nconst a = \"import('../cli/a.js')\";"],
    ['the version', 'cli/x.ts', "import manifest from '../../package.json' with { type: 'json' };"],
  ])('accepts %s', (_case, name, text) => expect(checkArrows([file(name, text)], ARROWS)).toEqual([]));

  it('finds a cycle of folders', () => {
    const sources = [
      file('cli/a/x.ts', "import { b } from '../b/y.js';"),
      file('cli/b/y.ts', "import { c } from '../c/z.js';"),
      file('cli/c/z.ts', "import type { a } from '../a/w.js';"),
      file('cli/d/v.ts', "import { a } from '../a/x.js'; import { top } from '../top.js';"),
      file('cli/top.ts', "import { w } from './a/w.js';"),
    ];
    expect(checkArrows(sources, ARROWS)).toEqual([
      { rule: 'cycle between folders', at: 'cli/a', found: 'cli/b' },
      { rule: 'cycle between folders', at: 'cli/b', found: 'cli/c' },
      { rule: 'cycle between folders', at: 'cli/c', found: 'cli/a' },
    ]);
  });

  it('finds a cycle of files, lazily imported ones included', () => {
    const sources = [
      file('cli/x.ts', "const y = () => import('./y.js');"),
      file('cli/y.ts', "import type { X } from './x.js';"),
    ];
    expect(checkArrows(sources, ARROWS)).toEqual([
      { rule: 'cycle between files', at: 'cli/x.ts', found: 'cli/y.ts' },
      { rule: 'cycle between files', at: 'cli/y.ts', found: 'cli/x.ts' },
    ]);
  });

  it('finds a command that imports another', () => {
    const sources = [file('commands/listen/run.ts', "import { a } from '../replay/send.js';")];
    expect(checkArrows(sources, ARROWS)).toEqual([
      { rule: 'one command imports another', at: 'commands/listen/run.ts:1', found: 'listen -> replay' },
    ]);
  });
});

describe('the check of edges', () => {
  it.each([
    ['const a = process.env;', 'process'],
    ['const a = { process };', 'process'],
    ['const a = () => console.log(1);', 'console'],
    ["const a = () => fetch('x');", 'fetch'],
    ["const a = () => globalThis.fetch('x');", 'globalThis.fetch'],
    ['const a = () => Date.now();', 'Date.now'],
    ['const a = Date.now;', 'Date.now'],
    ['const a = () => new Date();', 'new Date()'],
    ['const a = () => new Date;', 'new Date()'],
    ['const a = () => Date();', 'Date()'],
    ['const a = () => performance.now();', 'performance'],
    ['const a = () => setTimeout(b, 1);', 'setTimeout'],
    ['const a = () => setInterval(b, 1);', 'setInterval'],
    ['const a = () => setImmediate(b);', 'setImmediate'],
    ['const a = AbortSignal.timeout(5);', 'AbortSignal.timeout'],
    ['const a = () => Math.random();', 'Math.random'],
    ["import { randomBytes as a } from 'node:crypto';", 'randomBytes'],
    ['const a = () => crypto.randomUUID();', 'randomUUID'],
    ['const a = () => webcrypto.getRandomValues(b);', 'getRandomValues'],
    ["import process from 'node:process';", 'node:process'],
    ["const a = () => import('node:timers/promises');", 'node:timers/promises'],
    ["import { Worker } from 'node:worker_threads';", 'node:worker_threads'],
  ])('refuses %s', (text, found) => {
    const name = 'journal/x.ts';
    expect(checkEdges([file(name, `/* process */\n${text}`)], EDGES)).toEqual([
      { rule: 'edge', at: `${name}:2`, found },
    ]);
    expect(checkEdges([file('cli/system.ts', text)], EDGES)).toEqual([]);
  });

  it.each([
    ['a moment that was given', 'const a = (ms: number) => new Date(ms);'],
    ['a method of the same name', 'const a = (b: B) => b.setTimeout(5) ?? b.fetch({ process: 1 });'],
    ['a type', "import type { Worker } from 'node:worker_threads'; export type F = typeof fetch;"],
    ['comments and strings', "// Date.now()\nconst a = 'console.log(process)'; const b = `fetch()`;"],
  ])('accepts %s', (_case, text) => expect(checkEdges([file('journal/x.ts', text)], EDGES)).toEqual([]));

  it.each(['run();', 'if (a) b = 1;', 'for (const a of b) run(a);', 'await run();'])('refuses %s on import', (text) => {
    expect(checkEdges([file('jws/x.ts', text)], EDGES)).toMatchObject([
      { rule: 'effect of importing', at: 'jws/x.ts:1' },
    ]);
  });
});

describe('the check of names', () => {
  it('refuses one that two files export', () => {
    const sources = [file('a/x.ts', 'export const same = 1;'), file('b/y.ts', 'export function same() {}')];
    expect(checkUniqueNames(sources)).toMatchObject([{ at: 'same', found: 'a/x.ts b/y.ts' }]);
  });
  it.each(['jws/utils/x.ts', 'jws/lib.ts', 'common/x.ts', 'cli/input/helpers.ts'])('refuses %s', (name) => {
    expect(checkNames([file(name, '')], DRAWERS)).toHaveLength(1);
  });
  it('accepts words that hold one', () => expect(checkNames([file('cli/library-status.ts', '')], DRAWERS)).toEqual([]));
});
