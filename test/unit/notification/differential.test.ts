import { beforeAll, describe, expect, it } from 'vitest';
import { createBench } from '../../support/differential/bench.js';
import { LAXER } from '../../support/differential/laxer.js';
import { MUTATIONS, type MutationName } from '../../support/differential/mutations.js';
import { judgeClass, type Outcomes } from '../../support/differential/outcomes.js';
import { STRICTER } from '../../support/differential/stricter.js';
import { createJudges } from '../../support/differential/verdicts.js';

/*
 * Payloads changed in one place are judged by us and by Apple's node library: same root, moment, app and environment. That
 * library opens the outer token alone, so it is asked about each nested one as well. What it refuses we refuse, except for
 * what LAXER names from our contract; what we alone refuse has one row in STRICTER. A row that explains nothing fails.
 */
const SEED = 20_261_102;
const CLASSES = Object.keys(MUTATIONS) as MutationName[];
/** A busy machine with two cores needs about 25 seconds. */
const LIMIT_MS = 1_800_000;

const outcomes = new Map<MutationName, Outcomes>();
const sum = (count: (one: Outcomes) => number): number =>
  [...outcomes.values()].reduce((total, one) => total + count(one), 0);

beforeAll(async () => {
  const bench = await createBench();
  const judges = createJudges(bench.authority.root.raw);
  for (const name of CLASSES) outcomes.set(name, await judgeClass(name, SEED, bench, judges));
}, LIMIT_MS);

describe("rejects every payload that Apple's library rejects, and names the reason for each further rejection", () => {
  it.each(CLASSES)('%s', (name) => expect(outcomes.get(name)?.unexplained).toEqual([]));
});

describe('the comparison', () => {
  it('is of many payloads, good and bad, in every class', () => {
    expect(sum((one) => one.total)).toBeGreaterThan(5_000);
    expect(sum((one) => one.accepted)).toBeGreaterThan(1_000);
    expect(CLASSES.filter((name) => (outcomes.get(name)?.total ?? 0) < 16)).toEqual([]);
  });

  it('starts from payloads that are good', () => {
    const untouched = outcomes.get('nothing changed');
    expect(untouched?.accepted).toBe(untouched?.total);
  });

  it('shows that we alone open nested tokens', () => expect(sum((one) => one.nestedOnly)).toBeGreaterThan(1_000));
});

describe('each row is needed', () => {
  const hits = (row: string): number => sum((one) => one.rows.get(row) ?? 0);

  it.each(STRICTER)('stricter: $name', ({ name }) => expect(hits(name)).toBeGreaterThan(0));
  it.each(LAXER)('by contract: $name', ({ name }) => expect(hits(name)).toBeGreaterThan(0));
});
