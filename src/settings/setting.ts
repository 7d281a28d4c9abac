/**
 * Where a value came from. `name` is what a user would change: `--bundle-id`, `STOREWIRE_BUNDLE_ID`, the path of a file, or
 * for a default whose it is. `fallback` is a variable meant for another tool, read where nothing of ours is set.
 */
export interface Source {
  readonly kind: 'flag' | 'environment' | 'project file' | 'user file' | 'fallback' | 'default';
  readonly name: string;
}

export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}

/** A value with its source, or null where nothing sets it. */
export type Setting<T> = Sourced<T> | null;

export type Environment = 'sandbox' | 'production';

/** Something to tell before going on; never a reason to stop. `code` is stable, `message` is for people. */
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

/** A source in a sentence: `--environment`, `STOREWIRE_ENVIRONMENT`, `the user file /home/me/.config/storewire/config.json`. */
export function describeSource(source: Source): string {
  if (source.kind === 'project file' || source.kind === 'user file') return `the ${source.kind} ${source.name}`;
  return source.name;
}
