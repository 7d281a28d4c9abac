import { accessSync, constants as fileConstants, statSync } from 'node:fs';
import { constants as systemConstants } from 'node:os';
import path from 'node:path';
import { readLines } from '../../subprocess/output-lines.js';
import {
  type CommandLine,
  drainOutput,
  endGroup,
  type ProcessExit,
  type Subprocess,
  startProcess,
} from '../../subprocess/run.js';

/** Exit of a tunnel program, with its last lines of output. */
export interface TunnelEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastLines: readonly string[];
}

interface Supervision {
  readonly command: CommandLine;
  readonly env: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Receives each line of stdout and stderr, without colours; not escaped. */
  readonly onLine: (line: string) => void;
  /** Called when a stop takes a while: the program, or one that it started, ignores SIGTERM. */
  readonly onSlowStop?: (() => void) | undefined;
}

export interface Supervised {
  readonly ended: Promise<TunnelEnd>;
  /** The last lines of output so far, at most twelve. */
  lastLines(): readonly string[];
  /** Ends the program and its children: SIGTERM, after three seconds SIGKILL. Resolves once all of them are gone. */
  stop(): Promise<void>;
}

/**
 * Shell script that runs the program in a session of its own: Ctrl-C in the terminal reaches this process alone, so that requests in
 * flight can still be answered through the tunnel. The script watches descriptor 3, a pipe whose other end only this process holds:
 * when the pipe closes, because the tunnel is stopped, this process was killed or its terminal is gone, the script ends the whole group.
 * The same pipe is the program's stdin, which therefore stays open and empty. The shell's own stderr is discarded: it reports killed jobs.
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
  (trap - TERM; exec sleep 3)
  kill -KILL 0
) &
guard=$!
exec 4>&- >/dev/null
wait "$program"
code=$?
while kill -0 "$program"; do wait "$program"; code=$?; done
kill -KILL "$guard"
wait "$guard"
trap '' TERM
kill -TERM 0
exit "$code"
`;

const MAX_LAST_LINES = 12;

/** A stop within this time needs no message. */
const QUIET_STOP_MS = 500;

/** The script needs three seconds from SIGTERM to SIGKILL. */
const STOP_MS = 5_000;

/** Starts a program that ends with this process, however this process ends. Windows has no sessions: `stop` alone ends it there. */
export function supervise({ command, env, platform, sleep, ...options }: Supervision): Supervised {
  const lastLines: string[] = [];
  const isWindows = platform === 'win32';
  const program = startProcess({ command: isWindows ? command : guarded(command), env, stdio: 'pipe', platform });
  const { stdin, stdout, stderr } = program.child;
  const onLine = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > MAX_LAST_LINES) lastLines.shift();
    options.onLine(line);
  };
  for (const stream of [stdout, stderr]) if (stream !== null) readLines(stream, onLine);
  stdin?.on('error', () => stdin.destroy());
  const ended = waitForEnd(program, sleep, onLine).then((end) => ({ ...end, lastLines: [...lastLines] }));
  return {
    ended,
    lastLines: () => [...lastLines],
    async stop() {
      const over = new AbortController();
      void sleep(QUIET_STOP_MS, over.signal).then(() => over.signal.aborted || options.onSlowStop?.());
      stdin?.destroy();
      if (isWindows && program.child.exitCode === null) program.kill('TERM');
      const stopped = new AbortController();
      void sleep(STOP_MS, stopped.signal).then(() => stopped.signal.aborted || program.child.kill('SIGKILL'));
      await ended;
      stopped.abort();
      await endGroup(program, sleep);
      over.abort();
    },
  };
}

function guarded(command: CommandLine): CommandLine {
  const argv = 'shell' in command ? ['/bin/sh', '-c', command.shell] : [command.file, ...command.args];
  return { file: '/bin/sh', args: ['-c', GUARD, 'storewire-tunnel', ...argv] };
}

async function waitForEnd(
  program: Subprocess,
  sleep: Supervision['sleep'],
  onLine: Supervision['onLine'],
): Promise<Pick<TunnelEnd, 'code' | 'signal'>> {
  const exit = await program.exited.catch((error: Error): ProcessExit => {
    onLine(error.message);
    return { code: null, signal: null };
  });
  await drainOutput(program, sleep);
  return exit.signal === null ? translateCode(exit.code) : exit;
}

/** A shell reports the signal that ended a program as exit code 128 plus the signal's number. */
function translateCode(code: number | null): Pick<TunnelEnd, 'code' | 'signal'> {
  const named = Object.entries(systemConstants.signals).find(([, number]) => code === 128 + number);
  return named === undefined ? { code, signal: null } : { code: null, signal: named[0] };
}

/**
 * Finds a program on the PATH and returns its path; null where it is not installed. Called before the start: a shell would only exit
 * with 127.
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
    accessSync(file, fileConstants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
