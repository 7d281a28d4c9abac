import { expect, it } from 'vitest';
import { pictureWidth } from '../../../../src/inspector/page/model/picture-width.js';

it.each([
  [0, 0],
  [39, 0],
  [79, 0],
  [80, 40],
  [719, 640],
  [720, 680],
])('a pane of %i pixels has %i for a picture, a number that the server takes', (paneWidth, width) =>
  expect(String(pictureWidth(paneWidth))).toBe(String(width)),
);
