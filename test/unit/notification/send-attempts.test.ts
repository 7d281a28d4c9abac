import { describe, expect, it } from 'vitest';
import { findSendAttempt, SEND_ATTEMPTS } from '../../../src/notification/catalogue/send-attempts.js';

describe('the catalogue of send attempts', () => {
  it('contains each value once', () => {
    expect(SEND_ATTEMPTS.map(({ value }) => value)).toEqual([
      'SUCCESS',
      'CIRCULAR_REDIRECT',
      'INVALID_RESPONSE',
      'NO_RESPONSE',
      'OTHER',
      'PREMATURE_CLOSE',
      'SOCKET_ISSUE',
      'TIMED_OUT',
      'TLS_ISSUE',
      'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
      'UNSUPPORTED_CHARSET',
    ]);
  });

  it.each(SEND_ATTEMPTS)('$value is explained in sentences', ({ value, meaning, cause, hint }) => {
    for (const text of [meaning, cause]) expect(text).toMatch(/^[A-Z].*\.$/);
    expect(hint).toMatch(value === 'SUCCESS' ? /^$/ : /^[A-Z].*\.$/);
  });

  it.each([
    ['TIMED_OUT', 'TIMED_OUT'],
    ['SSL_ISSUE', 'TLS_ISSUE'],
    ['timed_out', undefined],
    ['BRAND_NEW', undefined],
    ['constructor', undefined],
  ])('finds %s as %s', (value, found) => expect(findSendAttempt(value)?.value).toBe(found));
});
