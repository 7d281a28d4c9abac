import { ToolError } from '../../errors.js';
import type { Deps } from '../deps.js';
import type { Destination } from './destination.js';
import type { Order } from './order.js';

/**
 * A forgery for a public host is an attack if the host is somebody else's: asked on a terminal, else `--yes` is needed. What is in
 * order and made up harms nobody and is not asked about. Throws `ERR_TRIGGER_FORGE_HOST` (usage) without a yes.
 */
export async function confirmForgery(
  { what }: Order,
  { url, reach }: Destination,
  yes: boolean,
  { stdin, stderr, prompts }: Pick<Deps, 'stdin' | 'stderr' | 'prompts'>,
): Promise<void> {
  if (what.kind !== 'forgery' || reach !== 'public' || yes) return;
  const isAnswered = stdin.isTty && stderr.isTty;
  const question = { message: `${url.hostname} is a public host. Is it yours, to be sent a forgery?`, default: false };
  if (isAnswered && (await (await prompts()).confirm(question))) return;
  throw new ToolError('usage', 'ERR_TRIGGER_FORGE_HOST', `nothing was sent: ${url.hostname} is a public host`, {
    hint: 'Where the endpoint is your own, add --yes.',
  });
}
