import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { statsOf } from './files.js';
import { describeKeyFile, describeMissingKey, type KeyKind, type KeyPath, keyOfFileName } from './key-source.js';
import type { Variables } from './layer.js';
import { resolvePath } from './paths.js';
import type { SettingsWarning } from './setting.js';

/** A key file found by its name. */
export interface KeyFile {
  readonly path: string;
  readonly folder: string;
  readonly kind: KeyKind;
  readonly keyId: string;
}

/**
 * Folders that Apple's tools search for keys, in their order: `$API_PRIVATE_KEYS_DIR`, `./private_keys`, `~/private_keys`,
 * `~/.private_keys`, `~/.appstoreconnect/private_keys`. Source: `man altool`, --apiKey.
 */
export function keyFolders(env: Variables, cwd: string, home: string | null): readonly string[] {
  const named = env.API_PRIVATE_KEYS_DIR?.trim();
  const homeFolders = ['private_keys', '.private_keys', join('.appstoreconnect', 'private_keys')];
  return [
    ...(named ? [resolvePath(named, cwd, home)] : []),
    join(cwd, 'private_keys'),
    ...(home === null ? [] : homeFolders.map((folder) => join(home, folder))),
  ];
}

/** Download folder of browsers. Only `init` searches it: other commands must not pick up a key that was never set. */
export function downloadFolders(home: string | null): readonly string[] {
  return home === null ? [] : [join(home, 'Downloads')];
}

/** Key files in these folders, sorted by name within each folder. A folder that is missing or not readable yields none. */
export function findKeyFiles(folders: readonly string[]): readonly KeyFile[] {
  return folders.flatMap((folder) =>
    namesIn(folder).flatMap((name) => {
      const key = keyOfFileName(name);
      return key === null ? [] : [{ path: join(folder, name), folder, ...key }];
    }),
  );
}

/** Warnings about a key file: missing, not a file, or accessible to other users. Windows has no permission bits. */
export function checkKeyFile(source: KeyPath, platform: NodeJS.Platform): readonly SettingsWarning[] {
  const stats = statsOf(source.path);
  const file = describeKeyFile(source);
  if (stats === null) return [{ code: 'key-missing', message: describeMissingKey(source).name }];
  if (!stats.isFile()) return [{ code: 'key-missing', message: `${file} is not a file` }];
  if (platform === 'win32' || (stats.mode & 0o077) === 0) return [];
  const mode = (stats.mode & 0o777).toString(8);
  return [
    {
      code: 'key-permissions',
      message: `${file} is accessible to other users (mode ${mode}): chmod 600 ${source.word === undefined ? source.path : 'that file'}`,
    },
  ];
}

function namesIn(folder: string): readonly string[] {
  return statsOf(folder)?.isDirectory() ? readNames(folder) : [];
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return [];
    throw error;
  }
}
