/** Bounds of what the journal keeps. */
export interface JournalLimits {
  /** Size of all files together, without those of rejected bodies; beyond it nothing is recorded. */
  readonly totalBytes: number;
  /** Size of one main file, before it is rotated. */
  readonly mainBytes: number;
  /** Size of one file of rejected bodies. */
  readonly rejectedBytes: number;
  /** Size of all files of rejected bodies together. */
  readonly rejectedTotalBytes: number;
  /** Records are deleted after this time (ms); those of an open file once it is rotated. */
  readonly retentionMs: number;
  /** Time from opening a file to its rotation (ms). */
  readonly openMs: number;
}

export const DEFAULT_JOURNAL_LIMITS: JournalLimits = {
  totalBytes: 2 * 1024 * 1024 * 1024,
  mainBytes: 64 * 1024 * 1024,
  rejectedBytes: 10 * 1024 * 1024,
  rejectedTotalBytes: 100 * 1024 * 1024,
  retentionMs: 30 * 86_400_000,
  openMs: 86_400_000,
};
