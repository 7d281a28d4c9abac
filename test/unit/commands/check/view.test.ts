import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { describeCheckVerdict, describeSteps } from '../../../../src/commands/check/view.js';
import { makeStep } from '../../../../src/endpoint-check/step.js';
import { REPORT, STEPS } from '../../document-view/check-report.js';

const view = (columns: number, level: 0 | 1 = 0) => ({ paint: new Chalk({ level }), columns, nowMs: 0 });

describe('the view of a check', () => {
  it('aligns the steps, with the fix of those that did not pass', () => {
    const [, fail, ...rest] = STEPS;
    const steps = [{ ...fail!, seen: 'the issuer is missing' }, ...rest];
    expect(describeSteps(steps, view(72))).toMatchInlineSnapshot(`
      "  fail  tls.chain      the issuer is missing
              expected       the whole chain
              Apple reports  TLS_ISSUE
              fix            Serve fullchain.pem.
        skip  tls.key +1     depends on tls.chain
        warn  http.time      1,200 ms
              fix            Answer first.
        skip  test.sandbox   no result yet
              fix            Ask again.
      "
    `);
  });

  it('shows a group skipped as a whole on one line', () => {
    const skipped = (id: `tls.${string}`) => ({
      ...makeStep(id, 'x', { status: 'skip', seen: 'it is http' }),
      url: null,
    });
    expect(describeSteps([skipped('tls.a'), skipped('tls.b')], view(80))).toBe('  skip  tls.*  it is http\n');
  });

  it('escapes what the endpoint says, and marks the lines it runs over', () => {
    const lines = describeSteps(STEPS, view(60)).split('\n');
    expect(lines.join('')).not.toMatch(/[^\x20-\x7e↳]|##\[/);
    expect(lines.every((line) => /^(?: {2}(?:pass|fail|warn|skip) {2}| {8,}(?:↳ )?\w|$| {8,}↳ )/.test(line))).toBe(
      true,
    );
    expect(lines.every((line) => line.length <= 60)).toBe(true);
  });

  it.each([
    [REPORT, false, 'FAIL  tls.chain; Apple would report TLS_ISSUE\n'],
    [{ ...REPORT, verdict: 'undetermined' }, false, 'UNDETERMINED  test.sandbox: no result yet\n'],
    [{ ...REPORT, verdict: 'warn' }, false, 'WARN  http.time (1 passed, 3 skipped)\n'],
    [
      { ...REPORT, verdict: 'warn' },
      true,
      'WARN  http.time (1 passed, 3 skipped); --strict treats warnings as failures\n',
    ],
    [{ ...REPORT, verdict: 'pass' }, false, '1 step passed, 3 skipped'],
    [{ ...REPORT, url: null, verdict: 'undetermined', steps: [] }, false, 'UNDETERMINED  nothing was checked\n'],
  ] as const)('ends with the verdict', (report, isStrict, expected) => {
    expect(describeCheckVerdict(report, isStrict, view(120))).toContain(expected);
  });

  it('says in words all that the colours say', () => {
    const plain = (text: string) => text.replace(/\u001b\[\d+m/g, '');
    expect(plain(describeSteps(STEPS, view(80, 1)))).toBe(describeSteps(STEPS, view(80)));
    expect(plain(describeCheckVerdict(REPORT, false, view(80, 1)))).toBe(describeCheckVerdict(REPORT, false, view(80)));
  });
});
