import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { createListenerContext } from '../../../src/listener/context.js';
import type { ListenerEvent } from '../../../src/listener/events.js';
import type { ListenerOptions } from '../../../src/listener/options.js';

describe('catching up with deliveries of replay', () => {
  it('reports a read error, and lets pending deliveries continue', async () => {
    const events: ListenerEvent[] = [];
    const catchUp = (): Promise<void> => Promise.reject(new ToolError('usage', 'ERR_JOURNAL_READ', 'no more files'));
    const options = {
      journal: { catchUp },
      now: () => 1,
      random: (bytes: number) => new Uint8Array(bytes),
      onEvent: (event: ListenerEvent) => void events.push(event),
    };
    const run = createListenerContext(options as unknown as ListenerOptions, new AbortController().signal);
    await run.catchUp();
    expect(events).toEqual([{ event: 'notice', code: 'ERR_JOURNAL_READ', message: 'no more files', atMs: 1 }]);
  });
});
