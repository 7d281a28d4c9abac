import type { OutputStream } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import type { ConnectApp } from '../../connect-api/app.js';
import type { UrlPlan } from '../../connect-api/url-settings.js';
import { ToolError } from '../../errors.js';
import type { ChangeResult } from '../../session/url-change.js';
import type { View } from '../../terminal/layout.js';
import type { EndpointDeps, EndpointRestoreFlags } from './options.js';
import { type ChangeStage, changeToJson, describeAfterwards, describeChange } from './view.js';

/** A change that is shown, asked about, made, read back. */
interface UrlChange {
  /** As it was read. */
  readonly app: ConnectApp;
  readonly plan: UrlPlan;
  /** Makes it; called once, after a yes. */
  readonly apply: () => Promise<ChangeResult>;
  /** Whether `restore` can undo it. */
  readonly canBeUndone: boolean;
}

/**
 * Exit 0 once App Store Connect shows what was wanted, or did before; 1 where whoever was asked said no. Throws what `apply` found, and
 * `ERR_ENDPOINT_CONFIRM`.
 */
export async function performChange(
  { app, plan, apply, canBeUndone }: UrlChange,
  flags: EndpointRestoreFlags,
  deps: EndpointDeps,
): Promise<Exit> {
  const isSo = Object.keys(plan.after).length === 0;
  if (isSo || flags.dryRun) {
    tell(app, plan, isSo ? 'so' : 'dry-run', flags, deps);
    return EXIT.ok;
  }
  if (!(await confirmChange(app, plan, flags, deps))) {
    deps.stderr.write('Nothing was changed.\n');
    return EXIT.no;
  }
  const applied = await apply();
  if (applied.state !== 'changed') throw applied.error;
  tell(applied.app, plan, 'done', flags, deps);
  if (!flags.json) deps.stderr.write(describeAfterwards(plan, canBeUndone, viewOf(deps.stderr, deps)));
  return EXIT.ok;
}

function tell(
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
 * Whether the change may be made: with `--yes`, or once whoever sits at the terminal has said so, for production twice. Throws
 * `ERR_ENDPOINT_CONFIRM` (usage) where nobody can be asked, `ERR_INTERRUPTED` on Ctrl-C.
 */
async function confirmChange(
  app: ConnectApp,
  plan: UrlPlan,
  { yes, json }: Pick<EndpointRestoreFlags, 'yes' | 'json'>,
  { stdin, stderr, prompts, now }: Pick<EndpointDeps, 'stdin' | 'stderr' | 'prompts' | 'now'>,
): Promise<boolean> {
  if (yes) return true;
  if (!stdin.isTty || !stderr.isTty || json) {
    throw new ToolError('usage', 'ERR_ENDPOINT_CONFIRM', 'nothing was changed, as nobody could be asked', {
      hint: 'See what it would be with --dry-run; to change it unasked, add --yes.',
    });
  }
  const { paint, columns } = stderr;
  stderr.write(`${describeChange(app, plan, 'ask', { paint, columns, nowMs: now() })}\n`);
  const { confirm } = await prompts();
  if (!(await confirm({ message: 'Change it at App Store Connect?', default: false }))) return false;
  return plan.after.production === undefined || (await confirm({ message: PRODUCTION, default: false }));
}

const PRODUCTION = 'This is production: what real customers buy is reported there, and nowhere else. Really?';
