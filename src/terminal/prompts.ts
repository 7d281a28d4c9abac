import type { ChalkInstance } from 'chalk';
import { interrupted } from '../errors.js';

interface Choice<T> {
  readonly name: string;
  readonly value: T;
  /** Shown below the list while the cursor is on this choice. */
  readonly description?: string;
}

/**
 * Questions on the terminal. Texts are shown unchanged: untrusted text must be escaped before. Each throws
 * ToolError `interrupted` (`ERR_INTERRUPTED`) on Ctrl-C, Ctrl-D and the signals that stop the run.
 */
export interface Prompts {
  /** A line of text. `validate` gives what is wrong with it, or null; Enter alone takes `default`. */
  input(question: {
    readonly message: string;
    readonly default?: string;
    readonly validate?: (text: string) => string | null | Promise<string | null>;
  }): Promise<string>;
  select<T>(question: {
    readonly message: string;
    readonly choices: readonly Choice<T>[];
    readonly default?: T;
  }): Promise<T>;
  confirm(question: { readonly message: string; readonly default: boolean }): Promise<boolean>;
}

/** The terminal: keys from `input`, everything drawn on `output` with its own `paint`. */
interface PromptTerminal {
  readonly input: NodeJS.ReadableStream & { readonly isRaw?: boolean };
  readonly output: NodeJS.WritableStream;
  readonly paint: ChalkInstance;
  readonly signal: AbortSignal;
  /** Resolves in the next turn of the event loop: a sleep of 0 ms. */
  readonly turn: () => Promise<void>;
}

/** Prompts on a terminal, by inquirer, which is loaded here. */
export async function openPrompts(terminal: PromptTerminal): Promise<Prompts> {
  const { default: inquirer } = await import('inquirer');
  const { input, output, paint } = terminal;
  const theme = buildTheme(paint);
  const ask = (question: Readonly<Record<string, unknown>>): Promise<unknown> =>
    stoppable(terminal, async (signal) => {
      const prompt = inquirer.createPromptModule({ input, output, signal });
      const { answer } = await prompt([{ ...question, name: 'answer', theme }] as unknown as Parameters<
        typeof prompt
      >[0]);
      return answer;
    });
  return {
    async input({ validate, ...question }) {
      const judge = async (text: string): Promise<string | true> => (await validate?.(text.trim())) ?? true;
      return String(await ask({ ...question, type: 'input', validate: judge })).trim();
    },
    select: async <T>(question: object) => (await ask({ ...question, type: 'select', loop: false })) as T,
    confirm: async (question) => (await ask({ ...question, type: 'confirm' })) === true,
  };
}

/**
 * Asks, and gives up on Ctrl-D too: on an empty line it closes readline, and inquirer, which settles on Ctrl-C, then waits forever. A
 * closed readline has left raw mode. One that comes back from Ctrl-Z has paused the input and forgets to resume it.
 */
async function stoppable<T>(terminal: PromptTerminal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { input, signal, turn } = terminal;
  const stop = new AbortController();
  let isDone = false;
  const look = (): void =>
    void turn().then(() => {
      if (isDone) return;
      if (input.isRaw === true) input.resume();
      else stop.abort();
    });
  const onKey = (_text: unknown, key?: { readonly name?: string; readonly ctrl?: boolean }): void => {
    if (key?.ctrl === true && key.name === 'd') look();
  };
  input.on('pause', look);
  input.on('keypress', onKey);
  try {
    return await ask(AbortSignal.any([signal, stop.signal]));
  } catch (error) {
    throw isStop(error) ? interrupted('stopped before every answer was given') : error;
  } finally {
    isDone = true;
    input.removeListener('pause', look);
    input.removeListener('keypress', onKey);
  }
}

function isStop(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError');
}

/** Inquirer's looks, in the colours of our stream: of NO_COLOR it knows, of --color it does not. */
function buildTheme(paint: ChalkInstance): Readonly<Record<string, unknown>> {
  return {
    prefix: { idle: paint.blue('?'), done: paint.green('✔') },
    spinner: { interval: 80, frames: [paint.yellow('…')] },
    style: {
      answer: (text: string) => paint.cyan(text),
      message: (text: string) => paint.bold(text),
      error: (text: string) => paint.red(`> ${text}`),
      defaultAnswer: (text: string) => paint.dim(`(${text})`),
      help: (text: string) => paint.dim(text),
      highlight: (text: string) => paint.cyan(text),
      key: (text: string) => paint.cyan.bold(`<${text}>`),
      disabled: (text: string) => paint.dim(text),
      description: (text: string) => paint.dim(text),
      keysHelpTip: (keys: readonly (readonly [string, string])[]) =>
        paint.dim(keys.map(([key, action]) => `${key} ${action}`).join(' • ')),
    },
  };
}
