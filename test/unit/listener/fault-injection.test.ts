import { describe, expect, it } from 'vitest';
import { createFaultInjector, type FaultOptions } from '../../../src/listener/fault-injection.js';

const NONE = { status: null, delayMs: 0, hang: false };
const FAILS = { status: 503, delayMs: 0, hang: false };
const HANGS = { status: null, delayMs: 0, hang: true };

describe('the fault injector', () => {
  it.each<[string, FaultOptions, readonly object[]]>([
    ['nothing', {}, [NONE, NONE]],
    [
      'a status',
      { respond: 500 },
      [
        { ...FAILS, status: 500 },
        { ...FAILS, status: 500 },
      ],
    ],
    ['a few failures', { failFirst: 2 }, [FAILS, FAILS, NONE, NONE]],
    ['no failures', { failFirst: 0 }, [NONE, NONE]],
    ['a few of a status', { failFirst: 1, respond: 404 }, [{ ...FAILS, status: 404 }, NONE]],
    [
      'a delay',
      { delayMs: 5 },
      [
        { ...NONE, delayMs: 5 },
        { ...NONE, delayMs: 5 },
      ],
    ],
    [
      'a delay and a failure',
      { delayMs: 5, failFirst: 1 },
      [
        { ...FAILS, delayMs: 5 },
        { ...NONE, delayMs: 5 },
      ],
    ],
    ['silence', { hang: true }, [HANGS, HANGS]],
    ['silence at first', { hang: true, failFirst: 1 }, [HANGS, NONE]],
    ['silence, whatever the status', { hang: true, respond: 500 }, [HANGS]],
  ])('%s', (_case, options, expected) => {
    const practice = createFaultInjector(options);
    expect(expected.map(() => practice.next())).toEqual(expected);
  });
});
