import type { ConnectApp } from '../../connect-api/app.js';
import { planChange, shows, type UrlPlan, type UrlSettings } from '../../connect-api/change.js';
import type { ConnectApi } from '../../connect-api/client.js';
import type { KeptChange } from '../../connect-api/kept.js';
import { ToolError } from '../../errors.js';
import type { Deps } from '../deps.js';
import type { KeptFile } from './kept-file.js';

/** What came of a change: made and read back; certainly not made; or nobody knows. */
export type Applied =
  | { readonly state: 'changed'; readonly app: ConnectApp }
  | { readonly state: 'unchanged' | 'unknown'; readonly error: ToolError };

/** Where and for whom a change is made, and where it is kept. */
export interface KeptAs extends Pick<KeptChange, 'address' | 'app' | 'by' | 'claimedBy'> {
  readonly kept: KeptFile;
}

/** {@link applyChange}, with what was there before on disk first; it is forgotten again where nothing was changed. */
export async function keepAndApply(
  api: ConnectApi,
  plan: UrlPlan,
  { kept, ...about }: KeptAs,
  { now, sleep }: Pick<Deps, 'now' | 'sleep'>,
): Promise<Applied> {
  const { before, after } = plan;
  const { id } = kept.keep({ ...about, atMs: now(), before, after });
  const applied = await applyChange(api, about.app, plan, sleep);
  if (applied.state === 'unchanged') kept.forget(id);
  return applied;
}

/** Waits before each reading back: App Store Connect may show a change a little later than it takes it. */
const READ_BACK_MS = [0, 1_000, 3_000];

/** Changes what the plan says, then reads the app again: only that proves it. A request that failed may have arrived all the same. */
export async function applyChange(
  api: ConnectApi,
  { id }: Pick<ConnectApp, 'id'>,
  { before, after, attributes }: UrlPlan,
  sleep: Deps['sleep'],
): Promise<Applied> {
  const failure = await failureOf(() => api.updateApp(id, attributes));
  if (failure?.kind === 'interrupted') return { state: 'unknown', error: notKnown(failure) };
  if (failure !== null && failure.kind !== 'remote') return { state: 'unchanged', error: failure };
  let last: ConnectApp | null = null;
  for (const waitMs of failure === null ? READ_BACK_MS : READ_BACK_MS.slice(0, 1)) {
    if (waitMs > 0) await sleep(waitMs);
    const read = await api.readApp(id).catch(toolErrorOf);
    if (read instanceof ToolError) return { state: 'unknown', error: notKnown(failure ?? read) };
    if (shows(read.urls, after)) return { state: 'changed', app: read };
    last = read;
  }
  const isAsBefore = last !== null && shows(last.urls, before);
  if (failure !== null && isAsBefore) return { state: 'unchanged', error: failure };
  return { state: isAsBefore ? 'unchanged' : 'unknown', error: notTaken(last, after, isAsBefore) };
}

async function failureOf(work: () => Promise<void>): Promise<ToolError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return toolErrorOf(error);
  }
}

function toolErrorOf(error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  throw error;
}

function notKnown({ kind, code, message, hint, cause }: ToolError): ToolError {
  const unknown = `It is not known whether anything was changed: \`storewire endpoint show\` tells, \`storewire endpoint restore\` puts back what was there before.`;
  return new ToolError(kind, code, message, { hint: hint === undefined ? unknown : `${unknown} ${hint}`, cause });
}

function notTaken(app: ConnectApp | null, after: UrlSettings, isAsBefore: boolean): ToolError {
  const names = app === null ? [] : Object.keys(planChange(app.urls, after).after);
  const message = isAsBefore
    ? `App Store Connect took the change, and shows the old ${names.join(' and ')} URL all the same`
    : `App Store Connect took the change, and shows neither what was set nor what was there before (${names.join(' and ')})`;
  return new ToolError('remote', 'ERR_ENDPOINT_NOT_TAKEN', message, {
    hint: 'See `storewire endpoint show`: somebody else may be changing it, too.',
  });
}
