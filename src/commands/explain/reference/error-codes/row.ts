import type { ErrorKind } from '../../../../errors.js';

/** Kind of a failure. `no` is a result and not a failure, with exit code 1; `bug` is one of storewire itself, with 70. */
export type CodeKind = ErrorKind | 'no' | 'bug';

/** One error code: its kinds, which decide the exit code, what failed, and the next step. */
export type CodeRow = readonly [
  code: `ERR_${string}`,
  kinds: CodeKind | readonly CodeKind[],
  meaning: string,
  next: string,
];
