import { expect, it } from 'vitest';
import { createShortIds } from '../../../src/journal/summary.js';

it('shortens ids as far as each still names one', () => {
  const ids = createShortIds();
  for (const id of ['aaaaaaaa11111111', 'bbbbbbbb11111111', 'bbbbbbbb22222222', 'aaaaaaaa11111111']) ids.add(id);
  expect(ids.shorten('aaaaaaaa11111111')).toBe('aaaaaaaa');
  expect(ids.shorten('bbbbbbbb11111111')).toBe('bbbbbbbb11111111');
  expect(ids.shorten('cccccccc11111111')).toBe('cccccccc');
});
