import { ToolError } from '../../errors.js';
import { type Destination, parseDestination } from './destination.js';

/** What is done with what was made. */
export type Way =
  | { readonly kind: 'print' }
  | { readonly kind: 'to'; readonly destination: Destination }
  | { readonly kind: 'emulator'; readonly baseUrl: string };

export interface WayFlags {
  readonly to?: string;
  readonly print: boolean;
  readonly viaEmulator?: string;
}

/** Exactly one of the three flags. Throws usage errors `ERR_TRIGGER_WHERE`, `ERR_TRIGGER_URL` and `ERR_TRIGGER_HOST`. */
export function readWay({ to, print, viaEmulator }: WayFlags): Way {
  const given = [print, to !== undefined, viaEmulator !== undefined].filter(Boolean).length;
  if (given !== 1) {
    const message = given === 0 ? 'it is not said where to' : '--to, --print and --via-emulator do not go together';
    throw new ToolError('usage', 'ERR_TRIGGER_WHERE', message, {
      hint: 'Give one of --to URL, --print and --via-emulator URL.',
    });
  }
  if (to !== undefined) return { kind: 'to', destination: parseDestination(to) };
  return viaEmulator === undefined ? { kind: 'print' } : { kind: 'emulator', baseUrl: viaEmulator };
}
