import { describe, expect, it } from 'vitest';
import { API_ERRORS, findApiError } from '../../../src/server-api/errors.js';

describe('API_ERRORS', () => {
  it('holds each documented code once, in order', () => {
    expect(API_ERRORS.map(({ code }) => code)).toEqual([
      4000000, 4000002, 4000005, 4000006, 4000008, 4000012, 4000013, 4000014, 4000015, 4000016, 4000017, 4000018,
      4000019, 4000020, 4000048, 4040001, 4040002, 4040003, 4040004, 4040005, 4040006, 4040007, 4040008, 4040010,
      4290000, 5000000, 5000001,
    ]);
  });

  it('marks transient errors', () => {
    const retryable = API_ERRORS.filter((entry) => entry.retryable).map(({ code }) => code);
    expect(retryable).toEqual([4040002, 4040004, 4040006, 4290000, 5000000, 5000001]);
  });

  it.each(API_ERRORS)('$code $name continues a sentence and gives a next step', ({ meaning, next }) => {
    expect(meaning).toMatch(/^[a-z].*[a-z)]$/);
    expect(next).toMatch(/^[A-Z].*\.$/);
  });

  it('finds by code', () => {
    expect(findApiError(4040007)?.name).toBe('ServerNotificationUrlNotFound');
    expect(findApiError(4040099)).toBeUndefined();
  });
});
