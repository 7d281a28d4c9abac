import { expect, it } from 'vitest';
import { buildVia, parseVia } from '../../../src/forwarding/headers.js';

const [A, B] = ['0123456789abcdef', 'fedcba9876543210'];

it.each([
  [undefined, []],
  ['', []],
  [A, [A]],
  [`${A}, ${B}`, [A, B]],
  [`${A},${B}, `, [A, B]],
  [`<script>, ${B}, x`, [B]],
  [Array(99).fill(A).join(), Array(16).fill(A)],
])('reads %j', (header, ids) => expect(parseVia(header)).toEqual(ids));

it('round-trips', () => expect(parseVia(buildVia([A], B))).toEqual([A, B]));
