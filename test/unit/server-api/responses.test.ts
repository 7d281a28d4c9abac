import { describe, expect, it } from 'vitest';
import { outcomeOf, parseSent } from '../../../src/server-api/responses.js';

const attempt = (sendAttemptResult?: unknown) => ({ attemptDate: 1, sendAttemptResult });

describe('what a status says', () => {
  it.each([
    ['nothing yet', {}, 'PENDING'],
    ['an empty list', { sendAttempts: [] }, 'PENDING'],
    ['an attempt under way', { sendAttempts: [attempt()] }, 'PENDING'],
    ['an attempt under way, then a failure', { sendAttempts: [attempt(null), attempt('TIMED_OUT')] }, 'TIMED_OUT'],
    ['a success', { sendAttempts: [attempt('SUCCESS')] }, 'SUCCESS'],
    ['a failure, then another', { sendAttempts: [attempt('TLS_ISSUE'), attempt('TIMED_OUT')] }, 'TLS_ISSUE'],
    ['a failure, then a success', { sendAttempts: [attempt('TIMED_OUT'), attempt('SUCCESS')] }, 'SUCCESS'],
    ['a result that is newer than this', { sendAttempts: [attempt('QUIC_ISSUE')] }, 'QUIC_ISSUE'],
    ['the deprecated field alone', { firstSendAttemptResult: 'NO_RESPONSE' }, 'NO_RESPONSE'],
    ['its former spelling', { firstSendAttemptResult: 'SSL_ISSUE' }, 'TLS_ISSUE'],
    ['both', { firstSendAttemptResult: 'TIMED_OUT', sendAttempts: [attempt('SUCCESS')] }, 'SUCCESS'],
    ['malformed attempts', { sendAttempts: [1, null, 'SUCCESS', { sendAttemptResult: 5 }] }, 'PENDING'],
    ['no list', { sendAttempts: 'SUCCESS' }, 'PENDING'],
  ])('%s', (_what, body, outcome) => expect(outcomeOf(parseSent(body as never))).toBe(outcome));
});
