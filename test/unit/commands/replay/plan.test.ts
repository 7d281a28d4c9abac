import { describe, expect, it } from 'vitest';
import type { Item } from '../../../../src/commands/replay/item.js';
import { checkTargets, findInterrupted, planItems, requireInterrupted } from '../../../../src/commands/replay/plan.js';
import { parseTarget } from '../../../../src/forwarding/parse-target.js';
import type { RunRecord } from '../../../../src/journal/record.js';

const record = (run: string, atMs: number, state: RunRecord['state'] = 'started'): RunRecord => ({
  ...{ type: 'run', run, atMs, state, ids: ['a'], targets: ['app'] },
});

describe('findInterrupted', () => {
  it.each([
    ['no run', [], null],
    ['a finished one', [record('a', 1), record('a', 2, 'finished')], null],
    ['one that was not finished', [record('a', 1)], 'a'],
    ['an older one, as the last was finished', [record('a', 1), record('b', 2), record('b', 3, 'finished')], 'a'],
    ['the later of two, in whatever order', [record('b', 2), record('a', 1)], 'b'],
    ['one that was resumed and finished', [record('a', 1), record('a', 5), record('a', 6, 'finished')], null],
  ])('finds %s', (_case, runs, expected) => {
    expect(findInterrupted(runs)?.run ?? null).toBe(expected);
    const required = () => requireInterrupted(runs).run;
    if (expected === null) expect(required).toThrow(expect.objectContaining({ code: 'ERR_REPLAY_NOT_INTERRUPTED' }));
    else expect(required()).toBe(expected);
  });
});

describe('checkTargets', () => {
  it('accepts additional targets', () => {
    expect(() => checkTargets(['app'], [{ name: 'b' }, { name: 'app' }])).not.toThrow();
  });
  it('names missing targets', () => {
    expect(() => checkTargets(['app', 'rc', 'x'], [{ name: 'app' }])).toThrow(
      expect.objectContaining({
        code: 'ERR_REPLAY_TARGET_MISSING',
        hint: 'Pass their URLs: storewire replay --resume --forward-to rc=URL --forward-to x=URL',
      }),
    );
  });
});

describe('planItems', () => {
  const targets = ['public=https://apple.example.com/x', 'local=http://127.0.0.1:9/'].map((text) =>
    parseTarget(text, { headers: {}, insecure: false, taken: [] }),
  );
  const facts = { type: 'DID_RENEW', environment: 'Production', bundleId: 'com.example.app' };
  const item = (verdict: Item['verdict']['verdict'], synthetic: boolean) =>
    ({ facts, verdict: { verdict, reason: null }, synthetic }) as Item;

  async function destinations(each: Item, forwardSynthetic = false) {
    const planned = [];
    const plan = { items: [each], targets, isSelected: () => true } as never;
    for await (const { send, withheld } of planItems(plan, { forwardSynthetic } as never))
      planned.push({ send, withheld });
    const [{ send, withheld } = { send: [], withheld: [] }] = planned;
    return { send: send.map(({ name }) => name), withheld: withheld.map(({ target }) => target) };
  }

  it.each([
    ['a verified notification', item('valid', false), ['public', 'local'], []],
    ['one of the test authority', item('valid', true), ['local'], ['public']],
    ['an invalid one', item('invalid', false), ['local'], ['public']],
    ['one that could not be checked', item('undetermined', false), ['local'], ['public']],
  ])('%s', async (_case, each, send, withheld) => {
    expect(await destinations(each)).toEqual({ send, withheld });
  });

  it('--forward-synthetic sends an invalid one to a public host, too', async () => {
    expect(await destinations(item('invalid', false), true)).toEqual({ send: ['public', 'local'], withheld: [] });
  });
});
