import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { type ColourChoice, colourLevel } from './colour.js';
import { registerConfig } from './commands/config.js';
import { registerDecode } from './commands/decode.js';
import { registerVerify } from './commands/verify.js';
import type { Deps, OutputStream } from './deps.js';
import type { Exit } from './exit.js';
import { colourOption, withExamples } from './options.js';

/** The command tree, in help order. `finish` takes the exit code of the command that ran. */
export function buildProgram(deps: Deps, finish: (code: Exit) => void): Command {
  const program = new Command('storewire')
    .description(packageJson.description)
    .version(packageJson.version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .addOption(colourOption())
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: 80, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      outputError: () => undefined,
    })
    .hook('preAction', (_program, command) => paintStreams(command.optsWithGlobals().color as ColourChoice, deps));
  withExamples(program, [
    ['storewire decode payload.json', 'what a notification says'],
    ['storewire verify payload.json', 'whether Apple signed it'],
    ['pbpaste | storewire verify', 'the same, from the clipboard'],
  ]);
  registerDecode(program, deps, finish);
  registerVerify(program, deps, finish);
  registerConfig(program, deps, finish);
  return program;
}

function paintStreams(choice: ColourChoice, deps: Deps): void {
  const paint = (stream: OutputStream): void => {
    stream.paint.level = colourLevel(choice, deps.env, stream.isTty);
  };
  paint(deps.stdout);
  paint(deps.stderr);
}
