import { describe, expect, test } from 'vitest';
import { addHints, describeHints, describeLine } from '../../../src/document-view/line.js';
import type { PayloadDocument } from '../../../src/notification/document.js';
import { COLOURED, CUT, HOSTILE, LEGACY, PLAIN, SUBSCRIBED, XCODE } from './documents.js';
import { EXPIRED, UNKNOWN_REVOCATION, withVerdict } from './verdicts.js';

const LONGEST: PayloadDocument = {
  ...SUBSCRIBED,
  notification: {
    ...SUBSCRIBED.notification,
    notificationType: 'DID_CHANGE_RENEWAL_STATUS',
    subtype: 'AUTO_RENEW_DISABLED',
  },
};
const STREAM = [SUBSCRIBED, LONGEST, XCODE, LEGACY, CUT];
const VERIFIED = [
  withVerdict(SUBSCRIBED, {}),
  withVerdict(LONGEST, {}),
  withVerdict(SUBSCRIBED, EXPIRED),
  withVerdict(XCODE, UNKNOWN_REVOCATION),
];

function lines(documents: readonly PayloadDocument[], columns: number): string {
  return `\n${documents.map((document) => describeLine(document, { ...PLAIN, columns })).join('')}`;
}

describe('aligned lines', () => {
  test('decode at 80', () => {
    expect(lines(STREAM, 80)).toMatchInlineSnapshot(`
      "
      SUBSCRIBED.INITIAL_BUY        …reader.pro.yearly    –        history.ndjson:3
      …STATUS.AUTO_RENEW_DISABLED   …reader.pro.yearly    –        history.ndjson:3
      transaction                   –                     –        argument
      DID_RENEW                     com.example.reader    –        stdin
      unknown                       –                     –        paste
        MALFORMED_JWS  signedPayload: it ends inside the payload, after 9,000
        ↳ characters: 2 of 3 parts
      "
    `);
  });

  test('decode at 130', () => {
    expect(lines(STREAM, 130)).toMatchInlineSnapshot(`
      "
      2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY              Production  …reader.pro.yearly         –        history.ndjson:3
      2026-10-26T07:33:20Z  …STATUS.AUTO_RENEW_DISABLED         Production  …reader.pro.yearly         –        history.ndjson:3
      –                     transaction                         Xcode       –                          –        argument
      –                     DID_RENEW                           Production  com.example.reader         –        stdin
      –                     unknown                             –           –                          –        paste
        MALFORMED_JWS  signedPayload: it ends inside the payload, after 9,000 characters: 2 of 3 parts
      "
    `);
  });

  test('verify at 80', () => {
    expect(lines(VERIFIED, 80)).toMatchInlineSnapshot(`
      "
      valid    SUBSCRIBED.INITIAL_BUY    …pro.yearly        –        history.ndjson:3
      valid    …AUTO_RENEW_DISABLED      …pro.yearly        –        history.ndjson:3
      invalid  SUBSCRIBED.INITIAL_BUY    …pro.yearly        –        history.ndjson:3
        CERTIFICATE_EXPIRED  signedPayload chain.dates: 2026-11-20T16:00:00Z,
        ↳ expected 2021-08-25T02:50:34Z to 2023-09-24T02:50:33Z
      undetermined  transaction          –                  –        argument
        REVOCATION_UNKNOWN  signedPayload revocation.leaf: no answer, expected an
        ↳ answer of good
      "
    `);
  });

  test('verify at 130', () => {
    expect(lines(VERIFIED, 130)).toMatchInlineSnapshot(`
      "
      valid    2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY           Production  …reader.pro.yearly      –        history.ndjson:3
      valid    2026-10-26T07:33:20Z  …STATUS.AUTO_RENEW_DISABLED      Production  …reader.pro.yearly      –        history.ndjson:3
      invalid  2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY           Production  …reader.pro.yearly      –        history.ndjson:3
        CERTIFICATE_EXPIRED  signedPayload chain.dates: 2026-11-20T16:00:00Z, expected 2021-08-25T02:50:34Z to 2023-09-24T02:50:33Z
      undetermined  –                     transaction                 Xcode       –                       –        argument
        REVOCATION_UNKNOWN  signedPayload revocation.leaf: no answer, expected an answer of good
      "
    `);
  });
});

test.each([80, 100, 120, 160])('no line is wider than %i columns', (columns) => {
  const all = lines([...STREAM, ...VERIFIED, HOSTILE], columns).split('\n');
  expect(all.filter((line) => line.length > columns)).toEqual([]);
});

test('nothing from a payload reaches the terminal raw, or begins a line', () => {
  for (const document of [HOSTILE, withVerdict(HOSTILE, EXPIRED)]) {
    const shown = lines([document], 200);
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(shown.split('\n').filter((line) => /^\s*::/.test(line))).toEqual([]);
  }
});

test('colour repeats what the words say', () => {
  const document = withVerdict(SUBSCRIBED, EXPIRED);
  const coloured = describeLine(document, COLOURED);
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(describeLine(document, PLAIN));
  expect(coloured).toContain('\u001b[');
});

const PURCHASE: PayloadDocument = {
  ...LONGEST,
  transaction: { ...SUBSCRIBED.transaction, originalTransactionId: '2000000004047119' },
};

test('a terminal shows the last digits of the original transaction', () => {
  expect(lines([PURCHASE], 80)).toContain('  …047119  history.ndjson:3\n');
});

test('nothing is cut in a pipe', () => {
  const [line = ''] = lines([PURCHASE], Number.POSITIVE_INFINITY).trim().split('\n');
  expect(line.split(/ +/)).toEqual([
    '2026-10-26T07:33:20Z',
    'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
    'Production',
    'com.example.reader.pro.yearly',
    '2000000004047119',
    'history.ndjson:3',
  ]);
});

test('a line of the history has its signed date in the place of the source', () => {
  expect(lines([{ ...SUBSCRIBED, source: 'history' }], 80)).toMatch(
    /^\n2026-10-26T07:33:20Z {2}SUBSCRIBED\.INITIAL_BUY .*–\n$/,
  );
});

test('a check of a token that could not be opened is not shown twice', () => {
  const check = { id: 'jws.format', token: 'signedPayload', ok: false, reason: 'MALFORMED_JWS', found: 'cut' } as const;
  const document = withVerdict(CUT, { verdict: 'invalid', reason: 'MALFORMED_JWS', root: null, checks: [check] });
  expect(lines([document], 80).match(/MALFORMED_JWS/g)).toHaveLength(1);
});

test('hints are kept once for each reason, the first one', () => {
  const later = { ...CUT, problems: CUT.problems?.map((problem) => ({ ...problem, hint: 'Another.' })) ?? [] };
  const hints = [CUT, later, withVerdict(SUBSCRIBED, EXPIRED)].reduce(addHints, {});
  expect(describeHints(hints, PLAIN)).toMatchInlineSnapshot(`
    "Hints
      MALFORMED_JWS        Copy the whole value of signedPayload again.
      CERTIFICATE_EXPIRED  Check it as of its signing: --at 2022-03-04T09:43:28Z
    "
  `);
  expect(describeHints({}, PLAIN)).toBe('');
});
