import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDamageLab, type DamageLab } from '../support/file-damage.js';

/*
 * One bit or the end of each file that commands read: an answer or an error, never a bug, a raw character or a secret. The long form is
 * `npm run campaign -- package`.
 */
const SEED = 20_261_129;
const ROUNDS = 15;

let lab: DamageLab;
beforeAll(async () => {
  lab = await createDamageLab();
});
afterAll(() => lab.remove());

describe('a damaged file', () => {
  it('is an answer or an error', async () => {
    const defects: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, file] of lab.files.entries())
        defects.push(...(await lab.tryOne(SEED + round * 100 + index, file)));
    }
    expect(lab.files.length).toBeGreaterThan(7);
    expect(defects).toEqual([]);
  });
});
