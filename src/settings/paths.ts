import { isAbsolute, join, resolve } from 'node:path';
import type { Variables } from './layer.js';

/** The user's home folder as the environment names it, or null. */
export function homeOf(env: Variables, platform: NodeJS.Platform): string | null {
  const home = platform === 'win32' ? (env.USERPROFILE ?? '') : (env.HOME ?? '');
  return isAbsolute(home) ? home : null;
}

/**
 * Where the user's own file is: `$XDG_CONFIG_HOME/storewire/config.json`, else under `~/.config`, on Windows under `%APPDATA%`.
 * A relative XDG_CONFIG_HOME is not looked at, as the XDG base directory specification says. Null where no home is known.
 */
export function userFilePath(env: Variables, platform: NodeJS.Platform): string | null {
  const named = env.XDG_CONFIG_HOME || (platform === 'win32' ? env.APPDATA : undefined);
  if (named !== undefined && isAbsolute(named)) return join(named, 'storewire', 'config.json');
  const home = homeOf(env, platform);
  return home === null ? null : join(home, '.config', 'storewire', 'config.json');
}

/** A path as its source means it: a leading `~/` is the home folder, a relative path starts at the source's folder. */
export function resolvePath(path: string, folder: string, home: string | null): string {
  if (home !== null && (path === '~' || /^~[/\\]/.test(path))) return resolve(home, path.slice(2));
  return resolve(folder, path);
}
