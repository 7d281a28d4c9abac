import type { Json } from '../jws/json.js';
import { defect, malformed, strings, textOf } from './parse.js';
import type { Sourced } from './setting.js';

/** Parses a TCP port; 0 means any free port. Throws `ERR_SETTINGS_PORT`. */
export function parsePort(raw: Sourced<Json>): number {
  if (typeof raw.value === 'number' && Number.isInteger(raw.value) && raw.value >= 0 && raw.value <= 65_535)
    return raw.value;
  throw malformed('PORT', raw, 'must be a port number from 0 to 65535');
}

/** Parses the path of an endpoint, leading `/` included. Throws `ERR_SETTINGS_PATH`. */
export function parseEndpointPath(raw: Sourced<Json>): string {
  const value = textOf(raw);
  if (value !== null && /^\/[^\s?#]*$/.test(value)) return value;
  throw malformed('PATH', raw, 'must be a path that starts with / and contains no space, ? or #');
}

/** Parses one string or a list of strings, each in the format of the flag. Throws `ERR_SETTINGS_<code>`. */
export function parseStrings(raw: Sourced<Json>, code: 'TARGETS' | 'EVENTS'): readonly string[] {
  const values = strings(raw.value);
  if (values?.every((value) => value !== '')) return values;
  throw defect(
    code,
    raw.source,
    `must be a list of strings, each in the format of ${code === 'TARGETS' ? '--forward-to' : '--events'}`,
  );
}

/** Parses a command line in the format of its flag; messages never repeat it. Throws `ERR_SETTINGS_<code>`. */
export function parseCommand(raw: Sourced<Json>, code: 'EXEC' | 'TUNNEL'): string {
  const value = textOf(raw);
  if (value !== null) return value;
  throw defect(code, raw.source, 'must be a string that is not empty');
}
