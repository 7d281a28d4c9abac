import { describe, expect, it } from 'vitest';
import { toMarkdown } from '../../../src/reports/markdown.js';

describe('text in Markdown', () => {
  it.each([
    ['a|b', 'a\\|b'],
    ['`a` *b* _c_ ~d~ \\', '\\`a\\` \\*b\\* \\_c\\_ \\~d\\~ \\\\'],
    ['<img src=x> &lt;', '&lt;img src=x&gt; &amp;lt;'],
    ['[a](b) ![c](d)', '\\[a\\](b) !\\[c\\](d)'],
    ['see https://evil.example/|x now', 'see `https://evil.example/\\|x` now'],
    ['www.evil.example', '`www.evil.example`'],
    ['@team #1 a@b.c $x$', '`@team` `#1` `a@b.c` `$x$`'],
    ['https://a/``b`', '``` https://a/``b` ```'],
    ['a\nb', 'a\\\\u\\{a\\}b'],
    ['done :tada: and a:b', 'done `:tada:` and a:b'],
    ['# x', '`#` x'],
    ['- x', '\\- x'],
    ['+ x', '\\+ x'],
    ['1. x', '1\\. x'],
    ['31 steps passed', '31 steps passed'],
  ])('takes %j as %j', (text, expected) => expect(toMarkdown(text)).toBe(expected));

  it.each([
    ['redirects to https://a.example/x, then stops.', 'redirects to `https://a.example/x`, then stops.'],
    ['at https://a.example/x: not found', 'at `https://a.example/x`: not found'],
    ['(see https://a.example/x).', '(see `https://a.example/x`).'],
    ['"https://a.example/x"?', '"`https://a.example/x`"?'],
    ['[https://a.example/x]', '\\[`https://a.example/x`\\]'],
    ['tell @team!', 'tell `@team`!'],
  ])('leaves punctuation outside of the code span: %j', (text, expected) => expect(toMarkdown(text)).toBe(expected));
});
