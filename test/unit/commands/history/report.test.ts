import { describe, expect, it } from 'vitest';
import {
  delayOf,
  recordOf,
  type SentRecord,
  summarizeDeliveries,
} from '../../../../src/commands/history/delivery-summary.js';
import { type HistoryReport, historyToHtml } from '../../../../src/commands/history/html.js';
import type { VerifiedDocument } from '../../../../src/notification/verified-document.js';

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 10, 20, 9);
const RANGE = { startMs: AT - 48 * HOUR, endMs: AT };

const attempts = (...results: readonly string[]) =>
  results.map((sendAttemptResult, index) => ({ attemptDate: AT + index * HOUR, sendAttemptResult }));

const document = {
  ...{ kind: 'notification', source: 'history', tokens: [] },
  notification: { notificationType: 'DID_RENEW', notificationUUID: 'u', signedDate: AT, data: {} },
  transaction: { originalTransactionId: '2000000900000001', productId: 'pro' },
  verification: { verdict: 'valid', reason: null, root: null, checkedAtMs: null, clock: null, checks: [] },
} as unknown as VerifiedDocument;

const record = (change: Partial<SentRecord> = {}): SentRecord => ({
  ...{ uuid: 'u', type: 'DID_RENEW', productId: 'pro', originalTransactionId: '2000000900000001' },
  ...{ sentAtMs: AT, attempts: attempts('SUCCESS'), result: 'prompt', isValid: true },
  ...change,
});

describe('a notification of the history', () => {
  it.each([
    ['the first attempt', attempts('SUCCESS'), null, 'prompt'],
    ['a later attempt', attempts('TIMED_OUT', 'SUCCESS'), null, 'late'],
    ['a later attempt, listed first', attempts('TIMED_OUT', 'SUCCESS').reverse(), null, 'late'],
    ['no attempt', attempts('TIMED_OUT', 'OTHER'), null, 'undelivered'],
    ['an unknown result', attempts('NEW_RESULT'), null, 'undelivered'],
    ['nothing yet', [], null, 'pending'],
    ['the result of the first attempt alone', [], 'SUCCESS', 'prompt'],
    ['a failed first attempt alone', [], 'TIMED_OUT', 'undelivered'],
  ])('delivered by %s', (_name, sendAttempts, firstResult, expected) => {
    expect(recordOf({ signedPayload: 'x', sendAttempts, firstResult }, document)).toMatchObject({
      ...{ result: expected, originalTransactionId: '2000000900000001', sentAtMs: AT },
    });
  });
});

describe('the summary', () => {
  const late = record({ result: 'late', attempts: attempts('TIMED_OUT', 'OTHER', 'SUCCESS') });
  const failed = record({ result: 'undelivered', attempts: attempts('TIMED_OUT', 'TIMED_OUT') });

  it('counts results, attempts and failures', () => {
    const { counts, byAttempt, failures, total } = summarizeDeliveries([record(), record(), late, failed], RANGE);
    expect({ counts, byAttempt, total }).toEqual({
      ...{ counts: { prompt: 2, late: 1, undelivered: 1, pending: 0 }, byAttempt: [2, 0, 1], total: 4 },
    });
    expect(failures).toEqual([
      { result: 'TIMED_OUT', attempts: 3, notifications: 2, lastAtMs: AT + HOUR },
      { result: 'OTHER', attempts: 1, notifications: 1, lastAtMs: AT + HOUR },
    ]);
    expect(delayOf(late)).toBe(2 * HOUR);
    expect(delayOf(failed)).toBeNull();
  });

  it('has every day of the range, and odd dates on the nearest one', () => {
    const odd = [record({ sentAtMs: 0 }), record({ sentAtMs: 9e15 }), record({ sentAtMs: null })];
    const { days } = summarizeDeliveries([record(), ...odd], RANGE);
    expect(days.map(({ atMs, prompt }) => [new Date(atMs).toISOString().slice(0, 10), prompt])).toEqual([
      ...[['2026-11-18', 1] as const, ['2026-11-19', 0] as const, ['2026-11-20', 2] as const],
    ]);
  });

  it('is empty for nothing', () =>
    expect(summarizeDeliveries([], RANGE)).toMatchObject({ total: 0, failures: [], undelivered: [], late: [] }));
});

describe('the page', () => {
  const page = (records: readonly SentRecord[], change: Partial<HistoryReport> = {}) =>
    historyToHtml({
      ...{ summary: summarizeDeliveries(records, RANGE), environment: 'production', filter: null, stopped: null },
      ...RANGE,
      ...change,
    });

  it.each([
    [[], 'No notifications in this time.'],
    [[record()], 'The only notification was delivered at once.'],
    [[record(), record()], 'All 2 notifications were delivered at once.'],
    [[record({ result: 'undelivered', attempts: attempts('OTHER') })], '1 of 1 notification was not delivered.'],
    [[record(), record({ result: 'pending', attempts: [] })], 'No notification is undelivered; 1 pending.'],
  ])('answers first', (records, answer) => expect(page(records)).toContain(`<strong>${answer}</strong>`));

  it('shows a hostile payload as text, and runs or loads nothing', () => {
    const evil = '<script>alert(1)</script>"\u202e';
    const html = page([
      record({
        ...{ type: evil, productId: evil, originalTransactionId: evil, result: 'undelivered' },
        attempts: attempts(evil),
      }),
    ]);
    expect(html).not.toContain('<script');
    expect(html).not.toContain('\u202e');
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(html).not.toMatch(/(?:src|href)="(?!#)/);
  });

  it('says that the sandbox has no retries, and what to send again', () => {
    const failed = record({ result: 'undelivered', attempts: attempts('TIMED_OUT') });
    const html = page([failed], { environment: 'sandbox' });
    expect(html).toContain('Apple sends each sandbox notification once');
    expect(html).toContain('storewire replay --from-history --environment sandbox --only-failures -f URL');
  });

  it('lists at most a hundred of them', () => {
    const many = Array.from({ length: 120 }, () => record({ result: 'undelivered', attempts: attempts('OTHER') }));
    expect(page(many)).toContain('and 20 more: storewire history --json');
  });
});
