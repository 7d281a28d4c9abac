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
 * Deletes old records after a confirmation. Throws usage `ERR_JOURNAL_PRUNE_CONFIRM` where the user declines, or has no terminal and did not
 * pass `--yes`; `ERR_JOURNAL_IN_USE` where a listener was started since.
 */
export async function runPrune(options: JournalPruneOptions, deps: JournalDeps): Promise<Exit> {
  const { stdout, now, processId, isRunning } = deps;
  const { profile, olderThan, json, dryRun } = options;
  const open = openSettings({ ...deps, flags: profile === undefined ? {} : { profile } });
  const folder = findJournalFolder(open, deps);
  if (folder === null) {
    createReporter(options, deps).say('No journal here yet: nothing to delete.');
    return EXIT.ok;
  }
  const plan = await planPrune(folder, { olderThanMs: olderThan, nowMs: now() });
  const view: View = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  const report = (isDone: boolean): void =>
    stdout.write(json ? pruneToJson(plan, isDone) : describePrune(plan, isDone, view));
  if (dryRun || plan.files.length === 0) {
    report(false);
    return EXIT.ok;
  }
  await confirm(plan, options, view, deps);
  await prune(plan, { now, pid: processId, isRunning });
  report(true);
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
    if (await (await prompts()).confirm({ message: 'Delete these records?', default: false })) return;
  }
  throw new ToolError('usage', 'ERR_JOURNAL_PRUNE_CONFIRM', 'not confirmed, so nothing was deleted', {
    hint: 'Preview with --dry-run, or delete without asking with --yes.',
  });
}
