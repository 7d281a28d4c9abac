import type { Campaign } from '../support/campaign.js';
import { createBench } from '../support/differential/bench.js';
import { twoPlaces } from '../support/differential/mutations/two-places.js';
import { MUTATIONS, type MutationName } from '../support/differential/mutations.js';
import { judgeClass, judgeMutation } from '../support/differential/outcomes.js';
import { createJudges } from '../support/differential/verdicts.js';

export const campaign: Campaign = {
  summary: "Payloads changed in one place or two, certificates included, judged by us and by Apple's node library",
  async run({ seed, rounds = 100_000, isOver, log }) {
    const bench = await createBench();
    const judges = createJudges(bench.authority.root.raw);
    const failures: string[] = [];
    let [cases, two, accepted, pass] = [0, 0, 0, 0];
    while (cases < rounds && !isOver()) {
      for (const name of Object.keys(MUTATIONS) as MutationName[]) {
        if (isOver()) break;
        const outcomes = await judgeClass(name, seed + pass, bench, judges);
        cases += outcomes.total;
        accepted += outcomes.accepted;
        failures.push(...outcomes.unexplained);
      }
      if (!isOver()) {
        const outcomes = await judgeMutation('two places', twoPlaces, seed + pass, bench, judges);
        cases += outcomes.total;
        two += outcomes.total;
        accepted += outcomes.accepted;
        failures.push(...outcomes.unexplained);
      }
      pass += 1;
      log(`pass ${pass}: ${cases} cases, ${failures.length} unexplained`);
    }
    return { figures: { cases, 'in two places': two, accepted, passes: pass }, failures };
  },
};
