import { ToolError } from '../../errors.js';
import { isLoopback } from '../../http/dispatcher.js';
import type { Deps } from '../deps.js';
import { refusingOwner } from '../trigger/destination.js';

/**
 * The address of the endpoint to audit. Throws usage errors: `ERR_AUDIT_URL` where it is not an http or https URL in full,
 * `ERR_AUDIT_OWNER` for the hosts of Apple, RevenueCat and Qonversion, which nothing forged is ever sent to.
 */
export function parseTarget(text: string): URL {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw wrongUrl('audit takes the address of an endpoint in full', 'Such as http://localhost:3000/apple');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw wrongUrl('the address has a user name in it, which Apple would not send', 'Leave it out.');
  }
  const owner = refusingOwner(url.hostname);
  if (owner === null) return url;
  throw new ToolError('usage', 'ERR_AUDIT_OWNER', `${url.hostname} is ${owner}'s: nothing forged is sent there`, {
    hint: 'Audit the endpoint that you run yourself.',
  });
}

function wrongUrl(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_URL', message, { hint });
}

/**
 * Forgeries for a host that is somebody else's are an attack: for any but this machine its name is typed, or `--yes` says so. Throws
 * `ERR_AUDIT_HOST` (usage) without either.
 */
export async function confirmTarget(
  { hostname }: URL,
  yes: boolean,
  { stdin, stderr, prompts }: Pick<Deps, 'stdin' | 'stderr' | 'prompts'>,
): Promise<void> {
  if (yes || isLoopback(hostname)) return;
  if (!stdin.isTty || !stderr.isTty) {
    throw refused(`nothing was sent: ${hostname} is not this machine`, 'Where the endpoint is your own, add --yes.');
  }
  const ask = await prompts();
  const message = `Forgeries go to ${hostname}. Is it yours? Type its name to go on:`;
  const typed = await ask.input({ message });
  if (typed.trim().toLowerCase() === hostname) return;
  throw refused('nothing was sent: that is not the name of the host', `It is ${hostname}.`);
}

function refused(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_HOST', message, { hint });
}
