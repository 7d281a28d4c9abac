import { describe, expect, it } from 'vitest';
import { encodeXml, type JunitCase, toJunit } from '../../../src/reports/junit.js';
import { junitFaults } from '../../support/junit-schema.js';

const RUN = { startedAtMs: Date.UTC(2026, 10, 1, 12, 30, 5, 678), seconds: 1.9 };

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
    expect(toJunit({ ...RUN, name: 'suite', cases })).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="suite" tests="6" failures="1" errors="1" time="1.900">
        <testsuite name="suite" tests="6" failures="1" errors="1" skipped="1" time="1.900" timestamp="2026-11-01T12:30:05">
          <testcase name="a.b" classname="a"/>
          <testcase name="a.b" classname="a" time="0.250">
            <system-out>seen</system-out>
          </testcase>
          <testcase name="a.b" classname="a">
            <system-out>warning: odd
      do: this</system-out>
          </testcase>
          <testcase name="a.b" classname="a" time="1.500">
            <failure message="bad" type="a">bad
      expected: good
      do: that</failure>
          </testcase>
          <testcase name="a.b" classname="a">
            <skipped message="why"/>
          </testcase>
          <testcase name="a.b" classname="a">
            <error message="unknown" type="a">unknown</error>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it.each([
    ['skipped on the root', '<testsuites skipped="1"></testsuites>'],
    [
      'an attribute of no schema',
      '<testsuites><testsuite name="a" tests="0" failures="0" errors="0" skipped="0" odd="1"/></testsuites>',
    ],
    [
      'a raw <',
      '<testsuites><testsuite name="a" tests="0" failures="0" errors="0" skipped="0"> < </testsuite></testsuites>',
    ],
    [
      'a count that does not agree',
      '<testsuites><testsuite name="a" tests="1" failures="0" errors="0" skipped="0"/></testsuites>',
    ],
  ])('the check of this test finds %s', (_case, xml) => expect(junitFaults(xml)).not.toEqual([]));

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
      ...RUN,
      name: nasty,
      cases: (['pass', 'warn', 'fail', 'skip', 'error'] as const).map((status) => ({
        ...{ status, id: nasty, group: nasty, message: nasty, detail: [nasty], seconds: 0 },
      })),
    });
    expect(xml).not.toContain('\u0000');
    expect(xml.match(/<\/testcase>/g)).toHaveLength(5);
    expect(junitFaults(xml)).toEqual([]);
  });
});
