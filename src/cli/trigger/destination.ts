import { ToolError } from '../../errors.js';
import { type Reach, reachOf } from '../../http/reach.js';

/** Where made-up notifications go. */
export interface Destination {
  readonly url: URL;
  readonly reach: Reach;
}

/** These believe Apple alone, and hold purchases of real customers: nothing made up is sent there. Their names and all below. */
const REFUSED_DOMAINS = [
  { domain: 'apple.com', owner: 'Apple' },
  { domain: 'revenuecat.com', owner: 'RevenueCat' },
  { domain: 'qonversion.io', owner: 'Qonversion' },
] as const;

/**
 * The value of `--to` as an address. Throws usage errors: `ERR_TRIGGER_URL` where it is not an http or https URL in full,
 * `ERR_TRIGGER_HOST` for hosts that nothing made up is ever sent to.
 */
export function parseDestination(text: string): Destination {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw wrongUrl('--to takes the address of an endpoint in full', 'Such as http://localhost:4280/.');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw wrongUrl('--to has a user name in it, which Apple would not send', 'Leave it out.');
  }
  const owner = refusingOwner(url.hostname);
  if (owner !== null) throw refusal(url.hostname, owner);
  return { url, reach: reachOf(url.hostname) };
}

/** Apple's own network, 17.0.0.0/8; also as IPv6 writes it, which a URL gives in hexadecimal. */
const APPLE_ADDRESS = /^(?:17(?:\.\d+){3}|\[::ffff:11[\da-f]{2}:[\da-f]{1,4}\])$/;

/** Whose host this is, where it is one that nothing made up is ever sent to; else null. Takes a `hostname` as URL gives it. */
export function refusingOwner(hostname: string): string | null {
  if (APPLE_ADDRESS.test(hostname)) return 'Apple';
  return REFUSED_DOMAINS.find(({ domain }) => isUnder(hostname, domain))?.owner ?? null;
}

function isUnder(hostname: string, domain: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return name === domain || name.endsWith(`.${domain}`);
}

function wrongUrl(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_URL', message, { hint });
}

function refusal(hostname: string, owner: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_HOST', `${hostname} is ${owner}'s: nothing made up is sent there`, {
    hint: 'It believes Apple alone. Have Apple send one instead: storewire test --wait',
  });
}
