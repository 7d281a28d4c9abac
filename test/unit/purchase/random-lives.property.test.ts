import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import type { PurchaseDocument, PurchaseState, PurchaseTimeline } from '../../../src/purchase/purchase.js';
import { type RandomLife, randomLife } from '../../support/random-life.js';
import { mulberry32 } from '../../support/seeded-random.js';

const HOUR_MS = 3_600_000;

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
    { numRuns: 300 },
  );
});

it('with notifications missing, the state now is what the last one says, and that something is missing is found', () => {
  fc.assert(
    fc.property(lifeWithGaps, (lived) => {
      const purchase = fold(lived);
      const isAsTold = (ms: number): boolean => shownAt(purchase, ms)[0] === trueAt(lived, ms)[0];
      if (isAsTold(lived.endMs)) return;
      // Only a later event of an earlier transaction may leave the present open.
      expect(purchase.findings.map(({ id }) => id)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^missing-|status-differs/)]),
      );
    }),
    { numRuns: 300 },
  );
});
