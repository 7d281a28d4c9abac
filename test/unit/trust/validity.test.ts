import { beforeAll, describe, expect, it } from 'vitest';
import { checkDates, type Validity, validityOf } from '../../../src/trust/validity.js';
import { makeCertificate } from '../../support/certificates.js';

const FROM_MS = Date.UTC(2026, 0, 1);
const UNTIL_MS = Date.UTC(2026, 6, 1);
const DAY_MS = 86_400_000;

describe('the bounds of validity', () => {
  let validity: Validity;
  beforeAll(async () => {
    const make = async (notBeforeMs: number, notAfterMs: number) =>
      (await makeCertificate({ subject: 'CN=Any', notBeforeMs, notAfterMs })).certificate;
    validity = validityOf([
      await make(FROM_MS, UNTIL_MS + DAY_MS),
      await make(FROM_MS - DAY_MS, UNTIL_MS),
      await make(FROM_MS - DAY_MS, UNTIL_MS + DAY_MS),
    ]);
  });

  // RFC 5280 section 4.1.2.5: the period includes both of its ends.
  it.each([
    ['the second before', FROM_MS - 1_000, 'CERTIFICATE_NOT_YET_VALID'],
    ['the millisecond before', FROM_MS - 1, 'CERTIFICATE_NOT_YET_VALID'],
    ['the first second', FROM_MS, undefined],
    ['the last second', UNTIL_MS, undefined],
    ['the millisecond after', UNTIL_MS + 1, 'CERTIFICATE_EXPIRED'],
    ['the second after', UNTIL_MS + 1_000, 'CERTIFICATE_EXPIRED'],
  ])('%s', (_when, atMs, reason) => {
    const finding = checkDates(validity, atMs);
    expect(finding.ok).toBe(reason === undefined);
    expect(finding.reason).toBe(reason);
  });

  it('names the certificate that sets each bound', () => {
    expect(checkDates(validity, FROM_MS - 1).detail).toContain('leaf');
    expect(checkDates(validity, UNTIL_MS + 1).detail).toContain('intermediate');
  });
});
