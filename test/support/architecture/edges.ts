import ts from 'typescript';
import type { Violation } from './arrows.js';
import { importsOf, lineOf, parseSource, type Source } from './source.js';

export interface EdgeRules {
  /** Files that make the outside world available to the others; everything below is theirs alone. */
  readonly edges: readonly string[];
  /** Globals that only an edge may name. */
  readonly globals: readonly string[];
  /** `object.member` pairs that only an edge may name. */
  readonly members: readonly string[];
  /** Names that only an edge may use, whatever object they hang on. */
  readonly functions: readonly string[];
  /** Modules of Node that only an edge may import, types excepted. */
  readonly modules: readonly string[];
}

/** Finds clocks, randomness, timers, console, network and process outside the edges, and modules that do something when imported. */
export function checkEdges(sources: readonly Source[], rules: EdgeRules): readonly Violation[] {
  return sources.filter((source) => !rules.edges.includes(source.path)).flatMap((source) => checkInner(source, rules));
}

/** Folders and files that are drawers, by the name of any part of their path. */
export function checkNames(sources: readonly Source[], drawers: readonly string[]): readonly Violation[] {
  return sources.flatMap(({ path }) =>
    path
      .replace(/\.tsx?$/, '')
      .split('/')
      .filter((part) => drawers.includes(part))
      .map((found) => ({ rule: 'drawer', at: path, found })),
  );
}

/** Exported names that two files declare: a reader who searches for one must find one thing. */
export function checkUniqueNames(sources: readonly Source[]): readonly Violation[] {
  const places = new Map<string, string[]>();
  for (const source of sources)
    for (const name of declaredNames(source)) places.set(name, [...(places.get(name) ?? []), source.path]);
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => ({ rule: 'one name, two things', at: name, found: paths.join(' ') }));
}

function declaredNames(source: Source): readonly string[] {
  const declaration = /^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm;
  return [...new Set([...source.text.matchAll(declaration)].map(([, name = '']) => name))];
}

function checkInner(source: Source, rules: EdgeRules): readonly Violation[] {
  const file = parseSource(source);
  const violations: Violation[] = [];
  const report = (rule: string, line: number, found: string) =>
    violations.push({ rule, at: `${source.path}:${line}`, found });
  for (const { specifier, kind, line } of importsOf(file)) {
    if (kind !== 'type' && rules.modules.includes(specifier)) report('edge', line, specifier);
  }
  for (const statement of file.statements) {
    if (!isDefinition(statement)) report('effect of importing', lineOf(statement), ts.SyntaxKind[statement.kind]);
  }
  visitValues(file, (node) => {
    const found = worldOf(node, rules);
    if (found !== null) report('edge', lineOf(node), found);
  });
  return violations;
}

function isDefinition(statement: ts.Statement): boolean {
  return (
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement) ||
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement)
  );
}

/** Types are left out: they vanish, and `typeof fetch` calls nothing. */
function visitValues(node: ts.Node, visit: (node: ts.Node) => void): void {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
  if (ts.isImportDeclaration(node) && node.importClause?.isTypeOnly) return;
  visit(node);
  ts.forEachChild(node, (child) => visitValues(child, visit));
}

/** What of the outside world a node names, or null. */
function worldOf(node: ts.Node, rules: EdgeRules): string | null {
  if (ts.isNewExpression(node) && isNamed(node.expression, 'Date') && !node.arguments?.length) return 'new Date()';
  if (ts.isCallExpression(node) && isNamed(node.expression, 'Date')) return 'Date()';
  if (ts.isPropertyAccessExpression(node)) return memberOfWorld(node, rules);
  if (!ts.isIdentifier(node)) return null;
  if (rules.functions.includes(node.text)) return node.text;
  return rules.globals.includes(node.text) && isReference(node) ? node.text : null;
}

function memberOfWorld(node: ts.PropertyAccessExpression, { members, globals }: EdgeRules): string | null {
  const text = `${node.expression.getText()}.${node.name.text}`;
  if (isNamed(node.expression, 'globalThis') && globals.includes(node.name.text)) return text;
  return members.includes(text) ? text : null;
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** False for the `fetch` of `api.fetch`, of `{ fetch: 1 }` and of a declaration: those are other things of the same name. */
function isReference(node: ts.Identifier): boolean {
  const parent: ts.Node & { readonly name?: ts.Node; readonly propertyName?: ts.Node } = node.parent;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return parent.name !== node && parent.propertyName !== node;
}
