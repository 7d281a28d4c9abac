import type { Json } from '../jws/json.js';
import { keyOfFileName } from './key-source.js';
import { defect, textOf } from './parse.js';
import type { Sourced } from './setting.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Length of a UUID without hyphens, and of the shared secret of verifyReceipt. */
const HEX_32 = /^[0-9a-f]{32}$/i;

/**
 * Parses the issuer id of a key, a UUID. Throws `ERR_SETTINGS_ISSUER_ID`. The message never repeats the value, nor does that of a key id:
 * if the user swapped fields, it may be the private key. It says what the value looks like instead.
 */
export function parseIssuerId(raw: Sourced<Json>): string {
  const value = textOf(raw);
  if (value !== null && UUID.test(value)) return value;
  const hint =
    'App Store Connect shows it above the list of keys: Users and Access, Integrations. It is not the key id.';
  const rule = 'must be an issuer id, a UUID of 36 characters';
  throw defect('ISSUER_ID', raw.source, rule + seeming(value, 'issuer'), hint);
}

/** Parses a key id: letters and digits; Apple's have ten. Throws `ERR_SETTINGS_KEY_ID`. */
export function parseKeyId(raw: Sourced<Json>): string {
  const value = textOf(raw);
  if (value !== null && /^[A-Za-z0-9]{1,32}$/.test(value) && !HEX_32.test(value)) return value;
  const hint =
    'App Store Connect shows it beside the key, and the file name contains it: SubscriptionKey_<id>.p8, AuthKey_<id>.p8.';
  const rule = 'must be a key id: letters and digits, ten of them for keys from Apple';
  throw defect('KEY_ID', raw.source, rule + seeming(value, 'key'), hint);
}

function seeming(value: string | null, wanted: 'issuer' | 'key'): string {
  if (value === null) return '';
  if (HEX_32.test(value))
    return `; this looks like the shared secret of verifyReceipt${wanted === 'issuer' ? ', or like a UUID without its hyphens' : ''}`;
  if (UUID.test(value)) return '; this looks like the issuer id';
  if (/^[A-Z0-9]{10}$/.test(value)) return '; this looks like a key id or team id';
  if (/PRIVATE KEY|^MI[GH]/.test(value)) return '; this is the private key itself';
  if (value.endsWith('.p8'))
    return `; this is the file${keyOfFileName(value) === null ? '' : ', whose name contains the id'}`;
  return '';
}
