import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { InputStream, OutputStream } from '../../../../src/cli/deps.js';
import { type PasteDeps, readPaste } from '../../../../src/input/paste/paste.js';

const TOKEN = `eyJ${'a'.repeat(18_000)}.${'b'.repeat(721)}.${'c'.repeat(86)}`;
const BIG = `${TOKEN.slice(0, -87)}${'d'.repeat(181_188)}${TOKEN.slice(-87)}`;
const START = '\x1b[200~';
const END = '\x1b[201~';
const QUESTION = 'Paste a notification, then press Enter:';
const RAW = '\x1b[?2004h';
const RESTORED = '\r\x1b[K\x1b[?2004l';

type Step = string | Uint8Array | (() => void);

interface Terminal {
  readonly deps: PasteDeps;
  /** Everything that happened to the terminal, in order: `raw`, `cooked`, `closed`, `suspended`, and what was written. */
  readonly happened: string[];
  readonly abort: () => void;
}

/** A terminal at which `steps` happen one by one, each when the one before was read; nothing more comes unless `ends`. */
function terminal(
  steps: readonly Step[],
  options: { ends?: boolean; isTty?: boolean; columns?: number } = {},
): Terminal {
  const happened: string[] = [];
  const controller = new AbortController();
  return {
    happened,
    abort: () => controller.abort('SIGTERM'),
    deps: {
      stdin: fakeInput(steps, options.ends ?? false, happened),
      stderr: fakeOutput(options.isTty ?? true, options.columns ?? 80, happened),
      signal: controller.signal,
      suspend: async () => void happened.push('suspended'),
    },
  };
}

function fakeOutput(isTty: boolean, columns: number, happened: string[]): OutputStream {
  return {
    write: (data) => void happened.push(String(data)),
    drained: () => Promise.resolve(),
    isTty,
    columns,
    paint: new Chalk({ level: 0 }),
    closed: new AbortController().signal,
  };
}

