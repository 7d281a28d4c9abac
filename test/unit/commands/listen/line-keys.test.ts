import { describe, expect, it } from 'vitest';
import { hasLineKeys, watchLineKeys } from '../../../../src/commands/listen/line-keys.js';
import type { ListenPage } from '../../../../src/commands/listen/page.js';
import { ToolError } from '../../../../src/errors.js';
import { captureOutput } from '../../../support/run-cli.js';

/** Types lines, one by one, and returns what was said. */
async function type(lines: readonly string[], page: Partial<ListenPage> = {}) {
  const { stream, text } = captureOutput({ isTty: true, columns: 80 });
  const said: string[] = [];
  let quits = 0;
  let onLine: (line: string) => void = () => undefined;
  const stdin = {
    isTty: true,
    chunks: async function* () {},
    setRaw: () => undefined,
    onLine: (listener: (line: string) => void) => {
      onLine = listener;
    },
  };
  const reporter = { say: (each: string) => void said.push(each) };
  const deps = { stdin, stderr: stream, now: () => 0, env: {}, platform: 'linux' } as const;
  watchLineKeys(page as ListenPage, () => (quits += 1), reporter, deps, new AbortController().signal);
  for (const line of lines) onLine(line);
  await new Promise((resolve) => setImmediate(resolve));
  return { said, quits, text: text() };
}

describe('the line keys of listen', () => {
  it('help names each key', async () => {
    const { text } = await type(['h']);
    expect(text.match(/^ {2}(\w) \+ Enter/gm)).toHaveLength(5);
  });

  it('q quits, also with spaces and as a capital', async () => {
    expect((await type(['q', ' Q '])).quits).toBe(2);
  });

  it('an empty line does nothing, another one names the help', async () => {
    expect((await type([''])).said).toEqual([]);
    expect((await type(['constructor'])).said).toEqual(['Unknown key: constructor. For help: h + Enter']);
  });

  it('r tells each result, and where there is nothing to send', async () => {
    const reply = { target: 'app', outcome: 'refused', httpStatus: 503, ms: 12.4, detail: 'no\u001b[2J' } as const;
    expect((await type(['r'], { replayLast: async () => [reply] })).said).toEqual([
      expect.stringMatching(/^Replayed to app: refused 503, 12 ms \(no.*\)$/),
    ]);
    expect((await type(['r'], { replayLast: async () => null })).said).toEqual(['No notification was received yet.']);
    expect((await type(['r'], { replayLast: async () => [] })).said[0]).toContain('--forward-to');
  });

  it('an error is told, and the next key works', async () => {
    const fail = async () => {
      throw new ToolError('usage', 'ERR_INSPECT_UNSENDABLE', 'it cannot be sent', { hint: 'Try another' });
    };
    const { said, quits } = await type(['r', 'q'], { replayLast: fail });
    expect({ said, quits }).toEqual({ said: ['it cannot be sent. Try another'], quits: 1 });
  });

  it.each([
    ['a terminal', {}, false, true],
    ['--json', {}, true, false],
    ['a pipe', { isTty: false }, false, false],
    ['--no-input or CI', { onLine: undefined }, false, false],
  ])('are read on a terminal only: %s', (_case, more, json, expected) => {
    const stdin = {
      isTty: true,
      chunks: async function* () {},
      setRaw: () => undefined,
      onLine: () => undefined,
      ...more,
    };
    const { stream: stderr } = captureOutput({ isTty: true });
    expect(hasLineKeys({ json }, { stdin, stderr } as never)).toBe(expected);
  });
});
