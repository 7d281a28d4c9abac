import { beforeAll, describe, expect, it } from 'vitest';
import { now, sleep } from '../../../src/clock.js';
import { createDispatcher } from '../../../src/http/dispatcher.js';
import { createVerifier, decode, verify } from '../../../src/index.js';
import { NOTHING_PASSED } from '../../../src/input/split/state.js';
import type { UnitBatch } from '../../../src/input/unit.js';
import type { Job } from '../../../src/pipeline/job.js';
import { openDocuments } from '../../../src/pipeline/open-documents.js';
import { createWork } from '../../../src/pipeline/process-batch.js';
import { reportBugs } from '../../../src/pipeline/report-bugs.js';
import { signPayload } from '../../../src/simulator/authority/sign-payload.js';
import { buildTransaction } from '../../../src/simulator/payloads/single.js';
import type { TrustedRoot } from '../../../src/trust/roots.js';
import { captureOutput } from '../../support/run-cli.js';
import { buildOptions, SIGNED_AT_MS, testAuthority } from '../../support/signing.js';

let tokens: readonly string[];
let root: TrustedRoot;
beforeAll(async () => {
  const { authority, root: trusted } = await testAuthority();
  const chain = await authority.issueChain();
  root = trusted;
  tokens = [1, 2, 3].map((seed) => signPayload(buildTransaction(buildOptions(seed)), chain));
});

const job = (change: Partial<Job> = {}): Job => ({
  verify: { nowMs: SIGNED_AT_MS },
  ocspTimeoutMs: null,
  raw: false,
  output: 'json',
  view: { columns: 80, level: 0, nowMs: SIGNED_AT_MS },
  ...change,
});

function batchOf(lines: readonly string[]): UnitBatch {
  let end = 0;
  const units = lines.map((line, index) => {
    const start = end;
    end += line.length;
    return { start, end, form: 'text', origin: 'in', line: index + 1, ordinal: 1, whole: false } as const;
  });
  return { bytes: Buffer.from(lines.join('')), units, passed: NOTHING_PASSED };
}

/** Stands for a bug that only the second payload triggers. */
async function failOnSecond({ source }: { readonly source: string }): Promise<void> {
  if (source === 'in:2') throw new TypeError('boom \u001b[31m');
}

const run = async (change: Partial<Job> = {}) => {
  const documents = await openDocuments(job(change), [root], { now, sleep, http: createDispatcher });
  const work = createWork(job(change), { ...documents, prepare: failOnSecond });
  return work.run(batchOf(tokens), { mayBeAlone: false, spare: null });
};

describe('a bug on one of three payloads', () => {
  it('is one undetermined document, and the others keep theirs', async () => {
    const { output, counts, bugs } = await run();
    const documents = Buffer.from(output)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents.map(({ source, verification }) => [source, verification.verdict, verification.reason])).toEqual([
      ['in:1', 'valid', null],
      ['in:2', 'undetermined', 'INTERNAL_ERROR'],
      ['in:3', 'valid', null],
    ]);
    expect(counts).toMatchObject({ total: 3, verdicts: { valid: 2, invalid: 0, undetermined: 1 } });
    expect(bugs).toMatchObject({ count: 1, first: { source: 'in:2', stack: expect.stringContaining('boom') } });
  });

  it.each(['lines', 'full'] as const)('is shown in the %s of verify and of decode', async (output) => {
    const verified = Buffer.from((await run({ output })).output).toString();
    expect(verified).toMatch(/undetermined/);
    expect(verified).toContain('INTERNAL_ERROR');
    const decoded = await run({ output, verify: null });
    expect(Buffer.from(decoded.output).toString()).toContain('INTERNAL_ERROR');
    expect(decoded.unreadable.first).toBeNull();
  });

  it('is reported once, escaped, with the place to report it', async () => {
    const { bugs } = await run();
    const text = captureOutput();
    reportBugs({ ...bugs, count: 7 }, { json: false }, text.stream);
    expect(text.text()).toMatch(
      /^storewire failed on 7 payloads because of a bug, and went on \(first: in:2\)\.\n {2}TypeError: boom /,
    );
    expect(text.text()).toContain(
      'Please report it with the lines above: https://github.com/storewire/storewire/issues\n',
    );
    expect(text.text()).not.toContain('\u001b');
    const json = captureOutput();
    reportBugs(bugs, { json: true }, json.stream);
    expect(JSON.parse(json.text())).toMatchObject({
      error: { code: 'ERR_BUG', hint: expect.stringContaining('issues') },
    });
  });
});

describe('the library', () => {
  /** Stands for a bug: the library compares it in lower case once a bundle id differs. */
  const bundleId = {
    toLowerCase(): string {
      throw new TypeError('boom');
    },
  } as string;

  it('gives an undetermined document for a bug', () => {
    const judged = createVerifier({ bundleId })(tokens[0]!);
    expect(judged.verification).toMatchObject({ verdict: 'undetermined', reason: 'INTERNAL_ERROR' });
  });

  const noText: readonly unknown[] = [undefined, null, 5, 5n, true, {}, [], Symbol('x'), () => 'x', { toString: 1 }];
  it.each(noText.map((value) => [value]))('never throws for %o', (value) => {
    expect(verify(value as string).verification).toMatchObject({ verdict: 'invalid', reason: 'MALFORMED_JWS' });
    expect(decode(value as string).problems).toMatchObject([{ code: 'MALFORMED_JWS' }]);
  });
});
