import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Puts `text` in the place of a file at once, so that it is never seen half written, and is on disk when this returns: 0600, in a folder
 * that is made 0700 where there is none. `suffix` makes the name of the new file its own until then. Throws what the system throws.
 */
export function replaceFile(path: string, text: string, suffix: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${suffix}.new`;
  // `wx` never writes through a link nor over a file that is there.
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeAndClose(file, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
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
