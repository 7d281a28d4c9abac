import { describe, expect, it } from 'vitest';
import type { Group, Step } from '../../../src/endpoint-check/step.js';
import {
  type CheckedStep,
  makeStep,
  markSkipped,
  planGroups,
  type StepError,
  verdictOf,
} from '../../../src/endpoint-check/step.js';

const ERROR: StepError = { kind: 'remote', code: 'ERR_X', message: 'no answer' };
const step = (id: Step['id'], status: Step['status'], error?: StepError): CheckedStep => ({
  ...makeStep(id, 'something', { status, seen: 'this' }),
  url: null,
  ...(error === undefined ? {} : { error }),
});
const only = (...groups: Group[]) => planGroups({ only: groups, skip: [], isStrict: false });

describe('the verdict', () => {
  it.each([
    ['pass', [step('url.port', 'pass'), step('url.host', 'skip')]],
    ['warn', [step('url.port', 'pass'), step('url.query', 'warn')]],
    ['undetermined', [step('url.query', 'warn'), step('test.sandbox', 'skip', ERROR)]],
    ['fail', [step('url.port', 'fail'), step('test.sandbox', 'skip', ERROR)]],
    ['undetermined', [step('url.port', 'skip')]],
    ['undetermined', []],
  ] as const)('is %s', (verdict, steps) => expect(verdictOf(steps)).toBe(verdict));
});

describe('a group that may not be skipped', () => {
  const marked = (steps: readonly CheckedStep[], ...groups: Group[]) =>
    markSkipped(steps, only(...groups)).flatMap(({ id, error }) =>
      error === undefined ? [] : [`${id} ${error.code}`],
    );

  it.each<[string, readonly CheckedStep[], readonly Group[], readonly string[]]>([
    ['skipped whole', [step('tls.chain', 'skip')], ['tls'], ['tls.chain ERR_CHECK_SKIPPED']],
    [
      'skipped as a whole, reported once',
      [step('tls.connect', 'skip'), step('tls.chain', 'skip'), step('dns.alias', 'skip')],
      ['tls', 'dns'],
      ['tls.connect ERR_CHECK_SKIPPED', 'dns.alias ERR_CHECK_SKIPPED'],
    ],
    ['skipped in part', [step('tls.chain', 'skip'), step('tls.key', 'pass')], ['tls'], []],
    [
      'one TEST of two',
      [step('test.sandbox', 'skip'), step('test.production', 'pass')],
      ['test'],
      ['test.sandbox ERR_CHECK_SKIPPED'],
    ],
    ['skipped because of a failure', [step('dns.address', 'fail'), step('tls.chain', 'skip')], ['tls'], []],
    ['without an answer already', [step('test.sandbox', 'skip', ERROR)], ['test'], ['test.sandbox ERR_X']],
    ['one that was not named', [step('dns.address', 'skip'), step('url.port', 'pass')], ['url'], []],
  ])('%s', (_case, steps, groups, expected) => expect(marked(steps, ...groups)).toEqual(expected));
});
