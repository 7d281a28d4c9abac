import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../src/commands/trigger/outcome.js';
import { hintOn } from '../../../../src/commands/trigger/view.js';
import { findSendAttempt } from '../../../../src/notification/catalogue/send-attempts.js';

const distrusted = { notification: { forged: null }, result: 'TLS_ISSUE', httpStatus: null } as Outcome;

describe('the hint on a path or method without a handler', () => {
  it.each([404, 405])('%s names the path', (httpStatus) => {
    const outcome = { ...distrusted, result: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', httpStatus } as Outcome;
    expect(hintOn(outcome, 'loopback')).toMatch(/^Check the path of the URL/);
    expect(hintOn(outcome, null)).toMatch(/^Check the path of the URL/);
  });
});

describe('the hint on a certificate that does not pass', () => {
  it.each(['loopback', 'private'] as const)('promises no root of one’s own at a %s address', (reach) => {
    expect(hintOn(distrusted, reach)).toMatch(/public certificate authorities only.*http:\/\//);
  });

  it.each(['public', null] as const)('is that of the catalogue where the reach is %s', (reach) => {
    expect(hintOn(distrusted, reach)).toBe(findSendAttempt('TLS_ISSUE')?.hint);
  });
});
