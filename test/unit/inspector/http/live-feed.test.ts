import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createLiveFeed } from '../../../../src/inspector/http/live-feed.js';
import type { SourceChanges } from '../../../../src/inspector/sources/source.js';
import type { InspectorRow, InspectorSetup } from '../../../../src/inspector/wire.js';
import { settle, VirtualTime } from '../../../support/virtual-time.js';

/** The response of one open page. */
class Page {
  text = '';
  status = 0;
  destroyed = false;
  isEnded = false;
  /** Bytes that were written and not read. */
  writableLength = 0;
  isReading = true;
  #onClose: () => void = () => undefined;

  writeHead(status: number): void {
    this.status = status;
  }
  write(text: string): void {
    this.text += text;
    if (!this.isReading) this.writableLength += text.length;
  }
  on(_event: 'close', listener: () => void): void {
    this.#onClose = listener;
  }
  end(): void {
    this.isEnded = true;
  }
  destroy(): void {
    this.destroyed = true;
    this.#onClose();
  }
  get response(): ServerResponse {
    return this as never;
  }
  /** What arrived since the last call: `row ID` and `reset TOTAL`, with the number of the change. */
  take(): readonly string[] {
    const events = [...this.text.matchAll(/^id: [0-9a-f]+-(\d+)\nevent: \w+\ndata: (.*)\n\n/gm)];
    this.text = '';
    return events.map(([, change, json = '']) => {
      const { event, row, total } = JSON.parse(json);
      return event === 'row' ? `${change} row ${row.id}` : `${change} reset ${total}`;
    });
  }
}

function start() {
  const time = new VirtualTime();
  const pending: SourceChanges[] = [];
  const errors: unknown[] = [];
  const state = { failure: null as Error | null, setup: { listenUrl: null as string | null }, size: 16 };
  const feed = createLiveFeed({
    source: {
      total: 7,
      async refresh() {
        if (state.failure !== null) throw state.failure;
        return pending.shift() ?? { ids: [], isReset: false };
      },
      rowOf: (id) => (id === 'gone' ? null : ({ id, reason: 'x'.repeat(state.size) } as InspectorRow)),
    },
    setup: async () => state.setup as InspectorSetup,
    sleep: time.sleep,
    random: (bytes) => new Uint8Array(bytes).fill(0xab),
    onError: (error) => errors.push(error),
  });
  const change = (ids: readonly string[], isReset = false): void => void pending.push({ ids, isReset });
  const open = async (lastEventId: string | null = null): Promise<Page> => {
    const page = new Page();
    expect(await feed.attach(page.response, lastEventId)).toBe(true);
    await settle();
    return page;
  };
  return { feed, time, state, errors, change, open };
}

