import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BIN, SAMPLES } from '../support/bin.js';
import type { Campaign } from '../support/campaign.js';
import { createDamageLab } from '../support/file-damage.js';
import { mulberry32 } from '../support/seeded-random.js';

/** In the compiled code that Node 22.1 and newer keep, which takes a process each. */
const CACHE_SHARE = 0.02;

export const campaign: Campaign = {
  summary:
    'One bit or the end of each file that commands read: settings, keys, roots, authority, journal, compiled code',
  async run({ seed, rounds = 2_000, isOver, log }) {
    const lab = await createDamageLab();
    const cache = 'enableCompileCache' in Module ? createCacheLab() : null;
    const failures: string[] = [];
    const figures = { damages: 0, compiledCode: 0, files: lab.files.length };
    try {
      for (let round = 0; round < rounds && !isOver(); round += 1) {
        for (const [index, file] of lab.files.entries()) {
          failures.push(...(await lab.tryOne(seed + round * lab.files.length + index, file)));
          figures.damages += 1;
        }
        if (cache !== null && round < rounds * CACHE_SHARE) {
          failures.push(...cache.tryOne(seed + round));
          figures.compiledCode += 1;
        }
        if (round % 100 === 99) log(`round ${round + 1}: ${figures.damages} damages, ${failures.length} defects`);
      }
    } finally {
      lab.remove();
      cache?.remove();
    }
    return { figures, failures };
  },
};

/** The built program with what it keeps compiled, one bit of it changed: it must say the same, or compile again. */
function createCacheLab() {
  const pristine = mkdtempSync(path.join(tmpdir(), 'storewire-compiled-'));
  const home = mkdtempSync(path.join(tmpdir(), 'storewire-compiled-'));
  const decode = (folder: string) => {
    const env = { PATH: process.env.PATH, HOME: folder };
    const { status, signal, stdout } = spawnSync(
      process.execPath,
      [BIN, 'decode', path.join(SAMPLES, 'did-renew.json')],
      {
        env,
        encoding: 'utf8',
      },
    );
    return JSON.stringify({ status, signal, stdout });
  };
  const expected = decode(pristine);
  return {
    tryOne(seed: number): readonly string[] {
      const random = mulberry32(seed);
      rmSync(home, { recursive: true });
      cpSync(pristine, home, { recursive: true });
      const files = readdirSync(path.join(home, '.cache'), { recursive: true, withFileTypes: true }).filter((each) =>
        each.isFile(),
      );
      const { parentPath, name } = files[Math.floor(random() * files.length)]!;
      const file = path.join(parentPath, name);
      const bytes = readFileSync(file);
      const at = Math.floor(random() * bytes.length);
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
      writeFileSync(file, bytes);
      const seen = decode(home);
      return seen === expected ? [] : [`compiled code ${name}, byte ${at} (seed ${seed}): ${seen.slice(0, 200)}`];
    },
    remove() {
      for (const folder of [pristine, home]) rmSync(folder, { recursive: true, force: true });
    },
  };
}
