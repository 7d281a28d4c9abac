import { expect, it } from 'vitest';
import { editDistance } from '../../../../src/notification/catalogue/edit-distance.js';

it.each([
  ['', '', 0],
  ['renew', 'renew', 0],
  ['renw', 'renew', 1],
  ['reenew', 'renew', 1],
  ['renex', 'renew', 1],
  ['rnew', 'renew', 1],
  ['ernew', 'renew', 1],
  ['erneww', 'renew', 2],
  ['ab', 'ba', 1],
  ['kitten', 'sitting', 3],
  ['abcdef', '', 4],
  ['abcdef', 'uvwxyz', 4],
])('%j is %j after %i changes, counted to 3', (one, other, changes) => {
  expect([editDistance(one, other, 3), editDistance(other, one, 3)]).toEqual([changes, changes]);
});
