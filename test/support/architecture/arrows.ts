import { isBuiltin } from 'node:module';
import path from 'node:path';
import { type Import, importsOf, parseSource, type Source } from './source.js';

/** One broken rule. `found` names what breaks it, `rule` which of the rules of `reference/style.md` it is. */
export interface Violation {
  readonly rule: string;
  readonly at: string;
  readonly found: string;
}

export interface ArrowRules {
  /** From the top down. What stands at one height may import what stands lower, and neither its neighbours nor what is above. */
  readonly layers: readonly (readonly string[])[];
  /** What only the listed others may import, though their height would allow more. */
  readonly servesOnly: Readonly<Record<string, readonly string[]>>;
  /** How a package may be imported: one that is slow to load only by `import()`. One that is not here may not be imported at all. */
  readonly packages: Readonly<Record<string, 'static' | 'dynamic'>>;
  /** Files that import a slow package statically, and are themselves only imported by `import()`. */
  readonly lateFiles?: readonly string[];
}

/** Checks every import of every file: the direction, the packages, and that neither files, folders nor commands need each other. */
export function checkArrows(sources: readonly Source[], rules: ArrowRules): readonly Violation[] {
  const imports = sources.flatMap((source) =>
    importsOf(parseSource(source)).map((entry) => ({ ...entry, from: source.path })),
  );
  const faults = imports.flatMap((entry) => {
    const fault = isRelative(entry.specifier) ? faultOfArrow(entry, rules) : faultOfPackage(entry, rules);
    return fault === null ? [] : [{ ...fault, at: `${entry.from}:${entry.line}` }];
  });
  const relative = imports.filter((entry) => isRelative(entry.specifier));
  return [...faults, ...folderCycles(relative), ...fileCycles(relative)];
}

type ImportFrom = Import & { readonly from: string };
type Fault = Omit<Violation, 'at'> | null;

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

function targetOf({ from, specifier }: ImportFrom): string {
  return path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

/** `jws/compact.ts` belongs to `jws`, `errors.ts` to `errors`. */
function partOf(file: string): string {
  return (file.split('/')[0] ?? '').replace(/\.ts$/, '');
}

/** `replay` for `commands/replay/run.ts`; undefined for a file that belongs to no command. */
function commandOf(file: string): string | undefined {
  return /^commands\/([^/]+)\//.exec(file)?.[1];
}

function faultOfArrow(entry: ImportFrom, { layers, servesOnly, lateFiles = [] }: ArrowRules): Fault {
  if (entry.kind === 'static' && lateFiles.includes(targetOf(entry)))
    return { rule: 'package loaded at start-up', found: targetOf(entry) };
  const [from, to] = [partOf(entry.from), partOf(targetOf(entry))];
  // package.json: where the version stands.
  if (targetOf(entry) === '../package.json') return null;
  const commands = [commandOf(entry.from), commandOf(targetOf(entry))];
  if (commands[0] !== commands[1] && !commands.includes(undefined))
    return { rule: 'one command imports another', found: commands.join(' -> ') };
  if (from === to) return null;
  const found = `${from} -> ${to}`;
  const heightOf = (part: string) => layers.findIndex((layer) => layer.includes(part));
  if (heightOf(from) === -1 || heightOf(to) === -1) return { rule: 'not in the table of layers', found };
  if (heightOf(from) >= heightOf(to)) return { rule: 'arrow', found };
  if (servesOnly[to]?.includes(from) === false) return { rule: 'arrow', found };
  return null;
}

function faultOfPackage({ specifier, kind, from }: ImportFrom, { packages, lateFiles = [] }: ArrowRules): Fault {
  if (isBuiltin(specifier))
    return specifier.startsWith('node:') ? null : { rule: 'built-in without node:', found: specifier };
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (packages[name] === undefined) return { rule: 'package not in the table', found: specifier };
  return kind === 'static' && packages[name] === 'dynamic' && !lateFiles.includes(from)
    ? { rule: 'package loaded at start-up', found: specifier }
    : null;
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** A folder and one inside it are one thing to itself, so only folders apart from each other can form a cycle. */
function folderCycles(imports: readonly ImportFrom[]): readonly Violation[] {
  const edges = imports
    .map((entry) => [path.posix.dirname(entry.from), path.posix.dirname(targetOf(entry))] as const)
    .filter(([from, to]) => from !== to && !isInside(from, to) && !isInside(to, from));
  return cycles(graphOf(edges), 'cycle between folders');
}

function fileCycles(imports: readonly ImportFrom[]): readonly Violation[] {
  return cycles(graphOf(imports.map((entry) => [entry.from, targetOf(entry)] as const)), 'cycle between files');
}

function graphOf(edges: readonly (readonly [from: string, to: string])[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  return graph;
}

function cycles(graph: Graph, rule: string): readonly Violation[] {
  return [...graph.keys()]
    .filter((node) => reachableFrom(node, graph).has(node))
    .map((node) => ({ rule, at: node, found: [...(graph.get(node) ?? [])].join(' ') }));
}

function isInside(folder: string, other: string): boolean {
  return other === '.' || folder.startsWith(`${other}/`);
}

function reachableFrom(start: string, graph: Graph): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (!reached.has(next)) open.push(next);
      reached.add(next);
    }
  }
  return reached;
}
