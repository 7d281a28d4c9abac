/** Why readSmallFile did not read a file, in words: the end of a sentence that begins with its name. */
export function describeFileFailure(code: string | undefined, file: string): string {
  if (/^https?:\/\//i.test(file)) return 'is a URL, not a file';
  return (code === undefined ? undefined : WORDS[code]) ?? `cannot be read (${code ?? 'error'})`;
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  NO_FILE: 'is a device or socket, not a file',
  TOO_LARGE: 'has more than 1 MiB',
};
