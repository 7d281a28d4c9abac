import type { Command } from 'commander';
import { completes } from '../../cli/completion.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import type { ExplainDeps, ExplainOptions } from './run.js';

export function registerExplain(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runExplain = runExplain,
): void {
  const command = parent
    .command('explain')
    .description('Explain types, fields, codes, errors and statuses, offline')
    .argument('[term...]', 'Name, number, search words or chapter')
    .option('--json', 'Print one JSON document', false)
    .action(async (terms: readonly string[], flags: Omit<ExplainOptions, 'terms'>) =>
      finish(await run({ ...flags, terms }, deps)),
    );
  completes(command, {
    term: async () => {
      const { explainableTerms } = await import('./reference/reference.js');
      return { candidates: explainableTerms(), files: false };
    },
  });
  withExamples(command, [
    ['storewire explain DID_RENEW', 'a type and its subtypes'],
    ['storewire explain TLS_ISSUE', 'why Apple could not deliver'],
    ['storewire explain 4040010', 'an error of the Server API'],
    ['storewire explain node 6', "a status of Apple's node library, by number"],
    ['storewire explain refund declined', 'entries with these words'],
    ['storewire explain statuses', 'a whole chapter'],
  ]);
}

/** The reference is loaded here, so that other commands do not pay for it. */
async function runExplain(options: ExplainOptions, deps: ExplainDeps): Promise<Exit> {
  const { runExplain: run } = await import('./run.js');
  return run(options, deps);
}
