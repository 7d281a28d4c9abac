import { describe, expect, it } from 'vitest';
import { sleep } from '../../../../src/clock.js';
import { type Supervised, supervise } from '../../../../src/listener/tunnel/process.js';
import { isRunning } from '../../../support/fake-tunnels.js';

interface Watched extends Supervised {
  readonly lines: string[];
  /** The first line that matches; waits for it. */
  line(words: RegExp): Promise<string>;
}

function run(shell: string): Watched {
  const lines: string[] = [];
  const onSlowStop = (): void => void lines.push('slow stop');
  const waiting: { words: RegExp; resolve: (line: string) => void }[] = [];
  const env = { PATH: process.env.PATH!, NODE: process.execPath };
  const onLine = (line: string): void => {
    lines.push(line);
    for (const { words, resolve } of waiting) if (words.test(line)) resolve(line);
  };
  const program = supervise({ command: { shell }, env, platform: process.platform, sleep, onLine, onSlowStop });
  const line = (words: RegExp): Promise<string> => {
    const seen = lines.find((each) => words.test(each));
    return seen === undefined ? new Promise((resolve) => waiting.push({ words, resolve })) : Promise.resolve(seen);
  };
  return { ...program, lines, line };
}

const pidIn = async (program: Watched, words: RegExp): Promise<number> =>
  Number(words.exec(await program.line(words))![1]);

describe('the exit of a program', () => {
  it.each([
    ['exit 0', { code: 0, signal: null, lastLines: [] }],
    ['echo out; echo err >&2; exit 7', { code: 7, signal: null, lastLines: ['out', 'err'] }],
    ['kill -KILL $$', { code: null, signal: 'SIGKILL', lastLines: [] }],
    ['kill -TERM $$', { code: null, signal: 'SIGTERM', lastLines: [] }],
    ['exec /nowhere/at-all', { code: 127, signal: null, lastLines: [expect.stringMatching(/not found|No such file/)] }],
    ['printf "no newline"', { code: 0, signal: null, lastLines: ['no newline'] }],
    ['printf "\\033[31mred\\033[0m\\r\\n\\n   \\nrest"', { code: 0, signal: null, lastLines: ['red', 'rest'] }],
    ['echo "Your authtoken: 1yaP1QLD0cVVKBknmtX9TAduxr6"', { code: 0, signal: null, lastLines: ['Your authtoken: …'] }],
    ['seq 1 30', { code: 0, signal: null, lastLines: Array.from({ length: 12 }, (_, index) => String(19 + index)) }],
  ])('%s', async (shell, end) => {
    const ended = await run(shell).ended;
    expect({ ...ended, lastLines: [...ended.lastLines].sort() }).toEqual({
      ...end,
      lastLines: [...end.lastLines].sort(),
    });
  });

  it('is reported while a background job still holds its output', async () => {
    const program = run('sh -c "trap \'\' TERM; sleep 2" & echo started; exit 3');
    expect(await program.ended).toMatchObject({ code: 3, lastLines: ['started'] });
  });
});

describe('a running program', () => {
  it('finds its stdin open and empty', async () => {
    const source =
      "process.stdin.on('data', console.log).on('end', () => console.log('closed')); setTimeout(() => console.log('open'), 200)";
    const program = run(`"$NODE" -e "${source}"`);
    await program.line(/./);
    expect(program.lines).toEqual(['open']);
    await program.stop();
  });

  it('is ended with all it started', async () => {
    const program = run('sleep 60 & echo "pid $!"; sleep 60');
    const pid = await pidIn(program, /^pid (\d+)$/);
    await program.stop();
    expect(await program.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(isRunning(pid)).toBe(false);
  });

  it('is ended with a child that ignores SIGTERM', async () => {
    const program = run('sh -c "trap \'\' TERM; echo pid \\$\\$; while :; do sleep 1; done" & sleep 60');
    const pid = await pidIn(program, /^pid (\d+)$/);
    await program.stop();
    expect(await program.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(isRunning(pid)).toBe(false);
    expect(program.lines).toContain('slow stop');
  });

  it('may clean up', async () => {
    const program = run('trap "echo cleaned; exit 0" TERM; echo ready; sleep 60 & wait');
    await program.line(/ready/);
    await program.stop();
    expect(await program.ended).toMatchObject({ code: 0, lastLines: ['ready', 'cleaned'] });
  });

  it('is killed after three seconds if it will not end', async () => {
    const program = run('trap "" TERM; echo "pid $$"; while :; do sleep 1; done');
    const pid = await pidIn(program, /^pid (\d+)$/);
    const startedMs = Date.now();
    await program.stop();
    expect(Date.now() - startedMs).toBeGreaterThan(2_500);
    expect(isRunning(pid)).toBe(false);
  });

  it('may be stopped twice, and after it ended', async () => {
    const program = run('echo ready; sleep 60');
    await program.line(/ready/);
    await Promise.all([program.stop(), program.stop()]);
    await program.stop();
    expect(program.lastLines()).toEqual(['ready']);
  });
});
