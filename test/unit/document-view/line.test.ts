import { describe, expect, test } from 'vitest';
import { describeLine } from '../../../src/document-view/line.js';
import type { PayloadDocument } from '../../../src/notification/document.js';
import { COLOURED, CUT, HOSTILE, LEGACY, PLAIN, SUBSCRIBED, XCODE } from './documents.js';
import { EXPIRED, judged, UNKNOWN_REVOCATION } from './verdicts.js';

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
  judged(SUBSCRIBED, {}),
  judged(LONGEST, {}),
  judged(SUBSCRIBED, EXPIRED),
  judged(XCODE, UNKNOWN_REVOCATION),
];

function lines(documents: readonly PayloadDocument[], columns: number): string {
  return `\n${documents.map((document) => describeLine(document, { ...PLAIN, columns })).join('')}`;
}

describe('aligned lines', () => {
  test('decode at 80', () => {
    expect(lines(STREAM, 80)).toMatchInlineSnapshot(`
      "
      2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY    Production  history.ndjson:3
      2026-10-26T07:33:20Z  DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED  Production
      –                     transaction               Xcode       argument
      –                     DID_RENEW                 Production  stdin
      –                     unknown                   –           paste
        MALFORMED_JWS  paste  signedPayload: it ends inside the payload, after 9,000
        ↳ characters: 2 of 3 parts
        hint: Copy the whole value of signedPayload again.
      "
    `);
  });

  test('decode at 130', () => {
    expect(lines(STREAM, 130)).toMatchInlineSnapshot(`
      "
      2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY              Production  com.example.reader.pro.yearly     history.ndjson:3
      2026-10-26T07:33:20Z  DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED  Production  com.example.reader.pro.yearly     …story.ndjson:3
      –                     transaction                         Xcode       –                                 argument
      –                     DID_RENEW                           Production  com.example.reader                stdin
      –                     unknown                             –           –                                 paste
        MALFORMED_JWS  paste  signedPayload: it ends inside the payload, after 9,000 characters: 2 of 3 parts
        hint: Copy the whole value of signedPayload again.
      "
    `);
  });

  test('verify at 80', () => {
    expect(lines(VERIFIED, 80)).toMatchInlineSnapshot(`
      "
      valid    2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY    Production
      valid    2026-10-26T07:33:20Z  …E_RENEWAL_STATUS.AUTO_RENEW_DISABLED  Production
      invalid  2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY    Production
        CERTIFICATE_EXPIRED  history.ndjson:3  signedPayload chain.dates:
        ↳ 2026-11-20T16:00:00Z, expected 2021-08-25T02:50:34Z to 2023-09-24T02:50:33Z
        hint: Judge it when it was signed: --at 2022-03-04T09:43:28Z
      undetermined  –                     transaction               Xcode
        REVOCATION_UNKNOWN  argument  signedPayload revocation.leaf: no answer,
        ↳ expected an answer of good
      "
    `);
  });

  test('verify at 130', () => {
    expect(lines(VERIFIED, 130)).toMatchInlineSnapshot(`
      "
      valid    2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY              Production  com.example.reader.pro.yearly     history.ndjson:3
      valid    2026-10-26T07:33:20Z  DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED  Production  com.example.reader.pro.yearly
      invalid  2026-10-26T07:33:20Z  SUBSCRIBED.INITIAL_BUY              Production  com.example.reader.pro.yearly     history.ndjson:3
        CERTIFICATE_EXPIRED  history.ndjson:3  signedPayload chain.dates: 2026-11-20T16:00:00Z, expected 2021-08-25T02:50:34Z to
        ↳ 2023-09-24T02:50:33Z
        hint: Judge it when it was signed: --at 2022-03-04T09:43:28Z
      undetermined  –                     transaction                         Xcode       –                                 argument
        REVOCATION_UNKNOWN  argument  signedPayload revocation.leaf: no answer, expected an answer of good
      "
    `);
  });
});

test.each([80, 100, 120, 160])('no line is wider than %i columns', (columns) => {
  const all = lines([...STREAM, ...VERIFIED, HOSTILE], columns).split('\n');
  expect(all.filter((line) => line.length > columns)).toEqual([]);
});

test('nothing from a payload reaches the terminal raw, or begins a line', () => {
  for (const document of [HOSTILE, judged(HOSTILE, EXPIRED)]) {
    const shown = lines([document], 200);
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(shown.split('\n').filter((line) => /^\s*::/.test(line))).toEqual([]);
  }
});

test('colour repeats what the words say', () => {
  const document = judged(SUBSCRIBED, EXPIRED);
  const coloured = describeLine(document, COLOURED);
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(describeLine(document, PLAIN));
  expect(coloured).toContain('\u001b[');
});
