import { APIError } from '@apple/app-store-server-library';
import { expect, it } from 'vitest';
import { API_ERRORS } from '../../../src/server-api/errors.js';
import { ERRORS_OF_OTHER_CALLS } from '../../../src/server-api/errors-of-other-calls.js';

const KNOWN = [...API_ERRORS.map(({ code }) => code), ...ERRORS_OF_OTHER_CALLS.map(([code]) => code)];

it("every error code of Apple's library is known, and those of API 1.22", () => {
  const apples = Object.values(APIError).filter((value) => typeof value === 'number');
  expect(apples.length).toBeGreaterThan(80);
  expect([...apples, 4000004, 4000227, 4030028, 4040022].filter((code) => !KNOWN.includes(code))).toEqual([]);
});

it('no code stands in both tables', () => expect(new Set(KNOWN).size).toBe(KNOWN.length));

it.each(ERRORS_OF_OTHER_CALLS)('%i %s continues a sentence and gives a next step', (code, _name, meaning, next) => {
  expect(String(code)).toMatch(/^4(?:00|03|04|09)\d{4}$/);
  expect(meaning).toMatch(/^(?!the request is wrong)[a-z].*[^.]$/);
  expect(next).toMatch(/^[A-Z].*\.$/);
});
