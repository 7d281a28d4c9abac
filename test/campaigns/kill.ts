import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Campaign } from '../support/campaign.js';
import { checkLedger, createLedger, type Ledger } from '../support/kill/ledger.js';
import { createWriterOfBodies, journalOf, killRound, runToTheEnd, type World } from '../support/kill/rounds.js';
import { type KillTarget, startKillTarget } from '../support/kill/target.js';
import { mulberry32 } from '../support/seeded-random.js';

/** Rounds on one journal; then it is checked, and a new one is begun. */
const ROUNDS_OF_A_JOURNAL = 50;

export const campaign: Campaign = {
  summary: 'listen is killed (SIGKILL) while it receives and forwards; nothing that it answered 200 is lost',
  async run({ seed, rounds = 1_000, isOver, log }) {
    const random = mulberry32(seed);
    const bodies = await createWriterOfBodies();
    const failures: string[] = [];
    const totals = { rounds: 0, posted: 0, acked: 0, recorded: 0, tornLines: 0, deliveries: 0, deliveredTwice: 0 };
    while (totals.rounds < rounds && !isOver()) {
      const folder = mkdtempSync(path.join(tmpdir(), 'storewire-kill-'));
      const target = await startKillTarget();
      const ledger = createLedger();
      try {
        const world: World = { folder, target, ledger, bodies, random };
        let kills = 0;
        for (; kills < ROUNDS_OF_A_JOURNAL && totals.rounds < rounds && !isOver(); kills += 1) {
          await killRound(world);
          totals.rounds += 1;
        }
        const end = await runToTheEnd(world);
        const { problems, recorded, tornLines } = await checkLedger(journalOf(world), ledger, target, kills);
        failures.push(...[...end, ...problems].map((problem) => `${problem} (round ${totals.rounds}, seed ${seed})`));
        add(totals, ledger, target, { recorded, tornLines });
      } finally {
        await target.close();
        rmSync(folder, { recursive: true, force: true });
      }
      log(`${totals.rounds} rounds, ${totals.acked} answered 200, ${failures.length} defects`);
    }
    return { figures: totals, failures };
  },
};

type Totals = Record<'posted' | 'acked' | 'recorded' | 'tornLines' | 'deliveries' | 'deliveredTwice', number>;

function add(
  totals: Totals,
  { sent, acked }: Ledger,
  { accepted }: KillTarget,
  { recorded, tornLines }: Pick<Totals, 'recorded' | 'tornLines'>,
): void {
  totals.posted += sent.size;
  totals.acked += acked.size;
  totals.recorded += recorded;
  totals.tornLines += tornLines;
  for (const count of accepted.values()) {
    totals.deliveries += count;
    if (count > 1) totals.deliveredTwice += 1;
  }
}
