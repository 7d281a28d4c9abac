import { expect, test } from 'vitest';
import { describeSummary, summaryToJson } from '../../../src/document-view/totals.js';
import { addToTotals, emptyTotals, type Totals } from '../../../src/notification/totals.js';
import { CUT, HOSTILE, PLAIN, SUBSCRIBED, XCODE } from './documents.js';
import { EXPIRED, UNKNOWN_REVOCATION, withVerdict } from './verdicts.js';

function counted(): Totals {
  const counts = emptyTotals();
  for (let times = 0; times < 1_200; times += 1) addToTotals(counts, withVerdict(SUBSCRIBED, {}));
  for (const document of [
    withVerdict(SUBSCRIBED, EXPIRED),
    withVerdict(XCODE, EXPIRED),
    withVerdict(CUT, UNKNOWN_REVOCATION),
  ])
    addToTotals(counts, document);
  return { ...counts, skipped: 2 };
}

test('for people', () => {
  expect(describeSummary(counted(), { paint: PLAIN.paint, elapsedMs: 61_234 })).toMatchInlineSnapshot(`
    "1,203 payloads in 61.2 s, 20 a second
    2 lines without a payload skipped

      verdict      valid                   1,200   99.8 %
                   invalid                     2    0.2 %
                   undetermined                1    0.1 %

      reason       CERTIFICATE_EXPIRED         2    0.2 %
                   REVOCATION_UNKNOWN          1    0.1 %

      type         SUBSCRIBED.INITIAL_BUY  1,201   99.8 %
                   transaction                 1    0.1 %
                   unknown                     1    0.1 %

      environment  Production              1,201   99.8 %
                   Xcode                       1    0.1 %
                   not given                   1    0.1 %
    "
  `);
});

test('a decoded run has no verdicts', () => {
  const counts = emptyTotals();
  addToTotals(counts, SUBSCRIBED);
  expect(describeSummary(counts, { paint: PLAIN.paint, elapsedMs: 12 })).toMatchInlineSnapshot(`
    "1 payload in 12 ms, 83 a second

      type         SUBSCRIBED.INITIAL_BUY  1  100.0 %

      environment  Production              1  100.0 %
    "
  `);
});

test('an empty run', () => {
  expect(describeSummary(emptyTotals(), { paint: PLAIN.paint, elapsedMs: 0 })).toBe('0 payloads in 0 ms\n');
});

test('words of a payload are escaped, more than 25 are summed up', () => {
  const counts = emptyTotals();
  addToTotals(counts, HOSTILE);
  for (let index = 0; index < 40; index += 1)
    addToTotals(counts, { ...SUBSCRIBED, notification: { notificationType: `T${index}` } });
  const shown = describeSummary(counts, { paint: PLAIN.paint, elapsedMs: 1_000 });
  expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(shown).toMatch(/\(others\) +16 /);
  expect(shown).not.toMatch(/\d valid\n$/);
  expect(shown.split('\n').filter((line) => /^\s*::/.test(line))).toEqual([]);
});

test('verdicts that have scrolled off are repeated', () => {
  const counts = emptyTotals();
  for (let index = 0; index < 20; index += 1)
    addToTotals(
      counts,
      withVerdict({ ...SUBSCRIBED, notification: { notificationType: `T${index}` } }, index > 1 ? {} : EXPIRED),
    );
  expect(describeSummary(counts, { paint: PLAIN.paint, elapsedMs: 1_000 })).toMatch(/\n\n18 valid, 2 invalid\n$/);
});

test('for programs', () => {
  expect(JSON.parse(JSON.stringify(summaryToJson(counted(), 61_234.5)))).toEqual({
    total: 1_203,
    verdicts: { valid: 1_200, invalid: 2, undetermined: 1 },
    reasons: { CERTIFICATE_EXPIRED: 2, REVOCATION_UNKNOWN: 1 },
    types: { 'SUBSCRIBED.INITIAL_BUY': 1_201, transaction: 1, unknown: 1 },
    environments: { Production: 1_201, Xcode: 1, 'not given': 1 },
    kinds: { notification: 1_201, transaction: 1, unknown: 1 },
    otherTypes: 0,
    otherEnvironments: 0,
    skipped: 2,
    elapsedMs: 61_235,
    perSecond: 20,
  });
});
