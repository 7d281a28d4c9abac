import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readProjectRoot, TEST_AUTHORITY } from '../../../src/session/authority.js';
import { rootsForRecorded } from '../../../src/session/journal.js';
import { ensureStateFolder, findStateFolder } from '../../../src/settings/state-folder.js';
import { openAuthority } from '../../../src/simulator/authority/authority-file.js';
import { APPLE_ROOT_NAME } from '../../../src/trust/roots.js';
import { TEST_NOW_MS } from '../../support/run-cli.js';

const userId = process.geteuid?.() ?? -1;

let home: string;
let folder: string;
let sha256: string;

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-roots-')));
  folder = ensureStateFolder(findStateFolder(home, null, userId), userId);
  await openAuthority(join(folder, 'authority'), { nowMs: TEST_NOW_MS, userId });
  sha256 = readProjectRoot(folder)[0]!.certificate.sha256;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

it.each<[string, () => string | null, boolean]>([
  ['--trust-authority', () => TEST_AUTHORITY, true],
  ['--root with the file of the same authority', () => sha256, true],
  ['--root with another file', () => 'A'.repeat(64), false],
  ["Apple's root", () => APPLE_ROOT_NAME, false],
  ['nothing, or a journal that came with a clone', () => null, false],
])(
  'an entry that listen verified under %s: the authority of the project is trusted for it or not',
  (_name, root, isTrusted) => {
    const trusted = rootsForRecorded(folder, [])(root());
    expect(trusted.map(({ certificate }) => certificate.sha256)).toEqual(isTrusted ? [sha256] : []);
  },
);
