import { ToolError } from '../errors.js';
import { completeLocalUrl } from './local-url.js';
import { parseHttpUrl } from './parse.js';
import { refusingOwner } from './services.js';

export const ENDPOINT_URL_HINT = 'For example: https://example.com/apple or http://localhost:4280/';

/**
 * Parses the URL of an endpoint that synthetic or forged notifications are sent to. `name` is the subject of the messages. Throws ToolError
 * (usage): `ERR_USAGE_URL` if it is neither a full http or https URL nor the shorthand of a local one, or has credentials; `ERR_USAGE_HOST`
 * for hosts of Apple, RevenueCat and Qonversion.
 */
export function parseEndpointUrl(text: string, name: string): URL {
  const url = parseHttpUrl(completeLocalUrl(text), name, 'ERR_USAGE_URL', ENDPOINT_URL_HINT);
  if (url.username !== '' || url.password !== '')
    throw new ToolError('usage', 'ERR_USAGE_URL', `${name} must not contain a user name or password`, {
      hint: 'Remove them: Apple sends none.',
    });
  const owner = refusingOwner(url.hostname);
  if (owner === null) return url;
  const message = `${url.hostname} belongs to ${owner}, and synthetic or forged notifications are never sent there`;
  throw new ToolError('usage', 'ERR_USAGE_HOST', message, {
    hint: 'Pass an endpoint of your own. To have Apple send a TEST: storewire test --wait',
  });
}