describe('the live feed', () => {
  it('sends new and changed rows to every open page, in order and once each', async () => {
    const { time, change, open } = start();
    const pages = [await open(), await open()];
    change(['a', 'b', 'a', 'gone']);
    await time.pass(250);
    change(['b']);
    await time.pass(250);
    for (const page of pages) expect(page.take()).toEqual(['1 row a', '2 row b', '4 row b']);
    expect(pages.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('resumes after the last event id, with the newest state of each row once', async () => {
    const { feed, change, open } = start();
    for (const ids of [['a'], ['b'], ['a', 'c']]) {
      change(ids);
      await feed.refresh();
    }
    expect(feed.eventId).toBe('abababababab-4');
    expect((await open('abababababab-1')).take()).toEqual(['2 row b', '3 row a', '4 row c']);
    expect((await open('abababababab-4')).take()).toEqual([]);
    expect((await open()).take()).toEqual([]);
  });

  it.each(['abababababab-9', 'abababababab-', 'abababababab-x', '0123456789ab-1', 'x', ''])(
    'resets for the last event id %j, which is none of its own',
    async (lastEventId) => {
      const { feed, change, open } = start();
      change(['a']);
      await feed.refresh();
      expect((await open(lastEventId)).take()).toEqual(['1 reset 7']);
    },
  );

  it('resets where the source did, for what was sent before too', async () => {
    const { time, change, open } = start();
    const page = await open();
    change(['a']);
    await time.pass(250);
    change([], true);
    await time.pass(250);
    expect(page.take()).toEqual(['1 row a', '2 reset 7']);
    expect((await open('abababababab-1')).take()).toEqual(['2 reset 7']);
    expect((await open('abababababab-2')).take()).toEqual([]);
  });

  it('resets where too much has changed: at once, since a page left, and since it is remembered', async () => {
    const { feed, time, change, open } = start();
    const page = await open();
    const ids = (count: number, name: string) => Array.from({ length: count }, (_, n) => `${name}${n}`);
    change(ids(200, 'a'));
    await time.pass(250);
    expect(page.take()).toHaveLength(200);
    change(ids(201, 'b'));
    await time.pass(250);
    expect(page.take()).toEqual(['201 reset 7']);
    for (let round = 0; round < 11; round++) {
      change(ids(200, `c${round % 2}-`));
      await feed.refresh();
    }
    const last = 201 + 11 * 200;
    expect(feed.eventId).toBe(`abababababab-${last}`);
    expect((await open(`abababababab-${last - 200}`)).take()).toHaveLength(200);
    expect((await open(`abababababab-${last - 201}`)).take()).toEqual([`${last} reset 7`]);
    expect((await open('abababababab-201')).take()).toEqual([`${last} reset 7`]);
  });

  it('closes the connection of a page that does not read, and keeps the others', async () => {
    const { time, state, change, open } = start();
    const [slow, fast] = [await open(), await open()];
    slow.isReading = false;
    state.size = 400_000;
    for (const id of ['a', 'b', 'c', 'd']) {
      change([id]);
      await time.pass(250);
    }
    expect({ slow: slow.destroyed, fast: fast.destroyed }).toEqual({ slow: true, fast: false });
    expect(slow.take()).toEqual(['1 row a', '2 row b', '3 row c']);
    expect(fast.take()).toHaveLength(4);
  });

  it('sends a comment where nothing happens, and stops looking when no page is open', async () => {
    const { time, open } = start();
    const page = await open();
    page.text = '';
    await time.pass(14_000);
    expect(page.text).toBe('');
    await time.pass(1_500);
    expect(page.text).toBe(': still here\n\n');
    expect(time.sleeping).toBe(1);
    page.destroy();
    await time.pass(250);
    expect(time.sleeping).toBe(0);
  });

  it('tells an error of the source, and goes on', async () => {
    const { time, state, errors, change, open } = start();
    const page = await open();
    state.failure = new Error('disk');
    await time.pass(500);
    expect(errors).toEqual([state.failure, state.failure]);
    state.failure = null;
    change(['a']);
    await time.pass(250);
    expect(page.take()).toEqual(['1 row a']);
  });

  it('resets where the setup has changed, whoever notices it', async () => {
    const { feed, time, state, open } = start();
    const page = await open();
    await time.pass(2_000);
    expect(page.take()).toEqual([]);
    state.setup = { listenUrl: 'http://127.0.0.1:4280/' };
    await time.pass(1_000);
    expect(page.take()).toEqual(['1 reset 7']);
    state.setup = { listenUrl: null };
    expect(await feed.readSetup()).toEqual({ listenUrl: null });
    expect(await feed.readSetup()).toEqual({ listenUrl: null });
    expect(page.take()).toEqual(['2 reset 7']);
  });

  it('has 32 places, also for pages that come at the same time', async () => {
    const { feed, open } = start();
    const pages = Array.from({ length: 40 }, () => new Page());
    const places = await Promise.all(pages.map(({ response }) => feed.attach(response, null)));
    expect(places.filter((hasPlace) => hasPlace)).toHaveLength(32);
    pages[0]!.destroy();
    await open();
    expect(await feed.attach(new Page().response, null)).toBe(false);
    feed.stop();
    expect(pages.filter(({ isEnded }) => isEnded)).toHaveLength(31);
  });
});
