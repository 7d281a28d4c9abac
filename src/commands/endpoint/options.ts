import type { CommandDeps, Deps } from '../../cli/deps.js';

/** Flags of every `endpoint` command. */
export interface EndpointFlags {
  readonly profile?: string;
  readonly bundleId?: string;
  /** Milliseconds for reading the app. A change that was sent is not given up: its result would be unknown. */
  readonly timeout: number;
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

export type EndpointDeps = CommandDeps & Pick<Deps, 'isRunning'>;
