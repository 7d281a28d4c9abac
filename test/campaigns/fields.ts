import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runBin } from '../support/bin.js';
import { type BuiltListener, startBuiltListener } from '../support/built-listener.js';
import type { Campaign, CampaignOptions, CampaignResult } from '../support/campaign.js';
import { everyValue, type FieldCase, fieldCases } from '../support/field-fuzz.js';
import { testAuthority } from '../support/signing.js';

/** Enough for several batches and worker threads. */
const CASES_A_ROUND = 2_000;

/** Marks of a value that was converted instead of described, and of a bug that was caught. */
const DEFECT = /\[object |\bundefined\b|\bNaN\b|Invalid Date|INTERNAL_ERROR/;

export const campaign: Campaign = {
  summary:
    'Every header and payload field with values of every JSON type, through decode, verify, listen and journal show',
  async run(options) {
    const folder = mkdtempSync(path.join(tmpdir(), 'storewire-fields-'));
    try {
      return await search(folder, options);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function search(folder: string, { isOver, log, rounds = Infinity }: CampaignOptions): Promise<CampaignResult> {
  const { authority } = await testAuthority();
  const root = path.join(folder, 'root.pem');
  writeFileSync(root, authority.rootPem);
  const failures: string[] = [];
  const figures = { cases: 0, documents: 0, posts: 0, shown: 0 };
  const all = fieldCases(await authority.issueChain(), everyValue);
  for (let round = 1; round <= rounds && !isOver(); round++) {
    const cases = [...take(all, CASES_A_ROUND)];
    if (cases.length === 0) break;
    figures.cases += cases.length;
    figures.documents += await showAll(cases, { folder, root }, failures);
    await receiveAll(cases, { folder, root }, figures, failures);
    log(`round ${round}: ${figures.cases} cases, ${failures.length} defects`);
  }
  return { figures: { ...figures, complete: all.next().done === true ? 'yes' : 'no' }, failures };
}

function* take<T>(all: Iterator<T>, count: number): Generator<T> {
  for (let taken = 0; taken < count; taken++) {
    const next = all.next();
    if (next.done === true) return;
    yield next.value;
  }
}

interface Place {
  readonly folder: string;
  readonly root: string;
}

/** decode and verify in each of their forms; returns the number of documents. */
async function showAll(cases: readonly FieldCase[], { folder, root }: Place, failures: string[]): Promise<number> {
  const file = path.join(folder, 'cases.ndjson');
  writeFileSync(file, cases.map(({ jws }) => `${JSON.stringify({ signedPayload: jws })}\n`).join(''));
  let documents = 0;
  for (const argv of [
    ['decode', file, '--json', '--raw'],
    ['decode', file, '--verbose'],
    ['decode', file],
    ['verify', file, '--json', '--root', root],
    ['verify', file, '--verbose', '--root', root],
    ['verify', file, '--root', root],
  ]) {
    const { ended, stdout, stderr } = await runBin(argv);
    const command = argv.filter((word) => !word.startsWith(folder)).join(' ');
    if (ended === 70 || typeof ended !== 'number') failures.push(`${command}: ended ${ended}: ${stderr.slice(0, 500)}`);
    const lines = stdout.split('\n');
    for (const [index, line] of lines.entries())
      if (DEFECT.test(line)) failures.push(`${command}: ${cases[index]?.name ?? ''}: ${line.slice(0, 300)}`);
    if (!argv.includes('--json')) continue;
    documents += lines.length - 1;
    if (lines.length - 1 !== cases.length)
      failures.push(`${command}: ${lines.length - 1} of ${cases.length} documents`);
  }
  return documents;
}

/** listen answers each body, keeps what it verified, and journal shows every record. */
async function receiveAll(
  cases: readonly FieldCase[],
  { folder, root }: Place,
  figures: { posts: number; shown: number },
  failures: string[],
): Promise<void> {
  const cwd = mkdtempSync(path.join(folder, 'project-'));
  const args = ['--root', root, '--bundle-id', 'com.example.app'];
  const listener = await startBuiltListener({ cwd, args });
  try {
    for (const one of cases) {
      figures.posts += 1;
      const defect = await post(one, listener);
      if (defect !== null) failures.push(`listen: ${one.name}: ${defect}`);
    }
  } finally {
    await listener.stop();
  }
  for (const rejected of [[], ['--rejected']]) {
    const { ended, stdout, stderr } = await runBin(['journal', 'list', '--json', ...rejected], '', {}, cwd);
    if (ended !== 0) failures.push(`journal list ${rejected}: ended ${ended}: ${stderr.slice(0, 500)}`);
    for (const line of stdout.trimEnd().split('\n')) {
      if (DEFECT.test(line)) failures.push(`journal list: ${line.slice(0, 500)}`);
      figures.shown += line === '' ? 0 : 1;
    }
  }
  const { ended, stdout, stderr } = await runBin(['journal', 'show', 'last', '--verbose', '--root', root], '', {}, cwd);
  if (ended === 70 || DEFECT.test(stdout)) failures.push(`journal show: ended ${ended}: ${stderr.slice(0, 500)}`);
}

/** The defect of an answer; null for 200 and for a refusal of the payload. */
async function post({ jws }: FieldCase, { url }: BuiltListener): Promise<string | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ signedPayload: jws }),
    });
    const text = await response.text();
    if (response.status >= 500) return `answered ${response.status}`;
    return DEFECT.test(text) ? text.slice(0, 300) : null;
  } catch (error) {
    return `no answer: ${error}`;
  }
}
