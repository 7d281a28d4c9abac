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
}

/** Checks every import of every file: the direction, the packages, and that no two folders need each other. */
export function checkArrows(sources: readonly Source[], rules: ArrowRules): readonly Violation[] {
  const imports = sources.flatMap((source) =>
    importsOf(parseSource(source)).map((entry) => ({ ...entry, from: source.path })),
  );
  const faults = imports.flatMap((entry) => {
    const fault = isRelative(entry.specifier) ? faultOfArrow(entry, rules) : faultOfPackage(entry, rules);
    return fault === null ? [] : [{ ...fault, at: `${entry.from}:${entry.line}` }];
  });
  return [...faults, ...cycles(imports.filter((entry) => isRelative(entry.specifier)))];
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

function faultOfArrow(entry: ImportFrom, { layers, servesOnly }: ArrowRules): Fault {
  const [from, to] = [partOf(entry.from), partOf(targetOf(entry))];
  // package.json: where the version stands.
  if (from === to || targetOf(entry) === '../package.json') return null;
  const found = `${from} -> ${to}`;
  const heightOf = (part: string) => layers.findIndex((layer) => layer.includes(part));
  if (heightOf(from) === -1 || heightOf(to) === -1) return { rule: 'not in the table of layers', found };
  if (heightOf(from) >= heightOf(to)) return { rule: 'arrow', found };
  if (servesOnly[to]?.includes(from) === false) return { rule: 'arrow', found };
  return null;
}

function faultOfPackage({ specifier, kind }: ImportFrom, { packages }: ArrowRules): Fault {
  if (isBuiltin(specifier))
    return specifier.startsWith('node:') ? null : { rule: 'built-in without node:', found: specifier };
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (packages[name] === undefined) return { rule: 'package not in the table', found: specifier };
  return kind === 'static' && packages[name] === 'dynamic'
    ? { rule: 'package loaded at start-up', found: specifier }
    : null;
}

/** A folder and one inside it are one thing to itself, so only folders apart from each other can form a cycle. */
function cycles(imports: readonly ImportFrom[]): readonly Violation[] {
  const graph = new Map<string, Set<string>>();
  for (const entry of imports) {
    const [from, to] = [path.posix.dirname(entry.from), path.posix.dirname(targetOf(entry))];
    if (from !== to && !isInside(from, to) && !isInside(to, from))
      graph.set(from, (graph.get(from) ?? new Set()).add(to));
  }
  return [...graph.keys()]
    .filter((folder) => reachableFrom(folder, graph).has(folder))
    .map((folder) => ({ rule: 'cycle between folders', at: folder, found: [...(graph.get(folder) ?? [])].join(' ') }));
}

function isInside(folder: string, other: string): boolean {
  return other === '.' || folder.startsWith(`${other}/`);
}

function reachableFrom(start: string, graph: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const next of graph.get(folder) ?? []) {
      if (!reached.has(next)) open.push(next);
      reached.add(next);
    }
  }
  return reached;
}
