import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { ToolError } from '../../errors.js';

/** A file as it is called in messages, and where it is. */
export interface FilePlace {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/**
 * Every file below a directory, sorted, without dot files and `node_modules`. Links to files are followed, links to directories are not:
 * they may lead in a circle. Throws `ERR_INPUT_UNREADABLE`.
 */
export function listFolder(name: string, folder: string): FilePlace[] {
  return readEntries(name, folder).flatMap((entry) => {
    const place = { name: `${name.replace(/[\\/]+$/, '')}/${entry.name}`, path: path.join(folder, entry.name) };
    return entry.isDirectory() ? listFolder(place.name, place.path) : listFile(place, entry);
  });
}

function readEntries(name: string, folder: string): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const visible = entries.filter((entry) => !entry.name.startsWith('.') && entry.name !== 'node_modules');
    return visible.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** A link that leads nowhere is passed; nobody named it. */
function listFile(place: Omit<FilePlace, 'size'>, entry: Dirent): FilePlace[] {
  if (!entry.isFile() && !entry.isSymbolicLink()) return [];
  const stats = statOrNothing(place, entry.isSymbolicLink());
  return stats?.isFile() === true ? [{ ...place, size: stats.size }] : [];
}

function statOrNothing({ name, path: file }: Omit<FilePlace, 'size'>, isLink: boolean): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (isLink) return undefined;
    throw unreadable(name, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it is no longer there',
  EIO: 'the disk reports an error',
  EMFILE: 'too many open files',
};

/** `ERR_INPUT_UNREADABLE` for what is there and cannot be read. */
export function unreadable(name: string, cause: unknown): ToolError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return new ToolError('usage', 'ERR_INPUT_UNREADABLE', `cannot read ${name}: ${REASONS[code] ?? code}`, {
    hint: 'Check who owns it and who may read it, or pipe its content in: … | storewire decode -',
    cause,
  });
}
