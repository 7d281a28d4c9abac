import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants as constantsOfFindProgram, statSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { readLines } from '../../subprocess/output-lines.js';

/** How a program ended, and the last it said. */
export interface TunnelEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastLines: readonly string[];
}

/** A program with its arguments, or a line for the shell. */
export type CommandLine = { readonly file: string; readonly args: readonly string[] } | { readonly shell: string };

interface Supervision {
  readonly command: CommandLine;
  readonly env: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Each line it prints on either stream, without colours; not escaped. */
  readonly onLine: (line: string) => void;
}

export interface Supervised {
  readonly ended: Promise<TunnelEnd>;
  /** The last lines it printed so far. */
  lastLines(): readonly string[];
  /** Ends it and all it started: SIGTERM, after three seconds SIGKILL. Resolves once it is gone. */
  stop(): Promise<void>;
}

/**
 * Stands between us and the program, in a session of its own: Ctrl-C in the terminal reaches us alone, so that what is under way can
 * still be answered through the tunnel. In return it watches descriptor 3, a pipe whose other end only we hold: when that closes, be
 * it that we stop the tunnel, were killed or lost our terminal, it ends the whole group. The program has the same pipe for its stdin,
 * which therefore stays open and empty. The shell's own stderr is thrown away, it would tell of killed jobs.
 */
const GUARD = `
exec 3<&0 4>&2 2>/dev/null
trap : TERM INT HUP
"$@" <&3 3<&- 2>&4 4>&- &
program=$!
(
  trap '' TERM INT HUP
  exec >/dev/null 4>&-
  read -r _ <&3
  kill -TERM 0
  sleep 3
  kill -KILL 0
) &
guard=$!
exec 4>&- >/dev/null
wait "$program"
code=$?
while kill -0 "$program"; do wait "$program"; code=$?; done
kill -KILL "$guard"
trap '' TERM
kill -TERM 0
exit "$code"
`;

const KEPT_LINES = 12;

/** What a program said last is still on its way when it is gone; a background job of its own may hold the pipe for ever. */
const LAST_WORDS_MS = 300;

const STOP_MS = 5_000;

/** Starts a program that is ended with us, however we end. Windows has no sessions: there it is ended by `taskkill`. */
export function supervise(options: Supervision): Supervised {
  const lastLines: string[] = [];
  const child = start(options);
  const onLine = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    options.onLine(line);
  };
  for (const stream of [child.stdout!, child.stderr!]) readLines(stream, onLine);
  child.stdin!.on('error', () => child.stdin!.destroy());
  child.on('error', (error) => onLine(error.message));
  const ended = waitForEnd(child, options.sleep).then((end) => ({ ...end, lastLines: [...lastLines] }));
  return {
    ended,
    lastLines: () => [...lastLines],
    async stop() {
      end(child, options.platform);
      const stopped = new AbortController();
      void options.sleep(STOP_MS, stopped.signal).then(() => stopped.signal.aborted || child.kill('SIGKILL'));
      await ended;
      stopped.abort();
    },
  };
}

function start({ command, env, platform }: Supervision): ChildProcess {
  if (platform === 'win32') {
    return 'shell' in command
      ? spawn(command.shell, { shell: true, env, stdio: 'pipe', windowsHide: true })
      : spawn(command.file, [...command.args], { env, stdio: 'pipe', windowsHide: true });
  }
  const argv = 'shell' in command ? ['/bin/sh', '-c', command.shell] : [command.file, ...command.args];
  return spawn('/bin/sh', ['-c', GUARD, 'storewire-tunnel', ...argv], { env, stdio: 'pipe', detached: true });
}

function end(child: ChildProcess, platform: NodeJS.Platform): void {
  child.stdin!.destroy();
  if (platform !== 'win32' || child.pid === undefined || child.exitCode !== null) return;
  spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' }).on('error', () => child.kill());
}

async function waitForEnd(
  child: ChildProcess,
  sleep: Supervision['sleep'],
): Promise<Pick<TunnelEnd, 'code' | 'signal'>> {
  const closed = new Promise<void>((resolve) => void child.once('close', resolve));
  await Promise.race([closed, new Promise<void>((resolve) => void child.once('exit', resolve))]);
  const said = new AbortController();
  await Promise.race([closed, sleep(LAST_WORDS_MS, said.signal)]);
  said.abort();
  for (const stream of [child.stdin!, child.stdout!, child.stderr!]) stream.destroy();
  // What could not be started has a negative number of the system for its code.
  const code = child.exitCode === null || child.exitCode < 0 ? null : child.exitCode;
  return child.signalCode === null ? translateCode(code) : { code: null, signal: child.signalCode };
}

/** A shell tells the signal that ended a program as 128 and its number. */
function translateCode(code: number | null): Pick<TunnelEnd, 'code' | 'signal'> {
  const named = Object.entries(constants.signals).find(([, number]) => code === 128 + number);
  return named === undefined ? { code, signal: null } : { code: null, signal: named[0] };
}

/**
 * Where a program of this name is on the PATH; null where it is not installed. Asked before starting: a shell would only answer 127.
 */
export function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | null {
  const isWindows = platform === 'win32';
  const folders = (isWindows ? (env.Path ?? env.PATH) : env.PATH) ?? '';
  const endings = isWindows ? (env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : [''];
  const candidates = folders
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .flatMap((folder) => endings.map((ending) => path.join(folder, name + ending)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constantsOfFindProgram.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
