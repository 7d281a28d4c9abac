import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { readHistory } from '../../../src/server-api/history.js';
import { refusalOf } from '../../../src/server-api/refusal.js';
import type { HistoryPage, SentNotification } from '../../../src/server-api/responses.js';

const BODY = { startDate: 1, endDate: 2 };
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const item = (uuid: string): SentNotification => ({
  signedPayload: `e30.${base64({ notificationUUID: uuid })}.AAAA`,
  sendAttempts: [],
  firstResult: null,
});
const page = (uuids: string, paginationToken: string | null): HistoryPage => ({
  items: [...uuids].map(item),
  paginationToken,
});
const refused = (errorCode: number) =>
  refusalOf(
    { status: 400, headers: {}, body: Buffer.from(JSON.stringify({ errorCode })) },
    { host: 'h', environment: null, proxy: null, issuerId: 'i', keyId: 'k', bundleId: 'b', nowMs: 0 },
  );

/** Reads everything from a list of answers; returns what came, page by page, and the tokens asked with. */
async function read(answers: readonly (HistoryPage | Error)[], options: { spacingMs?: number } = {}) {
  const tokens: (string | undefined)[] = [];
  const waits: number[] = [];
  let restarts = 0;
  let nowMs = 1_000;
  const pages = readHistory({
    api: {
      history: async (body, token) => {
        expect(body).toBe(BODY);
        tokens.push(token);
        nowMs += 10;
        const answer = answers[tokens.length - 1];
        if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often');
        return answer;
      },
    },
    body: BODY,
    spacingMs: options.spacingMs ?? 0,
    now: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
    signal: new AbortController().signal,
    onRestart: () => {
      restarts += 1;
    },
  });
  const came: string[] = [];
  let error: unknown = null;
  try {
    for await (const items of pages) {
      came.push(
        items
          .map(({ signedPayload }) => JSON.parse(Buffer.from(signedPayload!.split('.')[1]!, 'base64url').toString()))
          .map(({ notificationUUID }) => notificationUUID)
          .join(''),
      );
    }
  } catch (thrown) {
    error = thrown;
  }
  return { came, tokens, waits, restarts, error };
}

describe('readHistory', () => {
  it('is empty', async () => expect(await read([page('', null)])).toMatchObject({ came: [], error: null }));

  it('pages with the token of the page before', async () => {
    const got = await read([page('ab', 'one'), page('cd', 'two'), page('e', null)]);
    expect(got).toMatchObject({ came: ['ab', 'cd', 'e'], tokens: [undefined, 'one', 'two'], error: null });
  });

  it('goes on past an empty page', async () => {
    expect((await read([page('a', 'one'), page('', 'two'), page('b', null)])).came).toEqual(['a', 'b']);
  });

  it('starts over when a token expires, and repeats nothing', async () => {
    const got = await read([page('ab', 'one'), refused(4000017), page('ab', 'uno'), page('cd', null)]);
    expect(got).toMatchObject({ came: ['ab', 'cd'], tokens: [undefined, 'one', undefined, 'uno'], restarts: 1 });
    expect(got.error).toBeNull();
  });

  it('finds what moved to another page in between', async () => {
    const got = await read([page('ab', 'one'), refused(4000017), page('xa', 'uno'), page('bc', null)]);
    expect(got.came).toEqual(['ab', 'x', 'c']);
  });

  it('shows what is listed twice as often as it is listed', async () => {
    const got = await read([page('aa', 'one'), refused(4000017), page('aaa', null)]);
    expect(got.came).toEqual(['aa', 'a']);
  });

  it('counts from the start again at every restart', async () => {
    const got = await read([
      page('a', '1'),
      refused(4000017),
      page('a', '2'),
      page('b', '3'),
      refused(4000017),
      page('ab', '4'),
      page('c', null),
    ]);
    expect(got).toMatchObject({ came: ['a', 'b', 'c'], restarts: 2, error: null });
  });

  it('gives up where starting over leads nowhere', async () => {
    const again = [page('a', 'one'), refused(4000017)];
    const got = await read([...again, ...again, ...again, ...again, ...again]);
    expect(got).toMatchObject({ came: ['a'], restarts: 3, error: { kind: 'remote', code: 'ERR_HISTORY_LOOP' } });
  });

  it('stops where the same token comes back', async () => {
    const got = await read([page('a', 'one'), page('b', 'one')]);
    expect(got).toMatchObject({ came: ['a', 'b'], error: { code: 'ERR_HISTORY_LOOP' } });
  });

  it('passes other errors on', async () => {
    expect((await read([page('a', 'one'), refused(4000014)])).error).toMatchObject({
      code: 'ERR_API_INVALID_PAGINATION_TOKEN',
    });
    expect((await read([refused(4000017)])).error).toBeInstanceOf(ToolError);
  });

  it('keeps the distance between requests, less what they took', async () => {
    expect((await read([page('a', 'one'), page('b', null)], { spacingMs: 200 })).waits).toEqual([190]);
  });
});
