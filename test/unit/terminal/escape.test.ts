import { describe, expect, test } from 'vitest';
import { escapeText, shorten, showText } from '../../../src/terminal/escape.js';

describe('escapeText', () => {
  test.each([
    ['C0', 'a\u0000b\u001b[2Jc', 'a\\u{0}b\\u{1b}[2Jc'],
    ['line ends and tabs', 'a\r\n\tb', 'a\\u{d}\\u{a}\\u{9}b'],
    ['DEL', 'a\u007f', 'a\\u{7f}'],
    ['C1: a one-character CSI', '\u009b2J', '\\u{9b}2J'],
    ['bidi override', 'gold\u202eelif', 'gold\\u{202e}elif'],
    ['bidi isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['Arabic letter mark', '\u061c', '\\u{61c}'],
    ['zero-width', 'a\u200bb\u200dc\u2060d', 'a\\u{200b}b\\u{200d}c\\u{2060}d'],
    ['line and paragraph separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['byte order mark', '\ufeffx', '\\u{feff}x'],
    ['lone surrogates', 'a\ud800b\udc00', 'a\\u{d800}b\\u{dc00}'],
    ['noncharacters', '\ufdd0\uffff\u{1fffe}', '\\u{fdd0}\\u{ffff}\\u{1fffe}'],
    ['tag characters', '\u{e0041}', '\\u{e0041}'],
    ['soft hyphen and fillers', '\u00ad\u3164\u115f', '\\u{ad}\\u{3164}\\u{115f}'],
    ['variation selectors', 'a\ufe0f\u{e0100}', 'a\\u{fe0f}\\u{e0100}'],
  ])('%s', (_name, text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });

  test.each(['', 'plain ASCII ~!', 'C:\\temp\\u{1b}', 'Zürich · 東京 · Ελλάδα', '😀 𝒳'])('leaves %j alone', (text) => {
    expect(escapeText(text)).toBe(text);
  });

  test('leaves nothing a terminal acts on, whatever the code point', () => {
    const raw: string[] = [];
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const shown = escapeText(String.fromCodePoint(code));
      if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(shown)) raw.push(code.toString(16));
    }
    expect(raw).toEqual([]);
  });
});

describe('shorten', () => {
  test.each([
    ['short', 'short'],
    ['x'.repeat(200), 'x'.repeat(200)],
    ['x'.repeat(5126), `${'x'.repeat(48)}… (5,126 characters)`],
    [`${'x'.repeat(47)}😀${'x'.repeat(300)}`, `${'x'.repeat(47)}… (349 characters)`],
  ])('%#', (text, expected) => {
    expect(shorten(text)).toBe(expected);
  });
});

test('showText counts what escaping adds', () => {
  expect(showText('\u202e'.repeat(60))).toBe(`${'\\u{202e}'.repeat(48)}… (60 characters)`);
});
