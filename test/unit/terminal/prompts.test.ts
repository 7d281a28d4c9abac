import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { openPrompts, type Prompts } from '../../../src/terminal/prompts.js';

/** A terminal that knows raw mode; `shown` is what was drawn on it, without control sequences. */
class FakeTerminal extends PassThrough {
  isRaw = false;
  setRawMode(on: boolean): this {
    this.isRaw = on;
    return this;
  }
}

interface Sitting {
  readonly prompts: Prompts;
  readonly input: FakeTerminal;
  type(keys: string): Promise<void>;
  shown(): string;
  readonly stop: AbortController;
}

/** A turn of the event loop: enough for readline to hand on what was typed. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

async function sit(): Promise<Sitting> {
  const input = new FakeTerminal();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk) => {
    shown += chunk;
  });
  const stop = new AbortController();
  const paint = new Chalk({ level: 0 });
  const prompts = await openPrompts({ input, output, paint, signal: stop.signal, turn });
  const type = async (keys: string): Promise<void> => {
    await turn();
    input.write(keys);
    await turn();
  };
  return { prompts, input, type, stop, shown: () => stripVTControlCharacters(shown) };
}

const interrupted = { kind: 'interrupted', code: 'ERR_INTERRUPTED' };

describe('prompts', () => {
  it('take a line of text, without the blanks around it', async () => {
    const { prompts, type, shown } = await sit();
    const answer = prompts.input({ message: 'Bundle id:' });
    await type(' com.example.app \r');
    expect(await answer).toBe('com.example.app');
    expect(shown()).toContain('? Bundle id:');
  });

  it('take the default on Enter', async () => {
    const { prompts, type } = await sit();
    const answer = prompts.input({ message: 'Name:', default: 'acme' });
    await type('\r');
    expect(await answer).toBe('acme');
  });

  it('say what is wrong and ask on', async () => {
    const { prompts, type, shown } = await sit();
    const validate = async (text: string) => (text === 'yes' ? null : 'must be yes');
    const answer = prompts.input({ message: 'Sure:', validate });
    await type('no\r');
    expect(shown()).toContain('> must be yes');
    await type('\x15yes\r');
    expect(await answer).toBe('yes');
  });

  it('let one of several be chosen', async () => {
    const { prompts, type, shown } = await sit();
    const choices = [
      { name: 'one', value: { id: 1 } },
      { name: 'two', value: { id: 2 }, description: 'the second' },
    ];
    const answer = prompts.select({ message: 'Which:', choices });
    await type('\x1b[B');
    await type('\r');
    expect(await answer).toBe(choices[1]?.value);
    expect(shown()).toContain('the second');
  });

  it.each([
    ['y\r', true],
    ['n\r', false],
    ['\r', false],
  ])('take %j for a yes or a no', async (keys, value) => {
    const { prompts, type } = await sit();
    const answer = prompts.confirm({ message: 'Replace?', default: false });
    await type(keys);
    expect(await answer).toBe(value);
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
    ['Ctrl-C after a word', 'word\x03'],
  ])('end with %s', async (_what, keys) => {
    const { prompts, type, input } = await sit();
    const answer = expect(prompts.input({ message: 'Name:' })).rejects.toMatchObject(interrupted);
    await type(keys);
    await answer;
    expect(input.isRaw).toBe(false);
  });

  it('end with Ctrl-D also where closing pauses nothing, as readline does once it is back from Ctrl-Z', async () => {
    const { prompts, type, input } = await sit();
    input.pause = () => input;
    const answer = expect(prompts.input({ message: 'Name:' })).rejects.toMatchObject(interrupted);
    await type('\x04');
    await answer;
  });

  it('end with a signal', async () => {
    const { prompts, stop } = await sit();
    const answer = expect(prompts.confirm({ message: 'Name:', default: true })).rejects.toMatchObject(interrupted);
    await turn();
    stop.abort('SIGTERM');
    await answer;
  });

  it('go on after the input was paused in raw mode, as by Ctrl-Z', async () => {
    const { prompts, type, input } = await sit();
    const answer = prompts.input({ message: 'Name:' });
    await turn();
    input.pause();
    await turn();
    await type('acme\r');
    expect(await answer).toBe('acme');
  });

  it('leave nothing behind on the input', async () => {
    const { prompts, type, input } = await sit();
    const answer = prompts.input({ message: 'Name:' });
    await type('a\r');
    await answer;
    expect([input.listenerCount('pause'), input.isRaw]).toEqual([0, false]);
  });
});
