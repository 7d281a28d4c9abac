import { readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFileName } from '../files.js';
import { indexPathOf } from './index-file.js';

const INDEX_NAME = /^((?:journal|rejected|replay)(?:-[0-9TZa-f-]+)?)\.index(?:\.new)?$/;

export function isIndexName(name: string): boolean {
  return INDEX_NAME.test(name);
}

/** Deletes a file of the journal, then its index. */
export async function deleteWithIndex(path: string): Promise<void> {
  await unlink(path);
  await rm(indexPathOf(path), { force: true });
}

/** Deletes the indexes of files that are gone. */
export async function deleteOrphanedIndexes(folder: string): Promise<void> {
  const names = await readdir(folder);
  const files = new Set(names.filter((name) => parseFileName(name) !== null));
  for (const name of names) {
    const [, start] = INDEX_NAME.exec(name) ?? [];
    if (start !== undefined && !files.has(`${start}.ndjson`)) await rm(join(folder, name), { force: true });
  }
}
