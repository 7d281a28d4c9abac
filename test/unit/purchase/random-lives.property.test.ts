import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import type { PurchaseDocument, PurchaseState, PurchaseTimeline } from '../../../src/purchase/purchase.js';
import { type RandomLife, randomLife } from '../../support/random-life.js';
import { mulberry32 } from '../../support/seeded-random.js';

const HOUR_MS = 3_600_000;

/** The same lives in every run; other ones with a seed in the environment: STOREWIRE_LIVES_SEED=7 npx vitest run … */
function runs(): { readonly seed: number; readonly numRuns: number } {
  const seed = process.env.STOREWIRE_LIVES_SEED;
  return seed === undefined ? { seed: 1, numRuns: 300 } : { seed: Number(seed), numRuns: 5_000 };
}

const life = fc.integer({ min: 0 }).map((seed) => randomLife(mulberry32(seed)));

/** Some are missing; the last one is there. */
const lifeWithGaps = fc.integer({ min: 0 }).map((seed) => {
  const random = mulberry32(seed);
  const lived = randomLife(random);
  const documents = lived.documents.filter((_, at, all) => at === all.length - 1 || random() < 0.6);
  return { ...lived, documents };
});

function fold({ documents, endMs }: { documents: readonly PurchaseDocument[]; endMs: number }): PurchaseTimeline {
  const { purchases } = foldPurchases(documents, { asOfMs: endMs });
  const [purchase] = purchases;
  if (purchase === undefined) throw new RangeError('no purchase');
  return purchase;
}

/** State and product at a time, of a history or of the truth. */
type Moment = readonly [state: PurchaseState, productId: string | null];

function trueAt({ truth }: RandomLife, ms: number): Moment {
  const found = truth.findLast(({ atMs }) => atMs <= ms);
  return [found?.state ?? 'unknown', found?.productId ?? null];
}

function shownAt({ periods }: PurchaseTimeline, ms: number): Moment {
  const found = periods.findLast(({ fromMs }) => fromMs <= ms);
  return [found?.state ?? 'unknown', found?.productId ?? null];
}

/** Times of the life that are an hour or more from every change. */
function moments({ truth, startMs, endMs }: RandomLife): readonly number[] {
  const steps = Array.from({ length: 199 }, (_, at) => startMs + ((endMs - startMs) * (at + 1)) / 200);
  return steps.filter((ms) => truth.every(({ atMs }) => Math.abs(atMs - ms) >= HOUR_MS));
}

it('with every notification there, each state and product is shown as it was, and nothing is found', () => {
  fc.assert(
    fc.property(life, (lived) => {
      const purchase = fold(lived);
      expect(purchase.findings).toEqual([]);
      for (const ms of moments(lived)) expect([ms, shownAt(purchase, ms)]).toEqual([ms, trueAt(lived, ms)]);
    }),
    runs(),
  );
});

it('with notifications missing, the present is as it was; in a life of a hundred a finding may say instead that it is not certain', () => {
  let uncertain = 0;
  fc.assert(
    fc.property(lifeWithGaps, (lived) => {
      const purchase = fold(lived);
      if (shownAt(purchase, lived.endMs)[0] === trueAt(lived, lived.endMs)[0]) return;
      uncertain += 1;
      expect(purchase.findings.flatMap(({ events }) => events)).toContain(purchase.events.length - 1);
    }),
    runs(),
  );
  expect(uncertain).toBeLessThanOrEqual(runs().numRuns / 100);
});
