import { ToolError } from '../errors.js';
import { isValidUrl } from './valid-url.js';

/**
 * Parses a full URL given by the user. Throws ToolError (usage) with `code` for text without `http://` or `https://` and for text that
 * is not a URL; the message does not quote the text, which may contain a key. `name` is the subject of the message: a flag, or `the endpoint URL`.
 */
export function parseHttpUrl(text: string, name: string, code: string, hint: string): URL {
  if (/^https?:\/\//i.test(text) && isValidUrl(text)) return new URL(text);
  throw new ToolError('usage', code, `${name} must be a full URL that starts with http:// or https://`, { hint });
}
