import path from 'node:path';
import {
  type BaseType,
  type CompletedConfig,
  createFormatter,
  createParser,
  createProgram,
  DEFAULT_CONFIG,
  EnumType,
  SchemaGenerator,
  type SubNodeParser,
} from 'ts-json-schema-generator';
import ts from 'typescript';
import { ROOT } from './bin.js';

const BASE = 'https://unpkg.com/storewire/schemas/';

interface SchemaFile {
  /** Type of src/printed.ts. */
  readonly type: string;
  readonly title: string;
  /** A settings file refuses what it does not know; in output, readers skip what a later version adds. */
  readonly isClosed?: true;
}

/** Schemas of the package, by the name of their file. */
export const SCHEMA_FILES: Readonly<Record<string, SchemaFile>> = {
  'document.json': {
    type: 'PayloadDocument',
    title: 'A payload: decode, verify, history, lookup, replay and journal with --json',
  },
  'notification.json': { type: 'Notification', title: 'The decoded signedPayload of a notification' },
  'transaction.json': { type: 'Transaction', title: 'A decoded signedTransactionInfo' },
  'renewal-info.json': { type: 'RenewalInfo', title: 'A decoded signedRenewalInfo' },
  'app-transaction.json': { type: 'AppTransaction', title: 'A decoded signedAppTransactionInfo' },
  'summary.json': { type: 'PrintedSummary', title: 'What decode and verify print with --summary --json' },
  'timeline.json': { type: 'PurchaseTimeline', title: 'A line of timeline --json: one purchase' },
  'listen.json': { type: 'PrintedListenerEvent', title: 'A line of listen --json' },
  'emulator.json': { type: 'EmulatorEvent', title: 'A line of emulator --json' },
  'test.json': { type: 'TestReport', title: 'What test --json and status --json print' },
  'check.json': { type: 'PrintedCheck', title: 'What check --json prints' },
  'audit.json': { type: 'PrintedAudit', title: 'What audit --json prints' },
  'settings.json': { type: 'ProjectSettingsFile', title: 'The project file .storewire.json', isClosed: true },
  'story.json': { type: 'StoryFile', title: 'A story for storewire trigger --scenario FILE', isClosed: true },
  'user-settings.json': { type: 'UserSettingsFile', title: 'The user file of storewire', isClosed: true },
};

/** Text of each schema, written from the types. Reads the whole program twice, which takes seconds. */
export function writeSchemas(): ReadonlyMap<string, string> {
  const generators = { open: generatorOf(true), closed: generatorOf(false) };
  return new Map(
    Object.entries(SCHEMA_FILES).map(([file, { type, title, isClosed }]) => {
      const { $schema = '', ...schema } = generators[isClosed ? 'closed' : 'open'].createSchema(type);
      return [file, `${printJson({ $schema, $id: `${BASE}${file}`, title, ...schema })}\n`];
    }),
  );
}

const LINE_WIDTH = 140;

/** JSON in which each object or list that fits into a line is one: smaller and easier to read than one value a line. */
function printJson(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || indent.length + line.length <= LINE_WIDTH) return line;
  const within = `${indent} `;
  const [open, close, entries] = Array.isArray(value)
    ? ['[', ']', value.map((each) => printJson(each, within))]
    : ['{', '}', Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${printJson(each, within)}`)];
  return `${open}\n${entries.map((entry) => `${within}${entry}`).join(',\n')}\n${indent}${close}`;
}

function generatorOf(additionalProperties: boolean) {
  const config: CompletedConfig = {
    ...DEFAULT_CONFIG,
    path: path.join(ROOT, 'src/printed.ts'),
    tsconfig: path.join(ROOT, 'tsconfig.json'),
    additionalProperties,
    skipTypeCheck: true,
    sortProps: false,
    functions: 'fail',
  };
  const program = createProgram(config);
  const parser = createParser(program, config, (chain) => chain.addNodeParser(wordsOfTables(program.getTypeChecker())));
  return new SchemaGenerator(program, parser, createFormatter(config), config);
}

/** `keyof typeof TABLE` and `(typeof LIST)[number]`: the words that the type checker makes of them, where the generator reads the values. */
function wordsOfTables(checker: ts.TypeChecker): SubNodeParser {
  const wordsOf = (node: ts.Node): readonly string[] => {
    const type = checker.getTypeAtLocation(node);
    return (type.isUnion() ? type.types : [type]).flatMap((each) => (each.isStringLiteral() ? each.value : []));
  };
  return {
    supportsNode: (node) =>
      (ts.isTypeOperatorNode(node) || ts.isIndexedAccessTypeNode(node)) &&
      /\btypeof /.test(node.getText()) &&
      wordsOf(node).length > 0,
    createType: (node): BaseType => new EnumType(`words-${node.getText()}`, wordsOf(node)),
  };
}
