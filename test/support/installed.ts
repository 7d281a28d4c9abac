import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Servers lie where the PATH of a user does not lead. */
const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Where a program of the system is; null where it is not installed. */
export function findInstalled(name: string): string | null {
  const isThere = (file: string): boolean => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return FOLDERS.map((folder) => path.join(folder, name)).find(isThere) ?? null;
}

/** A part of the name of tests that need these programs: empty, or why they are skipped, which `.ci/run` repeats. */
export function reasonToSkip(...names: readonly string[]): string {
  const missing = names.filter((name) => findInstalled(name) === null);
  return missing.length === 0 ? '' : ` (skipped: ${missing.join(' and ')} not installed)`;
}
