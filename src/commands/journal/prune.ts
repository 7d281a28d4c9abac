import { EXIT, type Exit } from '../../cli/exit.js';
import { createReporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import { type PrunePlan, planPrune, prune } from '../../journal/prune.js';
import { findJournalFolder } from '../../session/journal.js';
import { openSettings } from '../../settings/open.js';
import type { View } from '../../terminal/layout.js';
import type { JournalDeps, JournalPruneOptions } from './options.js';
import { describePersonalData, describePrune, pruneToJson } from './view.js';

/**
 * Deletes what is old, once somebody said yes. Throws usage `ERR_JOURNAL_PRUNE_CONFIRM` where nobody can be asked and `--yes` is missing,
 * `ERR_JOURNAL_IN_USE` where a listener has just begun.
 */
export async function runPrune(options: JournalPruneOptions, deps: JournalDeps): Promise<Exit> {
  const { stdout, now, processId, isRunning } = deps;
  const { profile, olderThan, json, dryRun } = options;
  const open = openSettings({ ...deps, flags: profile === undefined ? {} : { profile } });
  const folder = findJournalFolder(open, deps);
  if (folder === null) {
    createReporter(options, deps).say('No journal here yet: there is nothing to delete.');
    return EXIT.ok;
  }
  const plan = await planPrune(folder, { olderThanMs: olderThan, nowMs: now() });
  const view: View = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  const tell = (isDone: boolean): void =>
    stdout.write(json ? pruneToJson(plan, isDone) : describePrune(plan, isDone, view));
  if (dryRun || plan.files.length === 0) {
    tell(false);
    return EXIT.ok;
  }
  await confirm(plan, options, view, deps);
  await prune(plan, { now, pid: processId, isRunning });
  tell(true);
  return EXIT.ok;
}

async function confirm(
  plan: PrunePlan,
  { yes, json }: JournalPruneOptions,
  view: View,
  { stdin, stderr, prompts }: JournalDeps,
): Promise<void> {
  if (yes) return;
  if (stdin.isTty && stderr.isTty && !json) {
    const { paint, columns } = stderr;
    stderr.write(`${describePrune(plan, false, { ...view, paint, columns })}${describePersonalData(columns)}\n`);
    if (await (await prompts()).confirm({ message: 'Delete it?', default: false })) return;
  }
  throw new ToolError('usage', 'ERR_JOURNAL_PRUNE_CONFIRM', 'nothing was deleted', {
    hint: 'See what it would be with --dry-run; to delete it unasked, add --yes.',
  });
}
