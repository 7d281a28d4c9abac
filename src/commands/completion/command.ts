import type { Command } from 'commander';
import type { LoadProgram } from '../../cli/command-tree.js';
import { completes, words } from '../../cli/completion.js';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { InvalidArgumentError } from '../../cli/flags.js';
import { withExamples } from '../../cli/options.js';
import { SHELLS, type Shell } from './shells.js';

/** The two parts of the command. */
export interface CompletionRuns {
  /** Writes the script of a shell. */
  script(shell: Shell, deps: Pick<Deps, 'stdout'>): Promise<Exit>;
  /**
   * Answers the script of `shell`. `words` follow the program's name, up to the word being typed, which may be empty; PowerShell before
   * 7.3 passes no empty argument to a program, so that its script puts `=` before the last word.
   */
  complete(shell: string, words: readonly string[], deps: Deps): Promise<Exit>;
}

export function registerCompletion(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  runs: CompletionRuns,
): void {
  const command = parent
    .command('completion')
    .description('Print the completion script for bash, zsh, fish or PowerShell')
    .usage('<shell>')
    .argument('<shell>', 'Shell: bash, zsh, fish or powershell', parseShell)
    .helpCommand(false)
    .action(async (shell: Shell) => finish(await runs.script(shell, deps)));
  completes(command, { shell: words(...SHELLS) });
  command
    .command('complete', { hidden: true })
    .argument('<shell>')
    .argument('[words...]')
    .action(async (shell: string, words: readonly string[]) => finish(await runs.complete(shell, words, deps)));
  withExamples(command, [
    ['eval "$(storewire completion bash)"', 'in ~/.bashrc'],
    ['source <(storewire completion zsh)', 'in ~/.zshrc, after compinit'],
    ['storewire completion fish > ~/.config/fish/completions/storewire.fish', 'once'],
    ['storewire completion powershell | Out-String | Invoke-Expression', 'in $PROFILE'],
  ]).addHelpText(
    'after',
    `
On Tab the shell asks the storewire it finds in PATH, where
npm install --global storewire puts it. To start zsh sooner, write its script to
a file named _storewire in a folder of $fpath once, instead of sourcing it.`,
  );
}

function parseShell(text: string): Shell {
  const found = SHELLS.find((shell) => shell === text);
  if (found === undefined) throw new InvalidArgumentError('It is bash, zsh, fish or powershell.');
  return found;
}

/** `loadProgram` is a parameter, because the command tree contains this command. */
export function completionRuns(loadProgram: LoadProgram): CompletionRuns {
  return {
    async script(shell, { stdout }) {
      const { SCRIPTS } = await import('./scripts.js');
      stdout.write(SCRIPTS[shell]);
      return EXIT.ok;
    },
    async complete(shell, words, deps) {
      const { completionToText } = await import('./answer.js');
      const { complete } = await import('./complete.js');
      const last = words.at(-1) ?? '';
      const typed = shell === 'powershell' ? last.replace(/^=/, '') : last;
      const completion = await complete([...words.slice(0, -1), typed], deps, loadProgram);
      deps.stdout.write(completionToText(completion, typed));
      return EXIT.ok;
    },
  };
}
