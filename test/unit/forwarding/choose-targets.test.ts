import { describe, expect, it } from 'vitest';
import { chooseTargets, describeFilter } from '../../../src/forwarding/choose-targets.js';
import { buildExecTarget, parseTarget } from '../../../src/forwarding/parse-target.js';

const target = (text: string) => parseTarget(text, { headers: {}, insecure: false, taken: [] });
const FACTS = { type: 'DID_RENEW.BILLING_RECOVERY', environment: 'Sandbox', bundleId: 'com.example.app' };
const GENUINE = { synthetic: false, forwardSynthetic: false };

describe('chooseTargets', () => {
  it.each([
    ['', true],
    ['events=DID_RENEW', true],
    ['events=DID_RENEW.BILLING_RECOVERY', true],
    ['events=REFUND', false],
    ['deliver=sandbox', true],
    ['deliver=production', false],
    ['bundle-id=com.example.app', true],
    ['bundle-id=com.example.other', false],
    ['events=DID_RENEW deliver=sandbox bundle-id=com.example.app', true],
    ['events=DID_RENEW deliver=production', false],
  ])('filter %j matches: %s', (filter, passes) => {
    const { send, withheld } = chooseTargets(FACTS, GENUINE, [target(`a=http://localhost ${filter}`)]);
    expect([send.length, withheld]).toEqual([passes ? 1 : 0, []]);
  });

  it.each([
    ['', 1],
    ['events=DID_RENEW', 0],
    ['deliver=sandbox', 0],
    ['bundle-id=com.example.app', 0],
  ])('an unreadable notification reaches filter %j %i times', (filter, times) => {
    expect(chooseTargets(null, GENUINE, [target(`a=http://localhost ${filter}`)]).send).toHaveLength(times);
  });

  const everywhere = [
    target('a=http://localhost:3000'),
    target('b=http://192.168.1.4/x'),
    target('c=https://example.com/x'),
    target('d=https://api.revenuecat.com/x events=DID_RENEW'),
    target('e=https://example.org events=REFUND'),
    buildExecTarget('cat', []),
  ];

  it('withholds test notifications from public hosts, with the reason', () => {
    const choice = chooseTargets(FACTS, { synthetic: true, forwardSynthetic: false }, everywhere);
    expect(choice.send.map(({ name }) => name)).toEqual(['a', 'b', 'exec']);
    expect(choice.withheld.map((each) => each.target)).toEqual(['c', 'd']);
    expect(choice.withheld[0]?.why).toContain('--forward-synthetic');
  });

  it.each([
    [true, true],
    [false, false],
  ])('synthetic %s, --forward-synthetic %s: all matching targets, in their order', (synthetic, forwardSynthetic) => {
    const { send, withheld } = chooseTargets(FACTS, { synthetic, forwardSynthetic }, everywhere);
    expect(send.map(({ name }) => name).join('')).toBe('abcdexec');
    expect(withheld).toEqual([]);
  });
});

describe('a filter in words', () => {
  it.each([
    ['', null],
    ['events=REFUND,REVOKE', 'events=REFUND,REVOKE'],
    ['bundle-id=a.b deliver=Sandbox', 'deliver=sandbox bundle-id=a.b'],
  ])('%j is described as %j', (filter, described) => {
    expect(describeFilter(target(`a=http://localhost ${filter}`).filter)).toBe(described);
  });
});
