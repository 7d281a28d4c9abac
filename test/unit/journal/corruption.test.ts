import { expect, it, onTestFinished } from 'vitest';
import { DAMAGES } from '../../campaigns/journal.js';
import { makeDamagedJournal } from '../../support/journal-corruption.js';
import { mulberry32 } from '../../support/seeded-random.js';

/** The whole is `npm run campaign -- journal`. */
const EVERY = 211;

it.each(Object.keys(DAMAGES))('loses nothing else and invents nothing with %s', async (name) => {
  const journal = await makeDamagedJournal();
  onTestFinished(() => journal.remove());
  const random = mulberry32(20261129);
  for (const file of journal.files) {
    const whole = journal.bytesOf(file);
    for (let at = whole.length - 1; at >= 0; at -= EVERY) {
      for (const index of ['kept', 'removed'] as const) {
        const defects = await journal.check(file, DAMAGES[name]!(whole, at, random), index);
        expect(defects, `byte ${at} of ${file}, index ${index}`).toEqual([]);
      }
    }
  }
});
