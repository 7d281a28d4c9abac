import { expect, it } from 'vitest';
import { statusForApple } from '../../../src/forwarding/outcome.js';

it.each([
  ['accepted', 200, 200],
  ['accepted', 206, 206],
  ['accepted', 207, 502],
  ['accepted', 299, 502],
  ['refused', 304, 502],
  ['refused', 301, 502],
  ['refused', 400, 400],
  ['refused', 429, 429],
  ['refused', 500, 500],
  ['refused', 599, 599],
  ['refused', 600, 502],
  ['unreachable', null, 502],
  ['timed-out', null, 504],
] as const)('%s %s is answered %i', (outcome, httpStatus, answered) =>
  expect(statusForApple({ outcome, httpStatus })).toBe(answered),
);
