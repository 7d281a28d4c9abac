import type { Check, PayloadDocument, Verification } from '../../../src/notification/document.js';
import { CHECK_IDS } from '../../../src/notification/reasons.js';

const TOKENS = ['signedPayload', 'data.signedTransactionInfo', 'data.signedRenewalInfo'];
const SIGNED_AT = 1793000000123;

/** Every check of three tokens passed, but for what is never asked offline. */
export function passedChecks(change: (check: Check) => Partial<Check> = () => ({})): readonly Check[] {
  return TOKENS.flatMap((token) =>
    CHECK_IDS.filter((id) => id !== 'nested.match' || token !== 'signedPayload').map((id): Check => {
      const check: Check = id.startsWith('revocation')
        ? { id, token, ok: null, detail: 'skipped: add --online' }
        : { id, token, ok: true, found: id === 'payload.kind' ? token.replace(/^.*\.?signed/, '') : `good ${id}` };
      return { ...check, ...change(check) };
    }),
  );
}

export function withVerdict(document: PayloadDocument, verification: Partial<Verification>): PayloadDocument {
  const whole: Verification = {
    verdict: 'valid',
    reason: null,
    root: 'Apple Root CA - G3',
    checkedAtMs: SIGNED_AT,
    clock: 'signedDate',
    checks: passedChecks(),
    ...verification,
  };
  return { ...document, verification: whole };
}

export const EXPIRED: Partial<Verification> = {
  verdict: 'invalid',
  reason: 'CERTIFICATE_EXPIRED',
  checkedAtMs: 1795190400000,
  clock: 'now',
  checks: passedChecks(({ id, token }) =>
    id === 'chain.dates' && token === 'signedPayload'
      ? {
          ok: false,
          reason: 'CERTIFICATE_EXPIRED',
          expected: '2021-08-25T02:50:34Z to 2023-09-24T02:50:33Z',
          found: '2026-11-20T16:00:00Z',
          detail: 'the leaf certificate expired on 2023-09-24T02:50:33Z',
          hint: 'Check it as of its signing: --at 2022-03-04T09:43:28Z',
        }
      : id === 'app.bundleId' && token !== 'data.signedRenewalInfo'
        ? { ok: false, reason: 'BUNDLE_ID_MISMATCH', expected: 'com.mine', found: 'com.other\u001b' }
        : {},
  ),
};

export const UNKNOWN_REVOCATION: Partial<Verification> = {
  verdict: 'undetermined',
  reason: 'REVOCATION_UNKNOWN',
  checks: passedChecks(({ id, token }) =>
    id === 'revocation.leaf' && token === 'signedPayload'
      ? {
          ok: false,
          reason: 'REVOCATION_UNKNOWN',
          expected: 'an answer of good',
          found: 'no answer',
          detail: 'http://ocsp.example.com gave none within 5 s',
        }
      : {},
  ),
};
