import type { Deps } from '../../cli/deps.js';
import type { Since } from '../../cli/options.js';
import type { ServerDeps, ServerFlags } from '../../session/server.js';

export interface TimelineOptions extends ServerFlags {
  readonly inputs: readonly string[];
  /** Beginning of an originalTransactionId, transactionId or appAccountToken. */
  readonly id?: string;
  readonly environment?: 'Sandbox' | 'Production';
  /** Number of purchases, those with the newest events. */
  readonly limit?: number;
  readonly fromHistory: boolean;
  readonly since?: Since;
  readonly until?: Since;
  /** Milliseconds; none by default. */
  readonly timeout?: number;
  /** Path; `-` for stdout. */
  readonly svg?: string;
  readonly html?: string;
  readonly strict: boolean;
  readonly verbose: boolean;
}

export type TimelineDeps = ServerDeps & Pick<Deps, 'stdin' | 'suspend' | 'startWorker' | 'cores'>;
