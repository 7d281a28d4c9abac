import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN } from './bin.js';

/** For a shell to start, ask and answer. A limit of a hang, not of speed. */
const SHELL_TIMEOUT_MS = 150_000;

/** How often zsh looks whether the inner one has come so far, twenty times a second. */
const ZSH_TURNS = 2_400;

export function hasShell(name: string): boolean {
  return spawnSync(name, ['-c', 'exit 0']).status === 0;
}

/** A home with `storewire` in PATH and a user file with profiles, as a shell finds it that somebody has installed it for. */
export interface ShellHome {
  readonly folder: string;
  run(shell: string, args: readonly string[]): SpawnSyncReturns<string>;
  remove(): void;
}

export function makeShellHome(profiles: readonly string[]): ShellHome {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-shell-')));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(BIN, join(folder, 'bin/storewire'));
  mkdirSync(join(folder, '.config/storewire'), { recursive: true });
  const content = { profiles: Object.fromEntries(profiles.map((name) => [name, {}])) };
  writeFileSync(join(folder, '.config/storewire/config.json'), JSON.stringify(content), { mode: 0o600 });
  mkdirSync(join(folder, 'work/payloads'), { recursive: true });
  writeFileSync(join(folder, 'work/payload one.json'), '{}');
  const PATH = `${join(folder, 'bin')}:${process.env.PATH}`;
  const env = { PATH, HOME: folder, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
  return {
    folder,
    run: (shell, args) =>
      spawnSync(shell, args, { cwd: join(folder, 'work'), env, encoding: 'utf8', timeout: SHELL_TIMEOUT_MS }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The words of a command line as bash takes them apart: `=` and `:` are words of their own. */
export function askBash(home: ShellHome, pieces: readonly string[], line = pieces.join(' ')): readonly string[] {
  const script = `
    eval "$(storewire completion bash)"
    COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_LINE=$LINE; COMP_POINT=\${#LINE}
    _storewire
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = home.run('bash', [
    '--norc',
    '--noprofile',
    '-c',
    `LINE=$1; shift; ${script}`,
    'bash',
    line,
    ...pieces,
  ]);
  if (stderr !== '') throw new Error(stderr);
  return stdout.split('\n').filter((word) => word !== '');
}

/** What fish offers for a command line, each with its description behind a tab. */
export function askFish(home: ShellHome, line: string): readonly string[] {
  const script = 'storewire completion fish | source; complete -C $argv[1]';
  const { stdout, stderr } = home.run('fish', ['--no-config', '-c', script, line]);
  if (stderr !== '') throw new Error(stderr);
  return stdout.split('\n').filter((word) => word !== '');
}

/** What PowerShell offers for a command line with the cursor at its end. */
export function askPowerShell(home: ShellHome, line: string): readonly string[] {
  const script = `storewire completion powershell | Out-String | Invoke-Expression
    (TabExpansion2 -inputScript '${line}' -cursorColumn ${line.length}).CompletionMatches | ForEach-Object CompletionText`;
  const { stdout, stderr } = home.run('pwsh', ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script]);
  if (stderr !== '') throw new Error(stderr);
  return stdout.split(/\r?\n/).filter((word) => word !== '');
}

/** What a zsh at a (pseudo) terminal makes of keys: its command line after them, and how many matches the last Tab had. */
export function askZsh(home: ShellHome, keys: string): { readonly line: string; readonly matches: number } {
  const out = join(home.folder, 'out');
  const ready = join(home.folder, 'ready');
  rmSync(out, { force: true });
  rmSync(ready, { force: true });
  writeFileSync(
    join(home.folder, '.zshrc'),
    `autoload -Uz compinit && compinit -u -d ${home.folder}/zcompdump
    source <(storewire completion zsh)
    zstyle ':completion:*' list-prompt ''
    LISTMAX=10000
    count() { matches=$compstate[nmatches]; compstate[list]= }
    comppostfuncs=(count)
    dump() { print -r -- "$matches $BUFFER" >${out} }
    zle -N dump && bindkey '^X^D' dump
    zle-line-init() { : >${ready} }
    zle -N zle-line-init
    postpone() { comppostfuncs=(count) }
    PS1='> '`,
  );
  const script = `
    zmodload zsh/zpty zsh/zselect
    await() { repeat ${ZSH_TURNS}; do [[ -s $1 || ( -e $1 && $2 == empty ) ]] && return; zselect -t 5; done; print -u2 "no $1"; exit 1 }
    zpty -b inner 'zsh -i'
    await ${ready} empty
    zpty -w -n inner $'${keys.replaceAll("'", "\\'")}\\x18\\x04'
    await ${out} full
    zpty -d inner`;
  const { stderr, status } = home.run('zsh', ['-f', '-c', script]);
  if (status !== 0 || !existsSync(out)) throw new Error(`zsh ended with ${status}: ${stderr}`);
  const [, matches = '', line = ''] = /^(\d*) (.*)\n$/s.exec(readFileSync(out, 'utf8')) ?? [];
  return { line, matches: Number(matches) };
}
