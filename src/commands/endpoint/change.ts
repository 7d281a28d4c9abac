import type { OutputStream } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import type { ConnectApp } from '../../connect-api/app.js';
import type { UrlPlan } from '../../connect-api/url-settings.js';
import { ToolError } from '../../errors.js';
import type { ChangeResult } from '../../session/url-change.js';
import type { View } from '../../terminal/layout.js';
import type { EndpointDeps, EndpointRestoreFlags } from './options.js';
import { type ChangeStage, changeToJson, describeAfterwards, describeChange } from './view.js';

/** A change to show, confirm, apply and then read again to check it. */
interface UrlChange {
  /** The app as read before the change. */
  readonly app: ConnectApp;
  readonly plan: UrlPlan;
  /** Applies the change; called once, after confirmation. */
  readonly apply: () => Promise<ChangeResult>;
  /** True if `restore` can undo it. */
  readonly canBeUndone: boolean;
}

/**
 * Performs a change. Exit 0 if App Store Connect has the requested settings, before or after; 1 if the user declined. Throws the error of
 * `apply`, and `ERR_ENDPOINT_CONFIRM`.
 */
export async function performChange(
  { app, plan, apply, canBeUndone }: UrlChange,
  flags: EndpointRestoreFlags,
  deps: EndpointDeps,
): Promise<Exit> {
  const isUnchanged = Object.keys(plan.after).length === 0;
  if (isUnchanged || flags.dryRun) {
    output(app, plan, isUnchanged ? 'unchanged' : 'dry-run', flags, deps);
    return EXIT.ok;
  }
  if (!(await confirmChange(app, plan, flags, deps))) {
    deps.stderr.write('Nothing was changed.\n');
    return EXIT.no;
  }
  const applied = await apply();
  if (applied.state !== 'changed') throw applied.error;
  output(applied.app, plan, 'done', flags, deps);
  if (!flags.json) deps.stderr.write(describeAfterwards(plan, canBeUndone, viewOf(deps.stderr, deps)));
  return EXIT.ok;
}

function output(
  app: ConnectApp,
  plan: UrlPlan,
  stage: ChangeStage,
  { json }: EndpointRestoreFlags,
  deps: EndpointDeps,
): void {
  const { stdout } = deps;
  stdout.write(json ? changeToJson(app, plan, stage) : describeChange(app, plan, stage, viewOf(stdout, deps)));
}

function viewOf({ paint, columns }: OutputStream, { now }: EndpointDeps): View {
  return { paint, columns, nowMs: now() };
}

/**
 * Confirms the change: by `--yes`, or by prompt, with a second prompt for production. Throws ToolError (usage) `ERR_ENDPOINT_CONFIRM`
 * without a terminal, and `ERR_INTERRUPTED` on Ctrl-C.
 */
async function confirmChange(
  app: ConnectApp,
  plan: UrlPlan,
  { yes, json }: Pick<EndpointRestoreFlags, 'yes' | 'json'>,
  { stdin, stderr, prompts, now }: Pick<EndpointDeps, 'stdin' | 'stderr' | 'prompts' | 'now'>,
): Promise<boolean> {
  if (yes) return true;
  if (!stdin.isTty || !stderr.isTty || json) {
    throw new ToolError('usage', 'ERR_ENDPOINT_CONFIRM', 'nothing was changed: not confirmed (no terminal)', {
      hint: 'Use --dry-run to preview the change, or --yes to apply it without a prompt.',
    });
  }
  const { paint, columns } = stderr;
  stderr.write(`${describeChange(app, plan, 'ask', { paint, columns, nowMs: now() })}\n`);
  const { confirm } = await prompts();
  if (!(await confirm({ message: 'Apply this change in App Store Connect?', default: false }))) return false;
  return plan.after.production === undefined || (await confirm({ message: PRODUCTION, default: false }));
}

const PRODUCTION = 'This is the production URL: it receives the notifications of real purchases. Continue?';
