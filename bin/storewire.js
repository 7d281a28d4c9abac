#!/usr/bin/env node
// Written so that Node 10 still reads it: nothing is imported before the version is known, and nothing newer than ES2018 is used.
const OLDEST = [20, 19];
const NOT_WORKING = 70;

if (isTooOld(process.versions.node)) {
  process.exitCode = NOT_WORKING;
  process.stderr.write(`storewire needs Node ${OLDEST.join('.')} or newer, this is ${process.versions.node}.\n`);
} else {
  process.on('uncaughtException', stopOnBug);
  process.on('unhandledRejection', stopOnBug);
  start().catch(stopOnBug);
}

function isTooOld(version) {
  const [major, minor] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

async function start() {
  keepCompiledCode();
  const { main, systemDeps } = require('../dist/cli.cjs');
  const deps = systemDeps();
  process.exitCode = await main(process.argv.slice(2), deps);
  if (process.exitCode === 130) await dieOf(deps.interruptedBy(), deps);
  // All is done and written: main resolves once both outputs are drained. Waiting for Node to find nothing left to do takes longer, and an
  // unread pipe or a name server that does not answer would keep the process alive.
  process.exit();
}

/**
 * Lets Node (22.1 and newer) keep compiled code between runs, in `$XDG_CACHE_HOME/storewire` or `~/.cache/storewire`. Node runs whatever
 * code it finds there and its default is a shared temporary folder, so nothing is kept unless the folder is this user's alone.
 */
function keepCompiledCode() {
  const { enableCompileCache } = require('node:module');
  const user = process.geteuid ? process.geteuid() : null;
  if (!enableCompileCache || user === null) return;
  const { join, isAbsolute } = require('node:path');
  const { HOME = '', XDG_CACHE_HOME = '' } = process.env;
  const caches = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(HOME, '.cache');
  if (!isAbsolute(caches)) return;
  try {
    createFolder(caches, user);
    const folder = createFolder(join(caches, 'storewire'), user);
    const stats = require('node:fs').lstatSync(folder);
    if (stats.isDirectory() && stats.uid === user && (stats.mode & 0o077) === 0) enableCompileCache(folder);
  } catch (_) {
    // The cache only saves time; without it the run is the same.
  }
}

/** Creates a folder unless it exists, and returns its path without links. Throws if another user could replace one of its parents. */
function createFolder(folder, user) {
  const { existsSync, lstatSync, mkdirSync, realpathSync } = require('node:fs');
  const { basename, dirname, join } = require('node:path');
  const parent = realpathSync.native(dirname(folder));
  for (let at = parent, below; at !== below; below = at, at = dirname(at)) {
    const { uid, mode } = lstatSync(at);
    const isSticky = (mode & 0o1000) !== 0;
    if ((uid !== user && uid !== 0) || ((mode & 0o022) !== 0 && !isSticky)) throw new Error(`${at} is not safe`);
  }
  const path = join(parent, basename(folder));
  if (existsSync(path)) return path;
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return path;
}

/**
 * Ends as the signal would have ended us: a shell stops its script only if the program died of SIGINT, an exit code of 130 is
 * not enough. At a prompt, where Ctrl-C is a key and no signal (null), the script gets none either unless the whole job does.
 * Windows has no such thing and would drop what is still being written.
 */
async function dieOf(caught, deps) {
  if (process.platform === 'win32') return;
  await Promise.all([deps.stdout.drained(), deps.stderr.drained()]);
  const signal = caught || 'SIGINT';
  process.removeAllListeners(signal);
  process.kill(caught === null && process.stdin.isTTY ? 0 : process.pid, signal);
}

/** Reports a bug and ends with 70: Node's own exit code 1 would read as a "no". */
function stopOnBug(error) {
  process.exitCode = NOT_WORKING;
  const end = () => process.exit(NOT_WORKING);
  // Both pipes are drained first, but a reader that does not read must not block the exit.
  setTimeout(end, 2000).unref();
  process.stderr.write(isNotBuilt(error) ? NOT_BUILT : bugReport(error), () => process.stdout.write('', end));
}

const NOT_BUILT = 'storewire is not built yet: dist/cli.cjs is missing. In a clone, `npm ci` builds it.\n';

function isNotBuilt(error) {
  const { code, message } = Object(error);
  return code === 'MODULE_NOT_FOUND' && /dist[\\/]cli\.cjs'/.test(message);
}

function bugReport(error) {
  const stack = String(Object(error).stack || error);
  const place = 'https://github.com/storewire/storewire/issues';
  if (process.argv.includes('--json')) {
    const hint = `Please report it with this text at ${place}`;
    return `${printable(JSON.stringify({ error: { code: 'ERR_BUG', message: stack, hint } }))}\n`;
  }
  return `storewire stopped because of a bug.\n${printable(stack.replace(/^/gm, '  '))}\nPlease report it with the lines above: ${place}\n`;
}

/** Shows control, direction and zero-width characters as escapes: the message may quote untrusted input. */
function printable(text) {
  const unsafe = /[^\P{C}\n]|[\u2028\u2029]/gu;
  return text.replace(unsafe, (character) =>
    Array.from(character.split(''), (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}
