import { describe, expect, it } from 'vitest';
import { describeCheckTotals, groupChecks, outcomeOfCheck } from '../../../../src/inspector/page/model/check-groups.js';
import { cutSummary } from '../../../../src/inspector/page/model/summary-lines.js';
import type { Check } from '../../../../src/notification/document.js';

const SUMMARY = `Subscription renewed  DID_RENEW
A new billing period begins.

  bundleId     com.example.coffee
  environment  Production  a real purchase

Transaction  data.signedTransactionInfo
  productId    coffee.club

Not verified.
`;

describe('cutSummary', () => {
  it('finds headings and fields', () =>
    expect(cutSummary(SUMMARY).map((line) => (line.kind === 'field' ? line.value : line.kind))).toEqual([
      'heading',
      'text',
      'text',
      'com.example.coffee',
      'Production  a real purchase',
      'text',
      'heading',
      'coffee.club',
      'text',
      'text',
    ]));

  it('adds and drops no character', () =>
    expect(
      cutSummary(SUMMARY)
        .map((line) => (line.kind === 'field' ? line.label + line.gap + line.value : line.text))
        .join('\n'),
    ).toBe(SUMMARY.trimEnd()));
});

const check = (token: string, ok: boolean | null, reason?: Check['reason']): Check => ({
  ...{ id: 'chain.root', token, ok },
  ...(reason === undefined ? {} : { reason }),
});

describe('checks', () => {
  const checks = [
    check('a', true),
    check('a', false, 'UNTRUSTED_ROOT'),
    check('b', null),
    check('b', false, 'REVOCATION_UNKNOWN'),
    check('b', true),
  ];

  it('have one outcome each', () =>
    expect(checks.map(outcomeOfCheck)).toEqual(['passed', 'failed', 'skipped', 'undetermined', 'passed']));

  it('are counted, worst first', () =>
    expect(describeCheckTotals(checks)).toBe('1 failed, 1 undetermined, 2 passed, 1 skipped'));

  it('are grouped by token', () =>
    expect(groupChecks(checks).map(({ token, checks: { length } }) => [token, length])).toEqual([
      ['a', 2],
      ['b', 3],
    ]));
});
