import { describe, expect, it } from 'vitest';
import { encodeXml, type JunitCase, toJunit } from '../../../src/reports/junit.js';

const CASE: JunitCase = { id: 'a.b', group: 'a', status: 'pass', message: '', detail: [], seconds: null };

describe('JUnit', () => {
  it('tells each status in its own way', () => {
    const cases: readonly JunitCase[] = [
      CASE,
      { ...CASE, message: 'seen', seconds: 0.25 },
      { ...CASE, status: 'warn', message: 'odd', detail: ['do: this'] },
      { ...CASE, status: 'fail', message: 'bad', detail: ['expected: good', 'do: that'], seconds: 1.5 },
      { ...CASE, status: 'skip', message: 'why' },
      { ...CASE, status: 'error', message: 'unknown' },
    ];
    expect(toJunit({ name: 'suite', cases })).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="suite" tests="6" failures="1" errors="1" skipped="1" time="1.750">
        <testsuite name="suite" tests="6" failures="1" errors="1" skipped="1" time="1.750">
          <testcase name="a.b" classname="a" time="0.000"/>
          <testcase name="a.b" classname="a" time="0.250">
            <system-out>seen</system-out>
          </testcase>
          <testcase name="a.b" classname="a" time="0.000">
            <system-out>warning: odd
      do: this</system-out>
          </testcase>
          <testcase name="a.b" classname="a" time="1.500">
            <failure message="bad" type="a">expected: good
      do: that</failure>
          </testcase>
          <testcase name="a.b" classname="a" time="0.000">
            <skipped message="why"/>
          </testcase>
          <testcase name="a.b" classname="a" time="0.000">
            <error message="unknown" type="a"></error>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it.each([
    ['marks', `<a href="x" b='y'>&]]>`, '&lt;a href=&quot;x&quot; b=&apos;y&apos;&gt;&amp;]]&gt;'],
    ['line ends', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['what XML cannot hold', '\u0000\u0008\u001b\ufffe\uffff', '\\u{0}\\u{8}\\u{1b}\\u{fffe}\\u{ffff}'],
    ['half a character', 'a\ud800b', 'a\\u{d800}b'],
    ['what turns a line around', 'a\u202eb\u200bc', 'a\\u{202e}b\\u{200b}c'],
    ['what is fine', 'Grüße 🙂', 'Grüße 🙂'],
  ])('encodes %s', (_case, text, encoded) => expect(encodeXml(text)).toBe(encoded));

  it('encodes every text of a case', () => {
    const nasty = '"/></testcase>\u0000\n';
    const xml = toJunit({
      name: nasty,
      cases: (['pass', 'warn', 'fail', 'skip', 'error'] as const).map((status) => ({
        ...{ status, id: nasty, group: nasty, message: nasty, detail: [nasty], seconds: 0 },
      })),
    });
    expect(xml).not.toContain('\u0000');
    expect(xml.match(/<\/testcase>/g)).toHaveLength(5);
  });
});
