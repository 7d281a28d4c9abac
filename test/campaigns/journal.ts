import type { Campaign } from '../support/campaign.js';
import { makeDamagedJournal } from '../support/journal-corruption.js';
import { mulberry32 } from '../support/seeded-random.js';

export const campaign: Campaign = {
  summary:
    'Every byte of the records of a journal flipped, replaced, inserted before and cut at, with and without its indexes',
  async run({ seed, rounds = Number.POSITIVE_INFINITY, isOver, log }) {
    const random = mulberry32(seed);
    const journal = await makeDamagedJournal();
    const failures: string[] = [];
    let cases = 0;
    try {
      for (const file of journal.files) {
        const whole = journal.bytesOf(file);
        for (let at = 0; at < whole.length && cases < rounds && !isOver(); at++) {
          for (const [name, damage] of Object.entries(DAMAGES)) {
            const content = damage(whole, at, random);
            for (const index of ['kept', 'removed'] as const) {
              cases += 1;
              const defects = await journal
                .check(file, content, index)
                .catch((error: Error) => [`threw ${error.stack}`]);
              failures.push(...defects.map((defect) => `${name} at byte ${at} of ${file}, index ${index}: ${defect}`));
            }
          }
          if (at % 200 === 0) log(`${file}, byte ${at} of ${whole.length}: ${cases} cases, ${failures.length} defects`);
        }
      }
    } finally {
      journal.remove();
    }
    return { figures: { cases }, failures };
  },
};

type Damage = (whole: Buffer, at: number, random: () => number) => Buffer;

/** `random` returns a number from 0 to 1. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  'one bit flipped': (whole, at, random) => replaced(whole, at, whole[at]! ^ (1 << Math.floor(random() * 8))),
  'another byte': (whole, at, random) => replaced(whole, at, Math.floor(random() * 256)),
  'a newline': (whole, at) => replaced(whole, at, 0x0a),
  'a byte inserted': (whole, at, random) =>
    Buffer.concat([whole.subarray(0, at), Buffer.of(Math.floor(random() * 256)), whole.subarray(at)]),
  'cut off': (whole, at) => whole.subarray(0, at),
};

function replaced(whole: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(whole);
  copy[at] = byte;
  return copy;
}
