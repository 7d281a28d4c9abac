import { ToolError } from '../errors.js';

/**
 * A write that failed, said in words. The cause is kept; its code is named, since it is what to search for. Usage error
 * `ERR_JOURNAL_WRITE`.
 */
export function writeError(path: string, cause: unknown): ToolError {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  const { words, hint } = CAUSES[code] ?? { words: 'it failed', hint: 'Look at the disk, then try again.' };
  const named = code === '' ? String(cause) : code;
  return new ToolError('usage', 'ERR_JOURNAL_WRITE', `the journal ${path} cannot be written: ${words} (${named})`, {
    hint,
    cause,
  });
}

const FULL = {
  words: 'the disk is full',
  hint: 'Make room: `storewire journal prune` drops what is old.',
};
const FORBIDDEN = {
  words: 'it is not allowed here',
  hint: 'Check who owns the folder and whether it may be written, or run in another one.',
};
const READ_ONLY = {
  words: 'the file system is read-only',
  hint: 'Mount it for writing, or run in another folder.',
};

const CAUSES: Readonly<Record<string, { readonly words: string; readonly hint: string }>> = {
  ENOSPC: FULL,
  EDQUOT: { words: 'the disk quota is used up', hint: FULL.hint },
  EROFS: READ_ONLY,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EIO: { words: 'the disk failed', hint: 'Look at the disk: it may be about to fail for good.' },
  EFBIG: { words: 'the file is as large as it may be', hint: 'Move it away: a new one is made.' },
  ELOOP: { words: 'it is a symbolic link, which a clone may have brought', hint: 'Move it away: a new one is made.' },
  ENOENT: { words: 'its folder is gone', hint: 'Start again: the folder is made anew.' },
  EMFILE: { words: 'too many files are open', hint: 'Raise the limit with `ulimit -n`.' },
};
