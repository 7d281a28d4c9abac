import { parseEndpointUrl } from '../../address/endpoint-url.js';
import { isAddress } from '../../address/local-url.js';
import { type Reach, reachOf } from '../../address/reach.js';
import { ToolError } from '../../errors.js';
import { EVENTS } from '../../notification/catalogue/events.js';

/** Arguments of the command: `[type] [url]`. */
export interface TriggerArguments {
  readonly event?: string;
  readonly url?: string;
}

/**
 * Reads the arguments: `TYPE`, `TYPE URL`, or `URL` alone beside `--scenario` or `--forge`. `to` is the value of `--to`. Throws usage
 * errors: `ERR_USAGE_URL` for a second argument that is no address, `ERR_TRIGGER_WHERE` for a URL beside `--to`.
 */
export function readArguments(
  { event, url }: { readonly event: string | undefined; readonly url: string | undefined },
  to: string | undefined,
): { readonly event?: string; readonly to?: string } {
  const isUrlAlone = event !== undefined && url === undefined && isAddress(event);
  const address = isUrlAlone ? event : url;
  const named = event === undefined || isUrlAlone ? {} : { event };
  if (address === undefined) return to === undefined ? named : { ...named, to };
  if (!isAddress(address)) throw noAddress(address, event);
  if (to === undefined) return { ...named, to: address };
  throw new ToolError('usage', 'ERR_TRIGGER_WHERE', 'a URL and --to cannot be combined', { hint: 'Omit one of them.' });
}

function noAddress(text: string, event: string | undefined): ToolError {
  const pair = `${event}.${text}`.toUpperCase();
  const isSubtype = EVENTS.some(({ type, subtype }) => `${type}.${subtype}` === pair);
  return new ToolError('usage', 'ERR_USAGE_URL', 'the second argument must be a URL', {
    hint: isSubtype ? `Did you mean ${pair}?` : 'For example: storewire trigger DID_RENEW http://localhost:4280/',
  });
}

/** Output of the notifications: stdout, an endpoint, or an emulator, the project's without a URL. */
export type OutputMode =
  | { readonly kind: 'print' }
  | { readonly kind: 'to'; readonly destination: Destination }
  | { readonly kind: 'emulator'; readonly baseUrl: string | null };

export interface OutputModeFlags {
  readonly to?: string;
  readonly print: boolean;
  /** True: the running emulator of the project. */
  readonly viaEmulator?: string | true;
}

/** One of the three flags; null for none. Throws usage errors `ERR_TRIGGER_WHERE`, `ERR_USAGE_URL` and `ERR_USAGE_HOST`. */
export function parseOutputMode({ to, print, viaEmulator }: OutputModeFlags): OutputMode | null {
  const given = [print, to !== undefined, viaEmulator !== undefined].filter(Boolean).length;
  if (given > 1) {
    throw new ToolError('usage', 'ERR_TRIGGER_WHERE', '--to, --print and --via-emulator cannot be combined', {
      hint: 'Pass one of --to URL, --print and --via-emulator.',
    });
  }
  if (to !== undefined) return { kind: 'to', destination: parseDestination(to) };
  if (viaEmulator !== undefined) return { kind: 'emulator', baseUrl: viaEmulator === true ? null : viaEmulator };
  return print ? { kind: 'print' } : null;
}

/** Endpoint of synthetic notifications. */
export interface Destination {
  readonly url: URL;
  readonly reach: Reach;
}

/** Parses `--to`. Throws the errors of {@link parseEndpointUrl}. */
export function parseDestination(text: string): Destination {
  const url = parseEndpointUrl(text, '--to');
  return { url, reach: reachOf(url.hostname) };
}
