import { describe, expect, test } from 'vitest';
import { describeVerification } from '../../../src/document-view/verification.js';
import type { PayloadDocument } from '../../../src/notification/document.js';
import { COLOURED, CUT, HOSTILE, PLAIN, SUBSCRIBED, XCODE } from './documents.js';
import { EXPIRED, passedChecks, UNKNOWN_REVOCATION, withVerdict } from './verdicts.js';

const VERIFY = { ...PLAIN, verbose: false, showSource: false, namesFlags: true };

function verify(document: PayloadDocument, change: object = {}): string {
  return describeVerification(document, { ...VERIFY, ...change });
}

describe('whole views at 80 columns', () => {
  test('valid', () => {
    expect(verify(withVerdict(SUBSCRIBED, {}))).toMatchInlineSnapshot(`
      "valid  Apple signed this notification, its transaction and its renewal info.

      New subscription  SUBSCRIBED.INITIAL_BUY
        bundleId     com.example.reader
        appAppleId   9007199254740993
        environment  Production
        productId    com.example.reader.pro.yearly
        signedDate   2026-10-26T07:33:20.123Z  25 days ago

      Checks  47 passed, 6 skipped (revocation: add --online)
      "
    `);
  });

  test('invalid: the first failed check leads, the others follow', () => {
    expect(verify(withVerdict(SUBSCRIBED, EXPIRED))).toMatchInlineSnapshot(`
      "invalid  CERTIFICATE_EXPIRED  a certificate had expired
      A certificate was no longer valid at the verification time. Payloads without
      signedDate are checked as of now.

        token     signedPayload
        check     chain.dates
        expected  2021-08-25T02:50:34Z to 2023-09-24T02:50:33Z
        found     2026-11-20T16:00:00Z
        detail    the leaf certificate expired on 2023-09-24T02:50:33Z
        hint      Check it as of its signing: --at 2022-03-04T09:43:28Z

      Also failed
        app.bundleId  BUNDLE_ID_MISMATCH  signedPayload, data.signedTransactionInfo
                      com.other\\u{1b}, expected com.mine

      New subscription  SUBSCRIBED.INITIAL_BUY
        bundleId       com.example.reader
        appAppleId     9007199254740993
        environment    Production
        productId      com.example.reader.pro.yearly
        signedDate     2026-10-26T07:33:20.123Z  25 days ago
        checked as of  2026-11-20T16:00:00Z  now

      Checks  44 passed, 3 failed, 6 skipped

      invalid  CERTIFICATE_EXPIRED  a certificate had expired
      "
    `);
  });

  test('undetermined', () => {
    expect(verify(withVerdict(SUBSCRIBED, UNKNOWN_REVOCATION)).split('\n\nChecks')[0]).toMatchInlineSnapshot(`
      "undetermined  REVOCATION_UNKNOWN  the revocation status of a certificate is unknown
      The OCSP responder did not respond, or its response is not valid. That says
      nothing about the payload. (Apple's libraries report a response that is not
      valid as FAILURE in node and as VERIFICATION_FAILURE in python.)

        token     signedPayload
        check     revocation.leaf
        expected  an answer of good
        found     no answer
        detail    http://ocsp.example.com gave none within 5 s

      New subscription  SUBSCRIBED.INITIAL_BUY
        bundleId     com.example.reader
        appAppleId   9007199254740993
        environment  Production
        productId    com.example.reader.pro.yearly
        signedDate   2026-10-26T07:33:20.123Z  25 days ago"
    `);
  });

  test('an unknown revocation is not counted as failed', () => {
    expect(verify(withVerdict(SUBSCRIBED, UNKNOWN_REVOCATION))).toContain(
      '\nChecks  47 passed, 1 undetermined, 5 skipped\n',
    );
    const page = verify(withVerdict(SUBSCRIBED, UNKNOWN_REVOCATION), { verbose: true });
    expect(page).toMatch(/^Checks {2}✓ \d+ passed {2}\? \d+ undetermined {2}/m);
    expect(page).toMatch(/^ {2}revocation\.leaf +\? /m);
    expect(page).not.toMatch(/✗|failed/);
  });

  test('every check with --verbose', () => {
    expect(
      verify(withVerdict(SUBSCRIBED, EXPIRED), { verbose: true }).replace(/^.*\n\nChecks/s, 'Checks'),
    ).toMatchInlineSnapshot(`
      "Checks  ✓ 44 passed  ✗ 3 failed  – 6 skipped
        1 signedPayload  2 data.signedTransactionInfo  3 data.signedRenewalInfo
        token                    1 2 3
        jws.format               ✓ ✓ ✓  good jws.format
        jws.alg                  ✓ ✓ ✓  good jws.alg
        payload.shape            ✓ ✓ ✓  good payload.shape
        payload.kind             ✓ ✓ ✓  Payload, TransactionInfo, RenewalInfo
        x5c.count                ✓ ✓ ✓  good x5c.count
        x5c.readable             ✓ ✓ ✓  good x5c.readable
        chain.root               ✓ ✓ ✓  good chain.root
        chain.links              ✓ ✓ ✓  good chain.links
        chain.ca                 ✓ ✓ ✓  good chain.ca
        chain.markers            ✓ ✓ ✓  good chain.markers
        chain.dates              ✗ ✓ ✓  2026-11-20T16:00:00Z
        revocation.leaf          – – –  skipped: add --online
        revocation.intermediate  – – –  skipped: add --online
        signature                ✓ ✓ ✓  good signature
        app.bundleId             ✗ ✗ ✓  com.other\\u{1b}
        app.appAppleId           ✓ ✓ ✓  good app.appAppleId
        app.environment          ✓ ✓ ✓  good app.environment
        nested.match               ✓ ✓  good nested.match

      New subscription  SUBSCRIBED.INITIAL_BUY
      invalid  CERTIFICATE_EXPIRED  a certificate had expired
      "
    `);
  });
});

