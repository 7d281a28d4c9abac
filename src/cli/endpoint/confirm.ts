import type { ConnectApp } from '../../connect-api/app.js';
import type { UrlPlan } from '../../connect-api/change.js';
import { ToolError } from '../../errors.js';
import { describeChange } from '../render/endpoint.js';
import type { EndpointDeps, EndpointRestoreFlags } from './flags.js';

/**
 * Whether the change may be made: with `--yes`, or once whoever sits at the terminal has said so, for production twice. Throws
 * `ERR_ENDPOINT_CONFIRM` (usage) where nobody can be asked, `ERR_INTERRUPTED` on Ctrl-C.
 */
export async function confirmChange(
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
