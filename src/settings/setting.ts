/**
 * Source of a value. `name` is the place to change it: `--bundle-id`, `STOREWIRE_BUNDLE_ID` or the path of a file; for a default, its
 * origin. `fallback` is a variable of another tool, read if no setting of this tool is set.
 */
export interface Source {
  readonly kind: 'flag' | 'environment' | 'project file' | 'user file' | 'fallback' | 'default';
  readonly name: string;
}

export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}

/** A value with its source; null if it is not set. */
export type Setting<T> = Sourced<T> | null;

export type Environment = 'sandbox' | 'production';

/** A warning about the settings, printed before the run continues. `code` is stable, `message` is not. */
export interface SettingsWarning {
  readonly code:
    | 'fallback'
    | 'foreign-address'
    | 'file-owner'
    | 'file-permissions'
    | 'home-file'
    | 'key-choice'
    | 'key-kind'
    | 'key-mismatch'
    | 'key-missing'
    | 'key-permissions'
    | 'profile-missing'
    | 'state-refused'
    | 'unknown-key';
  readonly message: string;
}

/** Text for a source, to use in a sentence: `--environment`, `STOREWIRE_ENVIRONMENT`, `the user file /home/me/.config/storewire/config.json`. */
export function describeSource(source: Source): string {
  if (source.kind === 'project file' || source.kind === 'user file') return `the ${source.kind} ${source.name}`;
  return source.name;
}
