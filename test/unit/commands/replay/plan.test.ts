import { describe, expect, it } from 'vitest';
import { checkTargets, findInterrupted, requireInterrupted } from '../../../../src/commands/replay/plan.js';
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
  it('is content with more than were wanted', () => {
    expect(() => checkTargets(['app'], [{ name: 'b' }, { name: 'app' }])).not.toThrow();
  });
  it('asks for those that are not there', () => {
    expect(() => checkTargets(['app', 'rc', 'x'], [{ name: 'app' }])).toThrow(
      expect.objectContaining({
        code: 'ERR_REPLAY_TARGET_MISSING',
        hint: 'Give it again: --resume --forward-to rc=URL --forward-to x=URL',
      }),
    );
  });
});
