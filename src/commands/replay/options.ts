import type { CommandDeps, Deps } from '../../cli/deps.js';
import type { ForwardFlags } from '../../cli/forward-options.js';
import type { PayloadFilter } from '../../notification/payload-filter.js';
import type { SentHistoryFlags } from '../../session/sent-history.js';

export interface ReplayOptions
  extends Omit<SentHistoryFlags, 'until' | 'type' | 'subtype' | 'transactionId'>,
    ForwardFlags,
    Omit<PayloadFilter, 'bundleId'> {
  /** Ids or files; empty for a selection by flags, or stdin. */
  readonly args: readonly string[];
  readonly all: boolean;
  readonly failed: boolean;
  readonly events?: readonly string[];
  readonly fromHistory: boolean;
  readonly resume: boolean;
  /** Notifications a second. */
  readonly rate: number;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  /** Deadline in milliseconds; none where left out. */
  readonly timeout?: number;
}

export type ReplayDeps = Omit<CommandDeps, 'prompts'> & Pick<Deps, 'suspend'>;
