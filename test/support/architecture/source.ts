import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** One source file. `path` is relative to `src/`, with forward slashes on every system. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** `static` also is `export … from`; `type` is erased by the compiler: `import type`, `export type … from`, `import('x').Y` in a type. */
export interface Import {
  readonly specifier: string;
  readonly kind: 'static' | 'dynamic' | 'type';
  readonly line: number;
}

export function readSources(folder: string): readonly Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => ({ path: file.replaceAll(path.sep, '/'), text: readFileSync(path.join(folder, file), 'utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The syntax tree, so that comments and strings are neither imports nor names. */
export function parseSource(source: Source): ts.SourceFile {
  return ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2023, true);
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** Every import of a file. A dynamic one whose name is computed has the specifier `(computed)`. */
export function importsOf(file: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  walk(file, (node) => {
    const entry = importOf(node);
    if (entry !== undefined) found.push({ ...entry, line: lineOf(node) });
  });
  return found;
}

function importOf(node: ts.Node): Omit<Import, 'line'> | undefined {
  if (ts.isImportDeclaration(node)) {
    return { specifier: textOf(node.moduleSpecifier), kind: node.importClause?.isTypeOnly ? 'type' : 'static' };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: textOf(node.moduleSpecifier), kind: node.isTypeOnly ? 'type' : 'static' };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: textOf(node.arguments[0]), kind: 'dynamic' };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), kind: 'type' };
  }
  return undefined;
}

function textOf(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : '(computed)';
}
