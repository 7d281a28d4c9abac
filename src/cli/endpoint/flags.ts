import type { Deps } from '../deps.js';

/** Flags of every `endpoint` command. */
export interface EndpointFlags {
  readonly profile?: string;
  readonly bundleId?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

export interface EndpointRestoreFlags extends EndpointFlags {
  readonly dryRun: boolean;
}

export interface EndpointSetFlags extends EndpointRestoreFlags {
  /** A URL, or `none`. */
  readonly sandbox?: string;
  /** A URL, or `none`. */
  readonly production?: string;
  readonly version?: 'V1' | 'V2';
}

export type EndpointDeps = Pick<
  Deps,
  | 'stdin'
  | 'stdout'
  | 'stderr'
  | 'env'
  | 'cwd'
  | 'now'
  | 'sleep'
  | 'random'
  | 'http'
  | 'prompts'
  | 'signal'
  | 'platform'
  | 'userId'
  | 'isRunning'
>;
