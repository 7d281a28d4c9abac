import { describe, expect, it } from 'vitest';
import { checkToAnnotations, checkToJson, checkToJunit, checkToMarkdown } from '../../../src/commands/check/reports.js';
import { junitFaults } from '../../support/junit-schema.js';
import { NASTY, REPORT, STEPS } from './check-report.js';

describe('annotations', () => {
  it('are one line each, for what is not well and the verdict', () => {
    const lines = checkToAnnotations(REPORT).split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf('::', 2)))).toEqual([
      '::error title=storewire tls.chain',
      '::warning title=storewire http.time',
      '::error title=storewire test.sandbox',
      '::notice title=storewire check',
      '',
    ]);
    expect(lines[1]).toBe(
      '::warning title=storewire http.time::response time: 1,200 ms%0Aat https://example.com/apple%0Afix: Answer first.',
    );
  });

  it('hold nothing that is an order to the runner, or a colour', () => {
    const text = checkToAnnotations(REPORT);
    expect(text).not.toMatch(/##\[/);
    expect(text).not.toMatch(/[^\n\x20-\x7e]/);
    expect(text).toContain('\\u{1b}[31m\\u{202e}\\u{a}::error::a%250A');
  });

  it('encode what ends a property', () => {
    const [step] = STEPS;
    const odd = { ...step!, id: 'url.a,b:c%' as const, status: 'fail' as const };
    expect(checkToAnnotations({ ...REPORT, steps: [odd] })).toMatch(/^::error title=storewire url\.a%2Cb%3Ac%25::/);
  });
});

describe('JUnit of a check', () => {
  it('has a failure, an error and what was skipped', () => {
    const xml = checkToJunit(REPORT);
    expect(xml).toContain(
      '<testsuites name="storewire check https://example.com/apple" tests="6" failures="1" errors="1" time="2.750">',
    );
    expect(xml).toContain('errors="1" skipped="2" time="2.750" timestamp="2026-11-01T00:00:00">');
    expect(junitFaults(xml)).toEqual([]);
    expect(xml).toMatch(/<failure message="[^"]+ \(expected: the whole chain\)" type="tls">/);
    expect(xml).toContain('\nApple reports: TLS_ISSUE\nfix: Serve fullchain.pem.</failure>');
    expect(xml).toContain(
      '<error message="sandbox TEST: no result yet" type="test">sandbox TEST: no result yet\nfix: Ask again.</error>',
    );
    expect(xml).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|<b>/);
  });

  it('has the measured times: of a step, of a group on its first step, and none of the others', () => {
    const times = [...checkToJunit(REPORT).matchAll(/<testcase name="([^"]+)"[^>]*?(?: time="([^"]+)")?\/?>/g)];
    expect(times.map(([, id, time]) => [id, time])).toEqual([
      [STEPS[0]!.id, '0.250'],
      ...STEPS.slice(1, -1).map(({ id }) => [id, undefined]),
      ['test.sandbox', '1.500'],
    ]);
  });

  it('names the URL in each case where there are several', () => {
    const other = { ...STEPS[0]!, url: 'https://b.example/?…' };
    const xml = checkToJunit({ ...REPORT, steps: [STEPS[0]!, other] });
    expect(xml).toContain('<testcase name="url.port https://example.com/apple"');
    expect(xml).toContain('<testcase name="url.port https://b.example/?…"');
  });
});

describe('Markdown of a check', () => {
  it('has a row for each step, and sections for those that are not well', () => {
    const text = checkToMarkdown(REPORT);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(2 + STEPS.length);
    expect(rows.every((row) => row.match(/(?<!\\)\|/g)?.length === 4)).toBe(true);
    expect(text.match(/^### .*$/gm)).toEqual([
      '### fail `tls.chain`',
      '### warn `http.time`',
      '### no result `test.sandbox`',
    ]);
    const outsideOfCode = text.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    expect(outsideOfCode).not.toMatch(/<b>|@team|:\/\/|www|#1|##\[/);
  });
});

describe('JSON of a check', () => {
  it('is one line with the fields of the contract, and safe to print', () => {
    const text = checkToJson(REPORT);
    expect(text.trimEnd()).not.toMatch(/[^\x20-\x7e]/);
    const { url, verdict, steps } = JSON.parse(text);
    expect({ url, verdict }).toEqual({ url: REPORT.url, verdict: 'fail' });
    expect(Object.keys(steps[0])).toEqual([
      'id',
      'group',
      'status',
      'title',
      'seen',
      'expected',
      'sendAttemptResult',
      'hint',
      'url',
    ]);
    expect(steps[1].seen).toBe(NASTY);
    expect(steps[5].error).toEqual({ kind: 'pending', code: 'ERR_CHECK_PENDING', message: 'no result yet' });
  });
});
