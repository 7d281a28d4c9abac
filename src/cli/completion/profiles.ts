import { isJsonObject } from '../../jws/json.js';
import { readConfigFile } from '../../settings/files.js';
import { userFilePath } from '../../settings/paths.js';
import type { Deps } from '../deps.js';

/** The names of the profiles in the user file; none where it is missing or cannot be read: a Tab is no place to say why. */
export function profileNames({ env, platform }: Pick<Deps, 'env' | 'platform'>): readonly string[] {
  const path = userFilePath(env, platform);
  if (path === null) return [];
  try {
    const profiles = readConfigFile(path)?.content.profiles;
    return isJsonObject(profiles) ? Object.keys(profiles) : [];
  } catch {
    return [];
  }
}
