// Loads the program with the code that V8 compiled at build time. Compiling 260 KB again takes a sixth of the run.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');

const DIST = path.join(__dirname, '../dist');
const PROGRAM = path.join(DIST, 'program.cjs');
/** Compiled code serves the very Node that made it; V8 checks version, flags and source once more and drops what does not fit. */
const COMPILED = path.join(DIST, `program-${process.version}-${process.platform}-${process.arch}.bin`);

/** `main` and `systemDeps` of the program. */
function loadProgram() {
  if (existsSync(COMPILED)) runCompiled(readFileSync(COMPILED));
  // Elsewhere Node keeps the compiled code itself, from 22.1 on, in its own folder.
  else if (Module.enableCompileCache) Module.enableCompileCache();
  return require('../dist/cli.cjs');
}

/** Runs the program's file as Node's loader does and leaves it where `require` finds it. */
function runCompiled(cachedData) {
  const script = new Script(Module.wrap(readFileSync(PROGRAM, 'utf8')), { filename: PROGRAM, cachedData });
  const program = new Module(PROGRAM, module);
  program.filename = PROGRAM;
  program.paths = [];
  require.cache[PROGRAM] = program;
  const requireThere = Module.createRequire(PROGRAM);
  script.runInThisContext().call(program.exports, program.exports, requireThere, program, PROGRAM, DIST);
  program.loaded = true;
  return script;
}

/** For the build: saves V8's compiled code after these command lines have run. */
async function writeCompiled(commandLines) {
  const script = runCompiled(undefined);
  const { main, systemDeps } = require('../dist/cli.cjs');
  for (const argv of commandLines) await main(argv, systemDeps());
  writeFileSync(COMPILED, script.createCachedData());
}

module.exports = { loadProgram, writeCompiled };
