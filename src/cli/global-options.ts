import type { Command } from 'commander';

/** What `--debug=body` is parsed as; see {@link spellOutDebug}. Nobody types it. */
export const DEBUG_BODY = '--debug-body';

/** Declares the global flags on the program. */
export function addGlobalFlags(program: Command): Command {
  return program
    .option('-q, --quiet', 'Print the answer and errors only, and ask nothing')
    .addOption(program.createOption('-v, --verbose', 'Show more').hideHelp())
    .option('--no-input', 'Ask nothing, as without a terminal')
    .addOption(
      program.createOption('--color <when>', 'Use colours').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--no-color', 'Use no colours')
    .option('--debug', 'Report every HTTP request; --debug=body with bodies')
    .addOption(program.createOption(DEBUG_BODY, 'Same as --debug=body, beside --debug').hideHelp());
}

/** Words of a command line without the global flags in front of the command's name. */
export function skipGlobalFlags(argv: readonly string[]): readonly string[] {
  const [first = '', ...rest] = argv;
  if (first === '--color') return skipGlobalFlags(rest.slice(1));
  return /^(-[qv]+|--(quiet|verbose|no-input|no-color|debug|debug-body|color=.*))$/.test(first)
    ? skipGlobalFlags(rest)
    : argv;
}

/** Writes `--debug=body` as flags that take no value: one with an optional value would take the word behind `--debug`. */
export function spellOutDebug(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return argv.flatMap((word, index) =>
    word === '--debug=body' && (end === -1 || index < end) ? ['--debug', DEBUG_BODY] : [word],
  );
}
