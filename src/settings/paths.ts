import { isAbsolute, join, resolve } from 'node:path';
import type { Variables } from './layer.js';

/** Home folder of the user from the environment; null if it is not set or not absolute. */
export function homeOf(env: Variables, platform: NodeJS.Platform): string | null {
  const home = platform === 'win32' ? (env.USERPROFILE ?? '') : (env.HOME ?? '');
  return isAbsolute(home) ? home : null;
}

/**
 * Path of the user file: `$XDG_CONFIG_HOME/storewire/config.json`, else under `~/.config`, on Windows under `%APPDATA%`.
 * A relative XDG_CONFIG_HOME is ignored, as the XDG base directory specification requires. Null if no home folder is known.
 */
export function userFilePath(env: Variables, platform: NodeJS.Platform): string | null {
  const named = env.XDG_CONFIG_HOME || (platform === 'win32' ? env.APPDATA : undefined);
  if (named !== undefined && isAbsolute(named)) return join(named, 'storewire', 'config.json');
  const home = homeOf(env, platform);
  return home === null ? null : join(home, '.config', 'storewire', 'config.json');
}

/** Resolves a path: a leading `~/` is the home folder, a relative path is relative to the folder of its source. */
export function resolvePath(path: string, folder: string, home: string | null): string {
  if (home !== null && (path === '~' || /^~[/\\]/.test(path))) return resolve(home, path.slice(2));
  return resolve(folder, path);
}
