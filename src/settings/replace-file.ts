import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file atomically with `text`, so that no reader sees it half written, and syncs it to disk: mode 0600, in a folder
 * created with mode 0700 if missing. `suffix` makes the name of the temporary file unique. Throws system errors.
 */
export function replaceFile(path: string, text: string, suffix: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${suffix}.new`;
  // `wx` never follows a link and never overwrites an existing file.
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeAndClose(file, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeAndClose(file: number, text: string): void {
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
