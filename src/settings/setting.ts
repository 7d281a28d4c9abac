/**
 * Source of a value. `name` is the place to change it: `--bundle-id`, `STOREWIRE_BUNDLE_ID` or the path of a file; for a default, its
 * origin. `fallback` is a variable of another tool, read if no setting of this tool is set.
 */
export interface Source {
  readonly kind: 'flag' | 'environment' | 'project file' | 'user file' | 'fallback' | 'default';
  readonly name: string;
  /** Profile of a user file that has the value. */
  readonly profile?: string;
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
    | 'bundle-id'
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

/** Text for a source, to put after a value: `profile default, user config`, `project file /app/.storewire.json`, `STOREWIRE_BUNDLE_ID`. */
export function nameSource({ kind, name, profile }: Source): string {
  if (kind === 'user file') return profile === undefined ? 'user config' : `profile ${profile}, user config`;
  return kind === 'project file' ? `project file ${name}` : name;
}
