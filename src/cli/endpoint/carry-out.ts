import type { ConnectApp } from '../../connect-api/app.js';
import type { UrlPlan } from '../../connect-api/change.js';
import type { OutputStream } from '../deps.js';
import { EXIT, type Exit } from '../exit.js';
import { type ChangeStage, describeAfterwards, describeChange } from '../render/endpoint.js';
import { changeToJson } from '../render/endpoint-json.js';
import type { View } from '../render/layout.js';
import type { Applied } from './apply.js';
import { confirmChange } from './confirm.js';
import type { EndpointDeps, EndpointRestoreFlags } from './flags.js';

/** A change that is shown, asked about, made, read back. */
export interface Errand {
  /** As it was read. */
  readonly app: ConnectApp;
  readonly plan: UrlPlan;
  /** Makes it; called once, after a yes. */
  readonly apply: () => Promise<Applied>;
  /** Whether `restore` can undo it. */
  readonly canBeUndone: boolean;
}

/**
 * Exit 0 once App Store Connect shows what was wanted, or did before; 1 where whoever was asked said no. Throws what `apply` found, and
 * `ERR_ENDPOINT_CONFIRM`.
 */
export async function carryOut(
  { app, plan, apply, canBeUndone }: Errand,
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
