import path from 'node:path';
import ts from 'typescript';

const ROOT = path.join(import.meta.dirname, '../../..');

/** An expression that becomes text, a number or a key, and may hold any JSON value. */
export interface Conversion {
  /** `src/emulator/jwt.ts: iss` */
  readonly place: string;
  readonly line: number;
}

const CONVERTERS = new Set(['String', 'Number', 'BigInt', 'parseInt', 'parseFloat']);

const OPERATORS = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.PlusEqualsToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);

/** What is thrown or given to `abort()` is untyped and comes from code, never from a token. */
const FROM_CODE = /(?:^|\.)(?:cause|error|reason|code)$/;

/**
 * Every place in `src` that converts a value of a JSON or unknown type: template literals, `String()` and its like, `join`, comparison and
 * addition, computed keys. `{"toString":1}` makes each of them throw.
 */
export function findConversions(): readonly Conversion[] {
  const config = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const sources = path.join(ROOT, 'src') + path.sep;
  const files = fileNames.filter((file) => path.normalize(file).startsWith(sources));
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const found: Conversion[] = [];
  const check = (node: ts.Expression): void => {
    const type = checker.getTypeAtLocation(node);
    if (!mayBeObject(type, checker) || (isUntyped(type) && FROM_CODE.test(node.getText()))) return;
    const source = node.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    const file = path.relative(ROOT, source.fileName).replaceAll(path.sep, '/');
    found.push({ place: `${file}: ${node.getText()}`, line: line + 1 });
  };
  const walk = (node: ts.Node): void => {
    for (const converted of convertedBy(node, checker)) check(converted);
    ts.forEachChild(node, walk);
  };
  for (const file of files) walk(program.getSourceFile(file)!);
  return found;
}

/** The operands of a node that are converted. */
function convertedBy(node: ts.Node, checker: ts.TypeChecker): readonly ts.Expression[] {
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (ts.isBinaryExpression(node) && OPERATORS.has(node.operatorToken.kind as never)) return [node.left, node.right];
  if (ts.isPrefixUnaryExpression(node) && node.operator !== ts.SyntaxKind.ExclamationToken) return [node.operand];
  if (ts.isElementAccessExpression(node)) return [node.argumentExpression];
  if (ts.isComputedPropertyName(node)) return [node.expression];
  return ts.isCallExpression(node) ? convertedByCall(node, checker) : [];
}

function convertedByCall(
  { expression: callee, arguments: given }: ts.CallExpression,
  checker: ts.TypeChecker,
): readonly ts.Expression[] {
  if (ts.isIdentifier(callee) && CONVERTERS.has(callee.text)) return given.slice(0, 1);
  if (!ts.isPropertyAccessExpression(callee)) return [];
  const items = checker.getIndexTypeOfType(checker.getTypeAtLocation(callee.expression), ts.IndexKind.Number);
  const isJoin = callee.name.text === 'join' && items !== undefined && mayBeObject(items, checker);
  const isPassed = given.some((argument) => ts.isIdentifier(argument) && CONVERTERS.has(argument.text));
  return (isJoin || isPassed) && items !== undefined && mayBeObject(items, checker) ? [callee.expression] : [];
}

/** True for `unknown`, `any`, `{}`, and for JSON: a type with an object that has any keys, or an array of such. */
function mayBeObject(type: ts.Type, checker: ts.TypeChecker): boolean {
  if (isUntyped(type)) return true;
  if (type.isUnion()) return type.types.some((each) => mayBeObject(each, checker));
  if (!(type.flags & ts.TypeFlags.Object)) return false;
  if (checker.getPropertiesOfType(type).length === 0) return true;
  return checker.isArrayType(type) && mayBeObject(checker.getTypeArguments(type as ts.TypeReference)[0]!, checker);
}

function isUntyped({ flags }: ts.Type): boolean {
  return (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
}
