import { type ColourChoice, colourLevel } from '../terminal/colour.js';
import { paintAt } from '../terminal/paint.js';
import type { Deps } from './deps.js';

/** Flags that every command takes, before its name or after it. */
export interface GlobalFlags {
  /** False for `--no-color`. */
  readonly color: ColourChoice | false;
  readonly quiet?: boolean;
  /** False for `--no-input`. */
  readonly input: boolean;
  readonly verbose?: boolean;
  readonly debug?: boolean;
  /** `--debug=body`, see `spellOutDebug`. */
  readonly debugBody?: boolean;
}

/** A command line without any of them. */
export const NO_GLOBAL_FLAGS: GlobalFlags = { color: 'auto', input: true };

/** Deps that the global flags may still replace: commands get them before the command line is parsed. */
export type MutableDeps = { -readonly [Name in keyof Deps]: Deps[Name] };

/** Gives both outputs their paint; `auto` before the command line is read, so that an error in it has colours, too. */
export async function applyColour(
  choice: ColourChoice,
  { stdout, stderr, env }: Pick<Deps, 'stdout' | 'stderr' | 'env'>,
): Promise<void> {
  for (const stream of [stdout, stderr]) stream.paint = await paintAt(colourLevel(choice, env, stream.isTty));
}

/** Applies colour, `--quiet` and `--no-input`; a set `CI` counts as `--no-input`. */
export async function applyGlobalFlags({ color, quiet, input }: GlobalFlags, deps: MutableDeps): Promise<void> {
  if (color !== 'auto') await applyColour(color === false ? 'never' : color, deps);
  // A question makes no sense without the notes that explain it, so --quiet asks nothing.
  if (!quiet && input && !isCi(deps.env)) return;
  const { silenced, unattended } = await import('./unattended.js');
  Object.assign(deps, unattended(deps));
  if (quiet) deps.stderr = silenced(deps.stderr);
}

function isCi({ CI = '' }: Deps['env']): boolean {
  return CI !== '' && CI !== '0' && CI.toLowerCase() !== 'false';
}
