import { type Command, InvalidArgumentError } from 'commander';
import { SHELLS, type Shell } from '../completion/shells.js';
import type { Deps } from '../deps.js';
import { EXIT, type Exit } from '../exit.js';
import { withExamples } from '../options.js';

/** What each part does. */
export interface CompletionRuns {
  /** Writes the script of a shell. */
  script(shell: Shell, deps: Pick<Deps, 'stdout'>): Promise<Exit>;
  /** What the scripts ask: `words` are those behind the program's name up to the one being typed, which may be empty. */
  complete(words: readonly string[], deps: Deps): Promise<Exit>;
}

export function registerCompletion(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  runs: CompletionRuns = RUNS,
): void {
  const command = parent
    .command('completion')
    .description('completion for bash, zsh and fish')
    .usage('<shell>')
    .argument('<shell>', 'bash, zsh or fish', parseShell)
    .helpCommand(false)
    .action(async (shell: Shell) => finish(await runs.script(shell, deps)));
  command
    .command('complete', { hidden: true })
    .argument('<shell>')
    .argument('[words...]')
    .action(async (_shell: string, words: readonly string[]) => finish(await runs.complete(words, deps)));
  withExamples(command, [
    ['eval "$(storewire completion bash)"', 'in ~/.bashrc'],
    ['source <(storewire completion zsh)', 'in ~/.zshrc, after compinit'],
    ['storewire completion fish > ~/.config/fish/completions/storewire.fish', 'once'],
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
  if (found === undefined) throw new InvalidArgumentError('It is bash, zsh or fish.');
  return found;
}

const RUNS: CompletionRuns = {
  async script(shell, { stdout }) {
    const { SCRIPTS } = await import('../completion/scripts.js');
    stdout.write(SCRIPTS[shell]);
    return EXIT.ok;
  },
  async complete(words, deps) {
    const { answerToText } = await import('../completion/answer.js');
    const { complete } = await import('../completion/complete.js');
    deps.stdout.write(answerToText(await complete(words, deps), words.at(-1) ?? ''));
    return EXIT.ok;
  },
};
