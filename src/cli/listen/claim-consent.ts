import type { ConnectApp } from '../../connect-api/app.js';
import { receiverOf, settingOf } from '../../connect-api/change.js';
import { isSameAddress } from '../../connect-api/same-address.js';
import { ToolError } from '../../errors.js';
import { parseTarget } from '../../listener/forward/parse-target.js';
import type { Target } from '../../listener/forward/target.js';
import type { Deps } from '../deps.js';
import { showUrl } from '../render/endpoint-words.js';
import { type ClaimView, describeClaim } from '../render/listen/claim.js';
import type { ClaimFlags } from './claim-place.js';

/**
 * Throws `ERR_CLAIM_NO_OLD_URL` (usage) where the sandbox has no URL: putting nothing back means clearing it, which may not be possible, so
 * whoever claims has to know.
 */
export function checkOld({ urls }: ConnectApp, { yes }: ClaimFlags): void {
  if (yes || settingOf(urls, 'sandbox').url !== null) return;
  const receiver = receiverOf(urls, 'sandbox');
  const now = receiver === null ? '' : `, so that its notifications go to the production URL, ${showUrl(receiver.url)}`;
  throw new ToolError('usage', 'ERR_CLAIM_NO_OLD_URL', `the sandbox has no URL of its own${now}`, {
    hint: 'There would be none to put back: the URL is cleared instead, which Apple may not take. To go on, add --yes.',
  });
}

/**
 * Tells and asks; resolves with the targets, the old URL among them where whoever was asked wants it. Throws `ERR_CLAIM_CONFIRM` (usage)
 * without a yes.
 */
export async function askForClaim(
  view: ClaimView,
  targets: readonly Target[],
  { yes, json }: ClaimFlags,
  { stdin, stderr, prompts, now }: Pick<Deps, 'stdin' | 'stderr' | 'prompts' | 'now'>,
): Promise<readonly Target[]> {
  const { paint, columns } = stderr;
  if (!json) stderr.write(`${describeClaim(view, { paint, columns, nowMs: now() })}\n`);
  if (yes) return targets;
  const isAnswered = stdin.isTty && stderr.isTty && !json;
  if (!isAnswered || !(await (await prompts()).confirm({ message: 'Divert them here?', default: false })))
    throw notConfirmed();
  const { receiver } = view;
  if (receiver === null || targets.some((target) => target.type === 'http' && isSameAddress(target.url, receiver.url)))
    return targets;
  const message = `Hand them on to where they go now, too? (${showUrl(receiver.url)})`;
  if (!(await (await prompts()).confirm({ message, default: true }))) return targets;
  const taken = targets.map(({ name }) => name);
  return [...targets, parseTarget(receiver.url, { headers: {}, insecure: false, taken })];
}

function notConfirmed(): ToolError {
  return new ToolError('usage', 'ERR_CLAIM_CONFIRM', 'nothing was claimed', {
    hint: 'See what it would be with --dry-run; to claim it unasked, add --yes, and -f with the old URL to hand notifications on to it.',
  });
}
