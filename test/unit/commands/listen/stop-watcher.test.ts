import { describe, expect, it } from 'vitest';
import {
  createStopWatcher,
  planStopCondition,
  type StopCondition,
  type StopProgress,
} from '../../../../src/commands/listen/stop-conditions.js';
import type { ListenerEvent } from '../../../../src/listener/events.js';
import {
  AT_MS,
  delivery,
  failure,
  forged,
  ID,
  refused,
  verified,
  verifiedBody,
} from '../../document-view/listen-events.js';

const OTHER = 'ffff000011112222';
const forTypes = (...events: string[]): StopCondition => ({ kind: 'arrival', events, timeoutMs: null });
const forCount = (count: number): StopCondition => ({ kind: 'count', count, timeoutMs: null });
const received = (id = ID): ListenerEvent => ({ event: 'received', atMs: AT_MS, id, bytes: 1, address: null });
const subscribed = verifiedBody({ facts: { ...verifiedBody().facts!, type: 'SUBSCRIBED.INITIAL_BUY' } });

describe('a stop watcher', () => {
  it.each<[string, StopCondition, readonly ListenerEvent[], StopProgress]>([
    ['nothing', { kind: 'forever' }, [verified()], 'waiting'],
    ['a type, which comes', forTypes('DID_RENEW'), [verified()], 'settled'],
    ['a type, and another comes', forTypes('REFUND'), [verified()], 'waiting'],
    ['a type, whatever its subtype', forTypes('SUBSCRIBED'), [verified({ result: subscribed })], 'settled'],
    ['a subtype', forTypes('SUBSCRIBED.INITIAL_BUY'), [verified({ result: subscribed })], 'settled'],
    ['another subtype', forTypes('SUBSCRIBED.RESUBSCRIBE'), [verified({ result: subscribed })], 'waiting'],
    ['one of several types', forTypes('REFUND', 'DID_RENEW'), [verified()], 'settled'],
    ['a type, which is forged', forTypes('DID_RENEW'), [refused(forged())], 'waiting'],
    ['a type, which is a repeat', forTypes('DID_RENEW'), [verified({ repeatOf: OTHER })], 'settled'],
    ['a type, only received', forTypes('DID_RENEW'), [received()], 'waiting'],
    ['a type, with a target to try', forTypes('DID_RENEW'), [verified({ targets: ['app'] })], 'met'],
    ['a type, with a target tried', forTypes('DID_RENEW'), [verified({ targets: ['app'] }), failure()], 'settled'],
    [
      'a type, with one of two targets tried',
      forTypes('DID_RENEW'),
      [verified({ targets: ['app', 'other'] }), delivery(), failure({ attempt: 2 })],
      'met',
    ],
    [
      'a type, with the target tried before the answer',
      forTypes('DID_RENEW'),
      [received(), delivery(), verified({ targets: ['app'] })],
      'settled',
    ],
    [
      'a type, with another one on its way',
      forTypes('DID_RENEW'),
      [verified(), verified({ id: OTHER, targets: ['app'] })],
      'settled',
    ],
    ['two, of which one came', forCount(2), [verified()], 'waiting'],
    ['two, of which one is forged', forCount(2), [verified(), refused(forged(), { id: OTHER })], 'settled'],
    ['two, with a target to try', forCount(2), [verified({ targets: ['app'] }), verified({ id: OTHER })], 'met'],
  ])('for %s', (_name, condition, events, expected) => {
    const watcher = createStopWatcher(condition);
    expect(events.map((event) => watcher.observe(event)).at(-1)).toBe(expected);
  });
});

describe('the stop condition of flags', () => {
  it.each([
    [{}, { kind: 'forever' }],
    [
      { expect: 'TEST', timeout: 60_000 },
      { kind: 'arrival', events: ['TEST'], timeoutMs: 60_000 },
    ],
    [{ expect: 'TEST,REFUND' }, { kind: 'arrival', events: ['TEST', 'REFUND'], timeoutMs: null }],
    [{ exitAfter: 3 }, { kind: 'count', count: 3, timeoutMs: null }],
  ])('%j', (flags, condition) => expect(planStopCondition(flags)).toEqual(condition));

  it.each([
    [{ timeout: 1 }, 'ERR_USAGE_LISTEN_END'],
    [{ expect: 'TEST', exitAfter: 1 }, 'ERR_USAGE_LISTEN_END'],
    [{ expect: 'test' }, 'ERR_USAGE_EVENTS'],
  ])('%j is refused', (flags, code) => {
    expect(() => planStopCondition(flags)).toThrow(expect.objectContaining({ kind: 'usage', code }));
  });
});
