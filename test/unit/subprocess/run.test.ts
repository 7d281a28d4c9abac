import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { drainOutput, endProcess, type StartOptions, startProcess, waitForExit } from '../../../src/subprocess/run.js';

const env = { PATH: process.env.PATH!, GREETING: 'hello' };
const start = (shell: string, options: Partial<StartOptions> = {}) =>
  startProcess({ command: { shell }, env, stdio: 'pipe', platform: process.platform, ...options });

/** A deadline that never comes: it ends with the signal only. */
const never = (_ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
const atOnce = (): Promise<void> => Promise.resolve();

const output = ({ stdout }: ChildProcess): Readable => stdout!;
const firstChunk = async (child: ChildProcess): Promise<string> => String((await once(output(child), 'data'))[0]);

describe.skipIf(process.platform === 'win32')('a process', () => {
  it.each([
    ['exit 0', { code: 0, signal: null }],
    ['exit 7', { code: 7, signal: null }],
    ['kill -KILL $$', { code: null, signal: 'SIGKILL' }],
    ['no-such-program-here', { code: 127, signal: null }],
  ])('that runs %s reports its exit', async (shell, exit) => expect(await start(shell).exited).toEqual(exit));

  it('may be a file with arguments, which no shell reads', async () => {
    const command = { file: process.execPath, args: ['-p', 'process.argv[1]', '--', '$HOME "quoted" * '] };
    expect(await text(output(start('', { command }).child))).toBe('$HOME "quoted" * \n');
  });

  it('rejects with the error of the system when the file is missing', async () => {
    const program = start('', { command: { file: '/no/such/file', args: [] } });
    expect(await waitForExit(program, { timeoutMs: 1, sleep: never })).toBe('exit');
    await expect(program.exited).rejects.toMatchObject({ code: 'ENOENT' });
    await endProcess(program, never);
    await drainOutput(program, never);
  });

  it('has the environment and the folder that it was given, and no other variable', async () => {
    const printed = await text(output(start('env; pwd', { cwd: '/' }).child));
    const own = printed.split('\n').filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line) && line !== '');
    expect(own.sort()).toEqual([`GREETING=hello`, `PATH=${env.PATH}`, '/'].sort());
  });

  it('has no streams with stdio ignore', async () => {
    const { child, exited } = start('read line; echo "$line"', { stdio: 'ignore' });
    expect([child.stdin, child.stdout, child.stderr]).toEqual([null, null, null]);
    expect(await exited).toEqual({ code: 0, signal: null });
  });
});

describe.skipIf(process.platform === 'win32')('kill', () => {
  // Two processes hold stdout: it ends once both are gone.
  const GROUP = 'sleep 600 & echo ready; sleep 600; wait';

  it.each(['TERM', 'KILL'] as const)('sends SIG%s to the whole group', async (signal) => {
    const { child, exited, kill } = start(GROUP);
    await firstChunk(child);
    const ended = once(output(child), 'end');
    output(child).resume();
    kill(signal);
    await ended;
    expect(await exited).toEqual({ code: null, signal: `SIG${signal}` });
  });

  it('may come after the exit, and twice', async () => {
    const { exited, kill } = start('exit 3');
    await exited;
    kill('TERM');
    kill('KILL');
    expect(await exited).toEqual({ code: 3, signal: null });
  });
});

describe.skipIf(process.platform === 'win32')('waiting for the exit', () => {
  it('ends with the process', async () =>
    expect(await waitForExit(start('exit 1'), { timeoutMs: 5, sleep: never })).toBe('exit'));

  it('cancels its timer', async () => {
    let timer: AbortSignal | undefined;
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      timer = signal;
      expect(ms).toBe(1_234);
      return never(ms, signal);
    };
    await waitForExit(start('exit 0'), { timeoutMs: 1_234, sleep });
    expect(timer?.aborted).toBe(true);
  });

  it('ends with the deadline, and leaves the process running', async () => {
    const program = start('read line; exit 4');
    expect(await waitForExit(program, { timeoutMs: 1, sleep: atOnce })).toBe('deadline');
    program.child.stdin!.end('go on\n');
    expect(await program.exited).toEqual({ code: 4, signal: null });
  });

  it.each(['before', 'while'])('ends with the signal that aborts %s it waits', async (when) => {
    const stop = new AbortController();
    if (when === 'before') stop.abort();
    const program = start('sleep 600');
    const outcome = waitForExit(program, { timeoutMs: 1, sleep: never, signal: stop.signal });
    stop.abort();
    expect(await outcome).toBe('interrupted');
    await endProcess(program, never);
  });
});

describe.skipIf(process.platform === 'win32')('ending a process', () => {
  it('lets it clean up on SIGTERM', async () => {
    const program = start('trap "exit 9" TERM; echo ready; sleep 600 & wait');
    await firstChunk(program.child);
    await endProcess(program, never);
    expect(await program.exited).toEqual({ code: 9, signal: null });
    expect(output(program.child).destroyed).toBe(true);
  });

  it('sends SIGKILL when two seconds were not enough', async () => {
    const program = start('trap "" TERM; echo ready; while :; do sleep 600; done');
    await firstChunk(program.child);
    const waits: number[] = [];
    await endProcess(program, (ms) => {
      waits.push(ms);
      return Promise.resolve();
    });
    expect(await program.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(waits).toEqual([2_000]);
  });
});

describe.skipIf(process.platform === 'win32')('draining the output', () => {
  it('waits for the last of it', async () => {
    const program = start('seq 1 20000');
    const printed: string[] = [];
    output(program.child).on('data', (chunk) => printed.push(String(chunk)));
    await program.exited;
    program.child.stderr!.resume();
    await drainOutput(program, never);
    expect(printed.join('')).toMatch(/\n20000\n$/);
  });

  it('stops waiting for a background job that holds it', async () => {
    const program = start('sleep 600 & echo $!');
    const pid = Number(await firstChunk(program.child));
    await program.exited;
    await drainOutput(program, atOnce);
    expect(output(program.child).destroyed).toBe(true);
    process.kill(pid);
  });
});

it('uses the shell and the task killer of Windows there', async () => {
  // No Windows here: its branch runs up to the start of `taskkill`, which is missing, and falls back to the process itself.
  const program = start('', {
    command: { file: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] },
    platform: 'win32',
  });
  await once(program.child, 'spawn');
  program.kill('TERM');
  const exit = await program.exited;
  if (process.platform !== 'win32') expect(exit).toEqual({ code: null, signal: 'SIGTERM' });
});
