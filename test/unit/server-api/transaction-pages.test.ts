import { describe, expect, it } from 'vitest';
import type { TransactionPage } from '../../../src/server-api/purchase-responses.js';
import { spacingOf } from '../../../src/server-api/rate-limits.js';
import { readTransactionPages } from '../../../src/server-api/transaction-pages.js';

const page = (tokens: string, revision: string | null): TransactionPage => ({
  signedTransactions: [...tokens],
  revision,
});

interface Setup {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** Reads pages made by `answer`; each request takes 10 ms. */
async function read(answer: (revision: string | undefined, index: number) => TransactionPage, setup: Setup = {}) {
  const revisions: (string | undefined)[] = [];
  const waits: number[] = [];
  let nowMs = 0;
  const pages = readTransactionPages({
    request: async (revision) => {
      nowMs += 10;
      revisions.push(revision);
      return answer(revision, revisions.length - 1);
    },
    spacingMs: 200,
    now: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
    deadlineMs: setup.deadlineMs ?? Number.POSITIVE_INFINITY,
    signal: setup.signal ?? new AbortController().signal,
  });
  const tokens: string[] = [];
  let code: unknown = null;
  try {
    for await (const each of pages) tokens.push(...each);
  } catch (error) {
    code = (error as { code: string }).code;
  }
  return { tokens: tokens.join(''), revisions, waits, code };
}

describe('pages of transactions', () => {
  const three = [page('ab', 'r1'), page('', 'r2'), page('c', null)];

  it('go on with the revision of the page before, at the rate of Apple', async () =>
    expect(await read((_revision, index) => three[index]!)).toEqual({
      tokens: 'abc',
      revisions: [undefined, 'r1', 'r2'],
      waits: [190, 190],
      code: null,
    }));

  it('end where a revision comes again', async () => {
    const got = await read((_revision, index) => page('a', index === 1 ? 'r2' : 'r1'));
    expect(got).toMatchObject({ tokens: 'aaa', code: 'ERR_API_PAGING' });
  });

  it('end where they never end', async () => {
    const got = await read((_revision, index) => page('a', `r${index}`));
    expect(got).toMatchObject({ code: 'ERR_API_PAGING' });
    expect(got.tokens).toHaveLength(500);
  });

  it('stop at the deadline, with what came before', async () =>
    expect(await read((_revision, index) => three[index]!, { deadlineMs: 210 })).toMatchObject({
      tokens: 'ab',
      code: 'ERR_LOOKUP_DEADLINE',
    }));

  it('stop when interrupted', async () => {
    const stop = new AbortController();
    const answer = (): TransactionPage => {
      stop.abort();
      return page('a', 'r');
    };
    expect(await read(answer, { signal: stop.signal })).toMatchObject({ tokens: 'a', code: 'ERR_INTERRUPTED' });
  });
});

it.each([
  ['notificationHistory', 'production', 20],
  ['notificationHistory', 'sandbox', 200],
  ['transactionHistory', 'sandbox', 200],
  ['refundHistory', 'production', 100],
  ['refundHistory', 'sandbox', 1_000],
] as const)('the spacing of %s in %s is %i ms', (call, environment, ms) =>
  expect(spacingOf(call, environment)).toBe(ms),
);