describe('the signer of', () => {
  test.each<[string, PayloadDocument, string | null, string]>([
    [
      'all of it',
      SUBSCRIBED,
      'Apple Root CA - G3',
      'valid  Apple signed this notification, its transaction and its renewal info.',
    ],
    ['one token', XCODE, 'Apple Root CA - G3', 'valid  Apple signed this transaction.'],
    ['the test authority', SUBSCRIBED, 'test authority', 'valid  Signed by the test authority, not by Apple.'],
    [
      'a root of the user',
      SUBSCRIBED,
      'AB'.repeat(32),
      "valid  Signed under a root from --root or the settings, not under Apple's.",
    ],
  ])('%s', (_name, document, root, expected) => {
    expect(verify(withVerdict(document, { root })).split('\n')[0]).toBe(expected);
  });
});

test('what could not even be opened has no event, only the failure and the checks', () => {
  const check = {
    id: 'jws.format',
    token: 'signedPayload',
    ok: false,
    reason: 'MALFORMED_JWS',
    found: 'no dots',
  } as const;
  const document = withVerdict(CUT, { verdict: 'invalid', reason: 'MALFORMED_JWS', root: null, checks: [check] });
  expect(verify(document)).toMatchInlineSnapshot(`
    "invalid  MALFORMED_JWS  this is not a complete JWS
    A JWS is three base64url parts joined by dots. The usual cause is an incomplete
    copy or a truncated log line.

      token  signedPayload
      check  jws.format
      found  no dots

    Checks  1 failed
    "
  `);
});

test('names the verification time that --at gave', () => {
  expect(verify(withVerdict(SUBSCRIBED, { clock: 'at', checkedAtMs: 0 }))).toContain(
    '  checked as of  1970-01-01T00:00:00Z  from --at\n',
  );
});

test('nothing from a payload reaches the terminal raw, or begins a line', () => {
  const token = 'x.signed\n::error::token';
  const checks = passedChecks(({ id }) => ({
    token,
    ok: id === 'signature' ? false : null,
    found: '\u001b[2J',
    detail: '\u202e',
  }));
  for (const verbose of [true, false]) {
    const shown = verify(
      withVerdict(HOSTILE, { verdict: 'invalid', reason: 'SIGNATURE_MISMATCH', root: '\u0007', checks }),
      { verbose, showSource: true },
    );
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(shown.split('\n').filter((line) => /^\s*::/.test(line))).toEqual([]);
  }
});

test('colour repeats what the words say', () => {
  const document = withVerdict(SUBSCRIBED, EXPIRED);
  expect(verify(document, { paint: COLOURED.paint }).replaceAll(/\u001b\[\d+m/g, '')).toBe(verify(document));
});

describe('flags that would run skipped checks', () => {
  const offline = passedChecks(({ id }) =>
    id === 'app.bundleId' || id === 'app.appAppleId' ? { ok: null, detail: `skipped: no --${id.slice(4)} given` } : {},
  );

  test('are named once for each group, on one line', () => {
    const [line] = verify(withVerdict(SUBSCRIBED, { checks: offline })).match(/^Checks.*/m) ?? [];
    expect(line).toBe('Checks  41 passed, 12 skipped (revocation: add --online; app: add --bundle)');
  });

  test('are left out where the command has no such flags', () => {
    expect(verify(withVerdict(SUBSCRIBED, { checks: offline }), { namesFlags: false })).toMatch(
      /^Checks {2}41 passed, 12 skipped$/m,
    );
  });
});

test('a mismatch with a setting names its source', () => {
  const checks = EXPIRED.checks?.map((check) =>
    check.expected === 'com.mine' ? { ...check, detail: 'expected com.mine (STOREWIRE_BUNDLE_ID)' } : check,
  );
  const text = verify(withVerdict(SUBSCRIBED, { ...EXPIRED, ...(checks && { checks }) }));
  expect(text).toContain('expected com.mine (STOREWIRE_BUNDLE_ID)\n');
  expect(text.match(/STOREWIRE_BUNDLE_ID/g)).toHaveLength(1);
});

test('the verdict is the last line only where it has scrolled off', () => {
  const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);
  const valid = withVerdict(SUBSCRIBED, {});
  expect(lastLine(verify(valid))).toMatch(/^Checks /);
  expect(lastLine(verify(valid, { verbose: true }))).toMatch(/^valid /);
  expect(verify(valid, { verbose: true }).match(/^valid /gm)).toHaveLength(2);
});

test('a document without a verdict has no view of one', () => {
  expect(verify(SUBSCRIBED)).toBe('');
});
