import { mulberry32 } from '../seeded-random.js';
import type { Bench } from './bench.js';
import type { Mutation } from './case.js';
import { laxerRow } from './laxer.js';
import { MUTATIONS, type MutationName } from './mutations.js';
import { refusalText, rowsFor } from './stricter.js';
import { appleRefuses, type Judged, type Judges, weRefuse } from './verdicts.js';

/** What came of one class of mutations. */
export interface Outcomes {
  readonly total: number;
  readonly accepted: number;
  /** Cases that no table explains, each with class, seed and both verdicts. */
  readonly unexplained: readonly string[];
  /** How often each row explained a case. */
  readonly rows: ReadonlyMap<string, number>;
  /** Cases in which Apple's verifier accepts the notification and would refuse a token nested in it; we refuse the whole. */
  readonly nestedOnly: number;
}

/** Judges every case of a class by both sides. */
export function judgeClass(name: MutationName, seed: number, bench: Bench, judges: Judges): Promise<Outcomes> {
  return judgeMutation(name, MUTATIONS[name], seed, bench, judges);
}

/** {@link judgeClass} for a class that is not in the table of the tests. */
export async function judgeMutation(
  name: string,
  mutation: Mutation,
  seed: number,
  bench: Bench,
  judges: Judges,
): Promise<Outcomes> {
  const unexplained: string[] = [];
  const rows = new Map<string, number>();
  let [total, accepted, nestedOnly] = [0, 0, 0];
  for (const one of mutation(bench, mulberry32(seed))) {
    const judged = await judges.judge(one);
    const explanations = explain(judged);
    for (const row of explanations ?? []) rows.set(row, (rows.get(row) ?? 0) + 1);
    if (explanations !== null && explanations.length !== 1)
      unexplained.push(describe(judged, name, seed, explanations));
    total += 1;
    accepted += weRefuse(judged) ? 0 : 1;
    nestedOnly += weRefuse(judged) && judged.apple.outer === 'OK' && appleRefuses(judged) ? 1 : 0;
  }
  return { total, accepted, unexplained, rows, nestedOnly };
}

/** The rows that explain a difference; null where there is none. */
function explain(judged: Judged): readonly string[] | null {
  if (appleRefuses(judged) === weRefuse(judged)) return null;
  if (weRefuse(judged)) return rowsFor(judged).map((row) => row.name);
  const row = laxerRow(judged);
  return row === null ? [] : [row.name];
}

function describe(judged: Judged, name: string, seed: number, rows: readonly string[]): string {
  const { apple, case: one } = judged;
  const nested = Object.entries(apple.nested).map(([path, status]) => `${path} ${status}`);
  const ours = weRefuse(judged) ? `we refuse (${judged.failure?.token}: ${refusalText(judged)})` : 'we accept';
  const why = rows.length === 0 ? 'no row explains it' : `${rows.length} rows explain it: ${rows.join(', ')}`;
  return `${name}, seed ${seed}: ${one.name} | Apple: ${[apple.outer, ...nested].join(', ')} | ${ours} | ${why}`;
}
