import { beforeEach, describe, expect, it } from 'vitest';
import type { Item, Planned } from '../../../../src/commands/replay/item.js';
import { type ReplayPace, sendItems } from '../../../../src/commands/replay/send-all.js';
import { ToolError } from '../../../../src/errors.js';
import type { DeliveryAttempt, Target } from '../../../../src/forwarding/target.js';
import type { DeliveryRecord, RecordedFacts } from '../../../../src/journal/record.js';
import type { PayloadDocument } from '../../../../src/notification/document.js';
import { captureOutput } from '../../../support/run-cli.js';

const ATTEMPT: DeliveryAttempt = {
  httpStatus: 200,
  ms: 1,
  outcome: 'accepted',
  detail: null,
  retriable: false,
  retryAtMs: null,
};
const DOWN: DeliveryAttempt = { ...ATTEMPT, httpStatus: null, outcome: 'unreachable', detail: 'down', retriable: true };

const target = (name: string) => ({ type: 'http', name }) as Target;
const item = (id: string, deliveries: Partial<DeliveryRecord>[] = []): Item => ({
  id,
  source: `journal:${id}`,
  receivedAtMs: 1,
  facts: { type: 'DID_RENEW', uuid: `u-${id}` } as RecordedFacts,
  verdict: { verdict: 'valid', reason: null },
  synthetic: false,
  contentType: 'text/plain',
  deliveries: deliveries as DeliveryRecord[],
  load: () => Promise.resolve({ body: Buffer.from(id), document: () => ({ source: id }) as PayloadDocument }),
});
const plan = (id: string, ...names: string[]): Planned => ({
  ...{ item: item(id), send: names.map(target), withheld: [], isAlreadyDelivered: false },
});

let nowMs: number;
let waits: number[];
let log: string[];
let notes: DeliveryRecord[];
let stop: AbortController;
beforeEach(() => {
  nowMs = 1_000;
  waits = [];
  log = [];
  notes = [];
  stop = new AbortController();
});

interface Setup {
  readonly pace?: Partial<ReplayPace>;
  readonly targets?: readonly string[];
  readonly send?: (target: string, id: string) => DeliveryAttempt | null;
  readonly note?: (record: DeliveryRecord) => Promise<void>;
}

async function* stream(plans: readonly Planned[]) {
  for (const each of plans) {
    log.push(`ask ${each.item.id}`);
    yield each;
  }
}

function run(plans: readonly Planned[], { pace = {}, targets = ['app'], send, note }: Setup = {}) {
  return sendItems(
    stream(plans),
    { rate: 10, deadlineMs: Number.POSITIVE_INFINITY, ...pace },
    {
      run: 'r1',
      targets: targets.map(target),
      send: async ({ name }, notification, attempt) => {
        log.push(
          `send ${notification.id} ${name} ${attempt} ${Buffer.from(notification.body)} ${notification.contentType}`,
        );
        return send === undefined ? ATTEMPT : send(name, notification.id);
      },
      note: note ?? (async (record) => void notes.push(record)),
      onSent: async ({ item: { id }, notSent }) =>
        void log.push(`sent ${id}${notSent.map((name) => ` not ${name}`).join('')}`),
    },
    {
      now: () => nowMs,
      sleep: async (ms) => {
        waits.push(ms);
        nowMs += ms;
      },
      signal: stop.signal,
      stdout: captureOutput().stream,
    },
  );
}

