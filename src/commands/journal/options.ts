import type { Deps } from '../../cli/deps.js';
import type { Since } from '../../cli/options.js';
import type { PayloadFilter } from '../../notification/payload-filter.js';

/** Flags that select entries. */
export interface JournalFilterFlags extends PayloadFilter {
  readonly since?: Since;
  readonly events?: readonly string[];
  readonly failed: boolean;
  readonly repeats: boolean;
  readonly rejected: boolean;
  /** Number of entries, the newest ones. */
  readonly limit?: number;
  readonly verbose?: boolean;
  readonly profile?: string;
}

export interface JournalListOptions extends JournalFilterFlags {
  readonly json: boolean;
}

export interface JournalShowOptions {
  /** An id, its first characters, or `last`. */
  readonly id: string;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly root?: readonly string[];
  readonly profile?: string;
}

export interface JournalExportOptions extends JournalFilterFlags {
  /** Path of a file; stdout where left out. */
  readonly output?: string;
}

export interface JournalPruneOptions {
  /** Milliseconds. */
  readonly olderThan: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly profile?: string;
}

export type JournalDeps = Pick<
  Deps,
  | 'stdin'
  | 'stdout'
  | 'stderr'
  | 'env'
  | 'cwd'
  | 'now'
  | 'prompts'
  | 'signal'
  | 'platform'
  | 'userId'
  | 'processId'
  | 'isRunning'
>;
