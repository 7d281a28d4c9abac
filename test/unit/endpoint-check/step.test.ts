import { describe, expect, it } from 'vitest';
import { asksConnect, GROUPS, type Group, needsUrl, planGroups } from '../../../src/endpoint-check/step.js';

const options = (only: readonly Group[], skip: readonly Group[] = [], isStrict = false) => ({ only, skip, isStrict });
const plan = (...given: Parameters<typeof options>) => {
  const { groups, required } = planGroups(options(...given));
  return { groups: [...groups], required: [...required] };
};

describe('the groups of a run', () => {
  it.each([
    ['nothing', options([]), [...GROUPS], []],
    ['--only, in the order of groups', options(['tls', 'url']), ['url', 'tls'], ['url', 'tls']],
    ['--skip', options([], ['test', 'http']), ['settings', 'url', 'dns', 'tls', 'app-store-connect'], []],
    ['both of one group', options(['tls', 'dns'], ['tls']), ['dns'], ['dns']],
    ['--strict', options([], [], true), [...GROUPS], ['test']],
    ['--strict without TEST', options([], ['test'], true), GROUPS.filter((group) => group !== 'test'), []],
  ])('with %s', (_case, { only, skip, isStrict }, groups, required) => {
    expect(plan(only, skip, isStrict)).toEqual({ groups, required });
  });

  it.each([
    [['settings', 'test', 'app-store-connect'], false],
    [['url'], true],
    [['dns'], true],
    [['tls'], true],
    [['http'], true],
  ] as const)('%j need a URL: %s', (only, needed) => {
    expect(needsUrl(planGroups(options(only)))).toBe(needed);
  });

  it.each([
    ['settings', true, false],
    ['settings', false, false],
    ['tls', true, false],
    ['tls', false, true],
    ['test', true, true],
    ['app-store-connect', true, true],
  ] as const)('%s with a URL (%s) asks App Store Connect: %s', (group, hasUrl, asks) => {
    expect(asksConnect(planGroups(options([group])), hasUrl)).toBe(asks);
  });
});
