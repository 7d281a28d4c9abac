import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { completionRuns, registerCompletion } from '../../src/commands/completion/command.js';
import { buildProgram } from '../../src/program.js';
import { runCommand } from '../support/run-command.js';

const completion = (...argv: readonly string[]) =>
  runCommand(
    (parent, deps, finish) => registerCompletion(parent, deps, finish, completionRuns(buildProgram)),
    ['completion', ...argv],
    { env: {}, platform: 'linux' },
  );

describe('completion', () => {
  it.each([
    ['bash', 'complete -o default -F _storewire storewire'],
    ['zsh', '#compdef storewire'],
    ['fish', "complete -c storewire -f -k -a '(__storewire_complete)'"],
    ['powershell', 'Register-ArgumentCompleter -Native -CommandName storewire -ScriptBlock {'],
  ])('%s writes its script to stdout', async (shell, part) => {
    const { code, stdout, stderr } = await completion(shell);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toContain(part);
  });

  it('has a PowerShell script whose brackets and quotes close, and which asks what the other scripts ask', async () => {
    const { stdout } = await completion('powershell');
    const code = stdout.replace(/^#.*$/gm, '').replace(/'[^'\n]*'|"(?:`.|[^"`\n])*"/g, 'text');
    expect(code).not.toMatch(/['"`]/);
    const open: string[] = [];
    for (const bracket of code.match(/[()[\]{}]/g) ?? []) {
      if ('([{'.includes(bracket)) open.push(bracket);
      else expect(`${open.pop()}${bracket}`).toMatch(/^(\(\)|\[\]|\{\})$/);
    }
    expect(open).toEqual([]);
    expect(stdout).toContain(`& $program completion complete powershell '--' @words "=$begun"`);
  });

  it.each([
    [['ksh'], /argument 'shell'\. It is bash, zsh, fish or powershell\.$/],
    [[], /missing required argument 'shell'/],
    [['bash', 'zsh'], /too many arguments/],
  ])('%j is a mistake', async (argv, message) => {
    await expect(completion(...argv)).rejects.toThrow(message);
  });

  it('shows how to install it, and not what only the scripts ask', () => {
    const program = new Command();
    registerCompletion(program, {} as Deps, () => undefined, completionRuns(buildProgram));
    let help = '';
    program.commands[0]?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toContain('eval "$(storewire completion bash)"');
    expect(help).toContain('source <(storewire completion zsh)');
    expect(help).toContain('storewire completion fish > ~/.config/fish/completions/storewire.fish');
    expect(help).toContain('storewire completion powershell | Out-String | Invoke-Expression');
    expect(help).not.toContain('complete <');
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('answers the scripts: files or none first, then a line for each candidate', async () => {
    const { code, stdout } = await completion('complete', 'bash', '--', 'listen', '--answer', '');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'none\nack\t\nforwarded\t\n' });
    expect((await completion('complete', 'zsh', '--', 'replay', '')).stdout).toBe('files\nlast\tthe newest\n');
  });

  it('reads the last word of PowerShell behind =, because an empty argument would be lost', async () => {
    const powershell = async (...words: readonly string[]) =>
      (await completion('complete', 'powershell', '--', ...words)).stdout;
    expect(await powershell('listen', '--answer', '=')).toBe('none\nack\t\nforwarded\t\n');
    expect(await powershell('=tri')).toBe('none\ntrigger\t\n');
    expect(await powershell('trigger', '=--scenario=refund-r')).toMatch(/^files\n--scenario=refund-reversed\t.+\n$/);
    expect(await powershell('listen', '--events', '=REFUND,GRACE')).toMatch(/^none\nREFUND,GRACE_PERIOD_EXPIRED\t/);
    expect(await powershell('replay', '=')).toBe('files\nlast\tthe newest\n');
  });

  it('answers an empty line, and words that look like flags of its own', async () => {
    expect((await completion('complete', 'fish', '--', '')).stdout).toMatch(/^none\ndecode\t/);
    expect((await completion('complete', 'fish', '--', 'decode', '--jso')).stdout).toBe(
      'none\n--json\tPrint one JSON document per line\n',
    );
  });
});
