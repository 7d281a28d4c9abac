import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { registerExplain } from '../../src/commands/explain/command.js';
import { CHAPTER_NAMES } from '../../src/commands/explain/reference/entry.js';
import { explainableTerms } from '../../src/commands/explain/reference/reference.js';
import type { ExplainOptions } from '../../src/commands/explain/run.js';
import { runCli, TEST_NOW_MS } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';

const explain = (words: string, columns = 80) =>
  runCommand(
    registerExplain,
    ['explain', ...words.split(' ').filter((word) => word !== '')],
    { now: () => TEST_NOW_MS },
    { columns },
  );

describe('explain', () => {
  it('takes terms and --json', async () => {
    let captured: ExplainOptions | undefined;
    const program = new Command();
    registerExplain(
      program,
      {} as Deps,
      () => undefined,
      async (options) => {
        captured = options;
        return 0;
      },
    );
    await program.parseAsync(['explain', 'refund', 'declined', '--json'], { from: 'user' });
    expect(captured).toEqual({ terms: ['refund', 'declined'], json: true });
  });

  it('explains a type, in 80 columns', async () => {
    const { code, stdout, stderr } = await explain('did_renew');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`DID_RENEW  notification type
A subscription renewed

  no subtype        Subscription renewed
                    The subscription renewed successfully: a new billing period
                    begins.
  BILLING_RECOVERY  Renewed after a billing failure
                    A renewal that had failed was charged successfully: restore
                    access if you revoked it.

  carries  data with signedTransactionInfo and signedRenewalInfo
  since    version 2.0  2021-10
  try      storewire trigger DID_RENEW --print | storewire decode
`);
  });

  it("explains a reason with the statuses of Apple's libraries", async () => {
    const { stdout } = await explain('CHAIN_LENGTH');
    expect(stdout).toContain(`Status in Apple's libraries
  node    INVALID_CERTIFICATE  (6)
  python  INVALID_CHAIN_LENGTH  (4)
  java    INVALID_CHAIN_LENGTH
  swift   INVALID_JWT_FORMAT
`);
  });

  it('explains a status by number, in each library and version', async () => {
    const { stdout } = await explain('node 6');
    expect(stdout).toContain(`Name by library
  node    INVALID_CERTIFICATE since 2.0.0, FAILURE before
  python  INVALID_ENVIRONMENT
  java    INVALID_CHAIN_LENGTH since 4.0.0, INVALID_CHAIN before  (ordinal)
`);
  });

  it('CONSUMPTION_REQUEST: Apple asks again, which is no retry', async () => {
    const { stdout } = await explain('CONSUMPTION_REQUEST');
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'Apple may ask up to three times, about 8 hours apart, each time with a new notificationUUID',
    );
    expect(text).toContain('not a retry of a failed delivery, so recognise repeats by transactionId');
  });

  it('deviceVerification: a field of everything that a device passes on', async () => {
    const { stdout } = await explain('deviceVerification');
    for (const kind of ['transaction', 'renewalInfo', 'appTransaction']) {
      expect(stdout).toContain(`${kind}.deviceVerification`);
    }
  });

  it('lists statuses with their numbers in each library', async () => {
    const { stdout } = await explain('statuses');
    expect(stdout).toContain(`                                    node    node  python    java    java  swift
                                  2.0.0+  <2.0.0          4.0.0+  <4.0.0
  OK                                   0       0       0       0       0
`);
    expect(stdout).toContain('  FAILURE                              7       6\n');
  });

  it('lists similar entries, with a note on stderr that none matches exactly', async () => {
    const { code, stdout, stderr } = await explain('family sharing');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'No exact match for "family sharing"; showing the nearest entries.\n',
    });
    expect(stdout).toMatch(/^\d+ entries similar to family sharing\n {2}FAMILY_SHARED {2}/);
  });

  it('exits 1 without a match, and escapes the query', async () => {
    const { code, stdout, stderr } = await explain('\u202exyzzy\u001b[2J');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('No match for "\\u{202e}xyzzy\\u{1b}[2J". Run storewire explain for the list of chapters.\n');
  });

  it('suggests the nearest terms without a match', async () => {
    const { code, stderr } = await explain('refund xyzzy');
    expect(code).toBe(1);
    expect(stderr).toContain('Nearest: REFUND, ');
  });

  it.each([
    ['', { chapters: CHAPTER_NAMES.map((name) => expect.objectContaining({ name })) }, 0],
    ['reasons', { chapter: 'reasons', about: expect.any(String), entries: expect.any(Array) }, 0],
    [
      '4040010',
      {
        results: [
          {
            query: '4040010',
            match: 'exact',
            entries: [
              {
                chapter: 'errors',
                term: '4040010',
                title: 'TransactionIdNotFound',
                meaning: 'Apple reports that the transaction id was not found.',
                api: 'App Store Server API',
                httpStatus: 404,
                retryable: false,
                exit: 2,
                hint: expect.any(String),
              },
            ],
            suggestions: [],
          },
        ],
      },
      0,
    ],
    ['xyzzy', { results: [{ query: 'xyzzy', match: 'none', entries: [], suggestions: [] }] }, 1],
  ])('%j --json is one document', async (words, document, exit) => {
    const { code, stdout, stderr } = await explain(`${words} --json`);
    expect({ code, stderr }).toEqual({ code: exit, stderr: '' });
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual(document);
  });

  it('fits 80 columns for every term', async () => {
    const asked = ['', ...CHAPTER_NAMES, ...explainableTerms().map(({ value }) => value), '1', 'renew'];
    const wide = new Map<string, readonly string[]>();
    for (const words of asked) {
      const { stdout } = await explain(words);
      const lines = stdout.split('\n').filter((line) => line.length > 80 || line !== line.trimEnd());
      if (lines.length > 0) wide.set(words, lines);
    }
    expect(wide).toEqual(new Map());
  });
});

describe('explain of a pasted text', () => {
  it.each([
    ['com.apple.VerificationException: Verification failed with status INVALID_CHAIN_LENGTH', 'INVALID_CHAIN_LENGTH'],
    ['"sendAttemptResult":"TLS_ISSUE",', 'TLS_ISSUE'],
    ['{"errorCode":4040010,"errorMessage":"Transaction id not found."}', '4040010'],
    ['APIException: 404 4040010', '4040010'],
    ['VerificationException: status: 3', '3'],
    ['my endpoint failed with UNTRUSTED_ROOT today', 'UNTRUSTED_ROOT'],
    ['failed at check chain.markers of the outer token', 'chain.markers'],
  ])('%s', async (text, term) => {
    const { code, stdout } = await runCli(['explain', text, '--json']);
    const { results } = JSON.parse(stdout) as { results: { match: string; entries: { term: string }[] }[] };
    expect({ code, match: results[0]?.match }).toEqual({ code: 0, match: 'exact' });
    expect(results.flatMap(({ entries }) => entries.map((entry) => entry.term))).toContain(term);
  });
});
