import { describe, expect, it } from 'vitest';
import { planReports, type ReportFlags } from '../../../src/reports/report-files.js';

const flags = (given: Partial<ReportFlags>): ReportFlags => ({ report: [], reportFile: [], json: false, ...given });

describe('reports and their files', () => {
  it.each<[string, Partial<ReportFlags>, readonly (readonly [string, string | null])[]]>([
    ['none', {}, []],
    ['--json', { json: true }, [['json', null]]],
    ['one to stdout', { report: ['junit'] }, [['junit', null]]],
    [
      'in the order they were given',
      { report: ['junit', 'markdown'], reportFile: ['a', 'b'] },
      [
        ['junit', 'a'],
        ['markdown', 'b'],
      ],
    ],
    [
      'the last to stdout',
      { report: ['junit', 'github'], reportFile: ['a'] },
      [
        ['junit', 'a'],
        ['github', null],
      ],
    ],
    [
      'a file beside --json',
      { report: ['junit'], reportFile: ['a'], json: true },
      [
        ['junit', 'a'],
        ['json', null],
      ],
    ],
  ])('%s', (_case, given, expected) => {
    expect(planReports(flags(given)).map(({ kind, file }) => [kind, file])).toEqual(expected);
  });

  it.each<[string, Partial<ReportFlags>]>([
    ['a URL for a file', { report: ['json'], reportFile: ['https://example.com/report.json'] }],
    ['two on stdout', { report: ['junit', 'github'] }],
    ['one on stdout beside --json', { report: ['junit'], json: true }],
    ['two in one file', { report: ['junit', 'json'], reportFile: ['a', 'a'] }],
    ['a file too many', { report: ['junit'], reportFile: ['a', 'b'] }],
  ])('refuse %s', (_case, given) => {
    expect(() => planReports(flags(given))).toThrow(expect.objectContaining({ code: 'ERR_USAGE_REPORT' }));
  });
});
