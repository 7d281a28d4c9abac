import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import MagicString from 'magic-string';
import { parseAst } from 'rolldown/parseAst';

/**
 * Marks the functions that `commandLines` run, in the files `names` of the built program, for V8 to compile when it loads the file. V8 compiles
 * any other function at its first call, and Node's compile cache, which is written when a file has been compiled, then never holds it: a
 * third of a short run. The mark is a pair of parentheses around a function expression, so declarations and arrow functions become such.
 */
export function compileEagerly(root, names, commandLines) {
  return {
    name: 'compile-eagerly',
    closeBundle() {
      const files = names.map((name) => path.join(root, 'dist', `${name}.cjs`));
      // Closed after a failure as well, which the bundler reports.
      if (!files.every((file) => existsSync(file))) return;
      const coverage = commandLines.map((line) => coverageOf(root, line));
      for (const file of files) {
        const executed = new Set(coverage.flatMap((scripts) => executedFunctions(scripts, file)));
        writeFileSync(file, markFunctions(readFileSync(file, 'utf8'), executed));
      }
    },
  };
}

/** The scripts of a run of the built program, with the functions that V8 counted in each. */
function coverageOf(root, commandLine) {
  const folder = mkdtempSync(path.join(tmpdir(), 'storewire-build-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'bin/storewire.js'), ...commandLine], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NODE_V8_COVERAGE: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`the built program does not run: ${stderr}`);
    return JSON.parse(readFileSync(path.join(folder, readdirSync(folder)[0]), 'utf8')).result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Functions of `file` that ran, each as `start:end`. */
function executedFunctions(scripts, file) {
  const { functions = [] } = scripts.find(({ url }) => url.endsWith(`/${path.basename(file)}`)) ?? {};
  return functions
    .map(({ ranges: [whole] }) => whole)
    .filter(({ count }) => count > 0)
    .map(({ startOffset, endOffset }) => `${startOffset}:${endOffset}`);
}

/** `code` with each function of `executed` in parentheses. Accessors, methods of classes and declarations inside blocks stay as they are. */
function markFunctions(code, executed) {
  const text = new MagicString(code);
  const program = parseAst(code);
  const directives = program.body.filter(({ directive }) => directive !== undefined && directive !== null);
  const top = directives.at(-1)?.end ?? 0;
  visit(program, null, (node, parent) => {
    const isMethod = parent?.type === 'Property' && parent.method && node === parent.value;
    // V8 counts the name of a method as part of it.
    if (parent === null || !executed.has(`${isMethod ? parent.start : node.start}:${node.end}`)) return;
    if (node.type === 'FunctionDeclaration' && parent.type === 'Program') hoist(node, top, text);
    else if (isMethod) convertMethod(node, parent, text);
    else if (node.type === 'FunctionExpression' && !isAccessor(parent))
      text.appendRight(node.start, '(').prependLeft(node.end, ')');
    else if (node.type === 'ArrowFunctionExpression' && !usesOuterThis(node)) convertArrow(node, code, text);
  });
  return text.toString();
}

function visit(node, parent, see) {
  if (typeof node.type === 'string') see(node, parent);
  for (const inner of Object.values(node)) {
    if (typeof inner === 'object' && inner !== null) visit(inner, typeof node.type === 'string' ? node : parent, see);
  }
}

function isAccessor({ type, kind }) {
  return type === 'MethodDefinition' || (type === 'Property' && kind !== 'init');
}

/** `write(data) {…}` of an object becomes `write: (function (data) {…})`. */
function convertMethod({ start, end, async: isAsync, generator }, { start: from, key, computed }, text) {
  const name = text.original.slice(key.start, key.end);
  text.overwrite(
    from,
    start,
    `${computed ? `[${name}]` : name}:(${isAsync ? 'async ' : ''}function${generator ? '*' : ''}`,
  );
  text.prependLeft(end, ')');
}

/** A declaration may be used before its place, so the variable that replaces it goes to the top. */
function hoist({ start, end, id }, top, text) {
  text.appendRight(start, `;var ${id.name}=(`).prependLeft(end, ');');
  if (start !== top) text.move(start, end, top);
}

/** `this`, `arguments`, `super` and `new.target` mean something else inside a function expression. */
function usesOuterThis(arrow) {
  let found = false;
  const search = (node) => {
    if (['ThisExpression', 'Super', 'MetaProperty'].includes(node.type)) found = true;
    if (node.type === 'Identifier' && node.name === 'arguments') found = true;
  };
  visit(arrow, null, search);
  return found;
}

function convertArrow({ start, end, params, body, async: isAsync }, code, text) {
  const arrowAt = code.indexOf('=>', params.at(-1)?.end ?? start);
  const afterAsync = isAsync ? start + /^async\s*/.exec(code.slice(start, arrowAt))[0].length : start;
  const isBare = code[afterAsync] !== '(';
  const isExpression = body.type !== 'BlockStatement';
  if (isAsync) text.remove(start, afterAsync);
  text.appendRight(afterAsync, `(${isAsync ? 'async ' : ''}function${isBare ? '(' : ''}`);
  text.overwrite(arrowAt, arrowAt + 2, `${isBare ? ')' : ''}${isExpression ? '{return ' : ''}`);
  text.prependLeft(end, `${isExpression ? '}' : ''})`);
}
