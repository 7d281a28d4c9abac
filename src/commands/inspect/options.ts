import type { Deps } from '../../cli/deps.js';
import type { ForwardFlags } from '../../cli/forward-options.js';

export interface InspectFlags extends ForwardFlags {
  readonly port?: number;
  readonly root?: readonly string[];
  readonly profile?: string;
}

export type InspectDeps = Pick<
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
  | 'signal'
  | 'suspend'
  | 'platform'
  | 'userId'
  | 'isRunning'
>;