describe('sendAll', () => {
  it('sends one after the other, in order, at the rate given', async () => {
    const tally = await run([plan('a', 'app'), plan('b', 'app'), plan('c', 'app')]);
    expect(log).toEqual([
      ...['ask a', 'send a app 1 a text/plain', 'sent a'],
      ...['ask b', 'send b app 1 b text/plain', 'sent b'],
      ...['ask c', 'send c app 1 c text/plain', 'sent c'],
    ]);
    expect(waits).toEqual([100, 100]);
    expect(tally).toMatchObject({ notifications: 3, accepted: 3, stoppedBy: null, givenUp: [], error: null });
  });

  it('does not catch up after a slow answer', async () => {
    const slow = () => {
      nowMs += 1_000;
      return ATTEMPT;
    };
    await run([plan('a', 'app'), plan('b', 'app'), plan('c', 'app')], { send: slow });
    expect(waits).toEqual([]);
  });

  it('records each attempt under its run, counted on from those before', async () => {
    const before = [
      { target: 'app', attempt: 4 },
      { target: 'rc', attempt: 9 },
    ];
    await run([{ ...plan('a', 'app'), item: item('a', before) }], { send: () => ({ ...DOWN, ms: 7 }) });
    expect(notes).toEqual([
      {
        ...{ type: 'delivery', id: 'a', uuid: 'u-a', atMs: 1_000, target: 'app', attempt: 5, httpStatus: null, ms: 7 },
        ...{ outcome: 'unreachable', final: true, nextAtMs: null, detail: 'down', run: 'r1' },
      },
    ]);
  });

  it('gives up a target that is not reached three times in a row, and goes on with the others', async () => {
    const plans = ['a', 'b', 'c', 'd'].map((id) => plan(id, 'app', 'rc'));
    const tally = await run(plans, { targets: ['app', 'rc'], send: (name) => (name === 'rc' ? DOWN : ATTEMPT) });
    expect(log.filter((line) => line.startsWith('send d'))).toEqual(['send d app 1 d text/plain']);
    expect(log.at(-1)).toBe('sent d not rc');
    expect(tally).toMatchObject({ accepted: 4, unreachable: 3, notSent: 1, givenUp: ['rc'], stoppedBy: null });
  });

  it('stops when all targets were given up, and not before', async () => {
    const tally = await run(
      ['a', 'b', 'c', 'd'].map((id) => plan(id, 'app')),
      { send: () => DOWN },
    );
    expect(tally).toMatchObject({ unreachable: 3, notifications: 3, givenUp: ['app'], stoppedBy: 'unreachable' });
    expect(log).not.toContain('ask d');
  });

  it('starts counting again with any answer of a target', async () => {
    const answers = [DOWN, DOWN, { ...ATTEMPT, outcome: 'refused' as const }, DOWN, DOWN, ATTEMPT];
    const plans = answers.map((_, index) => plan(`${index}`, 'app'));
    const tally = await run(plans, { send: (_name, id) => answers[Number(id)]! });
    expect(tally).toMatchObject({ unreachable: 4, refused: 1, accepted: 1, givenUp: [], stoppedBy: null });
  });

  it('stops between two notifications on a signal', async () => {
    const send = () => {
      stop.abort('SIGINT');
      return ATTEMPT;
    };
    const tally = await run([plan('a', 'app'), plan('b', 'app')], { send });
    expect(tally).toMatchObject({ accepted: 1, stoppedBy: 'signal' });
  });

  it('does not record an aborted attempt, but the one beside it', async () => {
    const tally = await run([plan('a', 'app', 'rc')], { send: (name) => (name === 'rc' ? null : ATTEMPT) });
    expect(notes.map((record) => record.target)).toEqual(['app']);
    expect(tally.stoppedBy).toBe('signal');
  });

  it('stops at the deadline, and waits no longer than to it', async () => {
    const tally = await run([plan('a', 'app'), plan('b', 'app')], { pace: { rate: 1, deadlineMs: 1_250 } });
    expect(waits).toEqual([250]);
    expect(tally).toMatchObject({ accepted: 1, stoppedBy: 'deadline' });
  });

  it('reports an error with the counts so far', async () => {
    const full = new ToolError('usage', 'ERR_JOURNAL_WRITE', 'the disk is full');
    const note = async (record: DeliveryRecord) => {
      if (record.id === 'b') throw full;
    };
    const tally = await run([plan('a', 'app'), plan('b', 'app'), plan('c', 'app')], { note });
    expect(tally).toMatchObject({ accepted: 1, stoppedBy: 'error', error: full });
    expect(log).not.toContain('ask c');
  });

  it('does not pause for notifications without a target', async () => {
    const withheld = { ...plan('b'), withheld: [{ target: 'rc', why: 'w' }] };
    const alreadyDelivered = { ...plan('d'), isAlreadyDelivered: true };
    const tally = await run([plan('a', 'app'), withheld, plan('c'), alreadyDelivered], {});
    expect(waits).toEqual([]);
    expect(tally).toMatchObject({ notifications: 3, withheld: 1, unmatched: 1, alreadyDelivered: 1, accepted: 1 });
    expect(log).not.toContain('sent d');
  });
});