function fakeInput(steps: readonly Step[], ends: boolean, happened: string[]): InputStream {
  return {
    isTty: true,
    setRaw: (on) => void happened.push(on ? 'raw' : 'cooked'),
    async *chunks(signal) {
      signal.addEventListener('abort', () => happened.push('closed'));
      for (const step of steps) {
        if (typeof step === 'function') step();
        else yield Buffer.from(step);
        if (signal.aborted) return;
      }
      if (!ends) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  };
}

function cut(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

describe('a paste', () => {
  it.each([
    ['in brackets', [`${START}${TOKEN}${END}`], TOKEN],
    ['in brackets, byte by byte', cut(`${START}${TOKEN}${END}`, 1), TOKEN],
    ['of 200 KB in brackets', cut(`${START}${BIG}${END}`, 4_095), BIG],
    ['with its Enter in brackets', cut(`${START}${TOKEN}\r${END}`, 1_000), `${TOKEN}\n`],
    ['that is no payload, in brackets', [`${START}hello${END}`], 'hello'],
    ['of several lines in brackets', [`${START}a\r\nb\rc\n${END}`], 'a\nb\nc\n'],
    ['of characters that are split', cut(`${START}é🙂${END}`, 1), 'é🙂'],
    ['without brackets, then Enter', [...cut(TOKEN, 4_095), '\r'], `${TOKEN}\n`],
    ['of 200 KB without brackets', [...cut(BIG, 4_095), '\r'], `${BIG}\n`],
    [
      'of lines without brackets',
      ['{\r', `  "signedPayload": "${TOKEN}",\r`, '  "a": 1\r}', '\r'],
      `{\n  "signedPayload": "${TOKEN}",\n  "a": 1\n}\n`,
    ],
    ['of two payloads without brackets', [`${TOKEN}\r${TOKEN}\r`], `${TOKEN}\n${TOKEN}\n`],
    ['that is no payload, then Ctrl-D', ['hello\r', 'you', '\x04'], 'hello\nyou'],
    ['after keys hit by mistake', ['v', '\r', `${START}${TOKEN}${END}`], TOKEN],
    ['after an empty one', [`${START}\r${END}`, `${START}${TOKEN}${END}`], TOKEN],
    ['with corrections', ['ab\x7fc', '\x15', 'xé\x7fy', '\x1b[D', '\x04'], 'xy'],
  ])('comes whole %s', async (_case, steps, text) => {
    const { deps } = terminal(steps);
    expect(await readPaste(deps)).toBe(text);
  });

  it('ends where the terminal ends', async () => {
    const { deps } = terminal(['hello'], { ends: true });
    expect(await readPaste(deps)).toBe('hello');
  });

  it('shows nothing of it but how much it is', async () => {
    const { deps, happened } = terminal([TOKEN, '\r']);
    await readPaste(deps);
    expect(happened).toEqual([
      'raw',
      RAW,
      `\r\x1b[K${QUESTION} `,
      `\r\x1b[K${QUESTION} 18,812 characters`,
      RESTORED,
      'cooked',
      'closed',
      '18,812 characters received\n',
    ]);
  });

  it('says what to do where Enter does not end it', async () => {
    const { deps, happened } = terminal(['hello\r', 'x', '\x04']);
    await readPaste(deps);
    expect(happened.slice(3, 5)).toEqual([
      '\r\x1b[K5 characters, not a whole payload yet. Ctrl-D ends the paste. ',
      `\r\x1b[K${QUESTION} 6 characters`,
    ]);
  });

  it('stays on one line of a narrow terminal', async () => {
    const { deps, happened } = terminal(['a', '\r', '\x04'], { columns: 20 });
    await readPaste(deps);
    expect(happened.slice(2, 5)).toEqual([
      '\r\x1b[KPaste a notificatio',
      '\r\x1b[KPaste a notificatio',
      '\r\x1b[K1 character, not a ',
    ]);
  });

  it('sends no control sequences where stderr is no terminal', async () => {
    const { deps, happened } = terminal([TOKEN, '\r'], { isTty: false });
    await readPaste(deps);
    expect(happened).toEqual(['raw', `${QUESTION}\n`, 'cooked', 'closed', '18,812 characters received\n']);
  });

  it('is empty where nothing came', async () => {
    const { deps, happened } = terminal([' \r', '\x04']);
    await expect(readPaste(deps)).rejects.toMatchObject({ kind: 'usage', code: 'ERR_INPUT_EMPTY' });
    expect(happened.slice(-3)).toEqual([RESTORED, 'cooked', 'closed']);
  });
});

describe('the terminal', () => {
  it.each([
    ['Ctrl-C', ['abc', '\x03']],
    ['Ctrl-C in an unfinished paste', [`${START}abc`, '\x03']],
  ])('is restored on %s', async (_case, steps) => {
    const { deps, happened } = terminal(steps);
    await expect(readPaste(deps)).rejects.toMatchObject({ kind: 'interrupted', code: 'ERR_INTERRUPTED' });
    expect(happened.slice(-3)).toEqual([RESTORED, 'cooked', 'closed']);
  });

  it('is restored before the stream is closed when a signal comes', async () => {
    const steps: Step[] = ['abc', () => abort()];
    const { deps, happened, abort } = terminal(steps);
    await expect(readPaste(deps)).rejects.toMatchObject({ kind: 'interrupted', code: 'ERR_INTERRUPTED' });
    expect(happened.slice(-3)).toEqual([RESTORED, 'cooked', 'closed']);
  });

  it('is restored when reading fails', async () => {
    const failure = new Error('read EIO');
    const { deps, happened } = terminal([
      () => {
        throw failure;
      },
    ]);
    await expect(readPaste(deps)).rejects.toBe(failure);
    expect(happened.slice(-3)).toEqual([RESTORED, 'cooked', 'closed']);
  });

  it('is left alone where the signal came before', async () => {
    const { deps, happened, abort } = terminal([]);
    abort();
    await expect(readPaste(deps)).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(happened).toEqual([]);
  });

  it('is restored while suspended, and the prompt comes back with the text so far', async () => {
    const { deps, happened } = terminal(['ab\x1a', 'c\x04']);
    expect(await readPaste(deps)).toBe('abc');
    expect(happened.slice(3, -4)).toEqual([
      RESTORED,
      'cooked',
      'suspended',
      'raw',
      RAW,
      `\r\x1b[K${QUESTION} 2 characters`,
    ]);
  });

  it('stays restored when a signal comes while suspended', async () => {
    const { deps, happened, abort } = terminal(['ab\x1a']);
    const suspend = async (): Promise<void> => abort();
    await expect(readPaste({ ...deps, suspend })).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(happened.slice(3)).toEqual([RESTORED, 'cooked', 'closed']);
  });

  it('shows the prompt again where the process is not suspended', async () => {
    const { deps } = terminal(['ab\x1a', 'c', '\x04']);
    expect(await readPaste({ ...deps, suspend: () => new Promise(() => undefined) })).toBe('abc');
  });
});
