import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawPictures } from '../../docs/generate/pictures/pictures.js';
import { drawTerminal } from '../../docs/generate/pictures/svg.js';
import { ROOT, SAMPLES } from '../support/bin.js';

/** The time of day and the last digits of ids are all that differs between two runs. */
const withoutTimes = (svg: string): string =>
  svg.replaceAll(/\d\d:\d\d:\d\dZ/g, '00:00:00Z').replaceAll(/…\d{6}\b/g, '…000000');

const textOf = (svg: string): string =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text).join('\n');

describe('the pictures of the README', () => {
  it('show what the commands print: npm run pictures draws them', async () => {
    const drawn = await drawPictures(SAMPLES);
    expect([...drawn.keys()]).toEqual(['docs/listen.svg', 'docs/timeline.svg', 'docs/verify.svg']);
    for (const [file, svg] of drawn) {
      const kept = readFileSync(path.join(ROOT, file), 'utf8');
      expect(withoutTimes(textOf(kept)), file).toBe(withoutTimes(textOf(svg)));
      expect(withoutTimes(kept), file).toBe(withoutTimes(svg));
    }
  });

  it('load nothing and run nothing', () => {
    for (const file of ['docs/listen.svg', 'docs/timeline.svg', 'docs/verify.svg']) {
      const svg = readFileSync(path.join(ROOT, file), 'utf8');
      expect(svg).not.toMatch(/<script|<image|<foreignObject|\bon\w+=|url\(|href=|@import/);
      expect(svg).toContain('prefers-color-scheme: dark');
    }
  });
});

describe('a terminal as SVG', () => {
  it('keeps columns and looks, and escapes text', () => {
    const svg = drawTerminal('a <title>', ['\u001b[1ma\u001b[22m  \u001b[32mb & c\u001b[39m'], 20);
    expect(svg).toContain('<title>a &lt;title&gt;</title>');
    expect(svg).toMatch(/<text x="18" y="[\d.]+" class="b" textLength="8.4" [^>]+>a<\/text>/);
    expect(svg).toMatch(/<text x="43.2" y="[\d.]+" class="g" textLength="42" [^>]+>b &amp; c<\/text>/);
  });
});
