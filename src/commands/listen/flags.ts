import type { ForwardFlags } from '../../cli/forward-options.js';

/** Flags of `listen`. A flag without default is absent unless given, so that a setting can apply. */
export interface ListenFlags extends ForwardFlags {
  readonly port?: number;
  readonly host: string;
  readonly path?: string;
  readonly publicUrl?: string;
  readonly tunnel?: string;
  readonly appleOnly: boolean;
  readonly trustProxy?: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly answer: 'ack' | 'forwarded';
  readonly events?: string;
  readonly deliver?: 'Sandbox' | 'Production';
  readonly exec?: string;
  readonly onInvalid: 'reject' | 'forward' | 'drop';
  readonly root?: readonly string[];
  readonly trustAuthority: boolean;
  readonly bundleId?: string;
  /** Accepts the notifications of any app, whatever the settings say. */
  readonly anyApp: boolean;
  /** Bytes. */
  readonly journalLimit: number;
  readonly appAppleId?: string;
  readonly environment?: 'Sandbox' | 'Production';
  readonly respond?: number;
  readonly failFirst?: number;
  /** Milliseconds. */
  readonly delay?: number;
  readonly hang: boolean;
  readonly expect?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly exitAfter?: number;
  readonly claim?: 'sandbox';
  /** Shows what `claim` would divert; changes nothing. */
  readonly dryRun: boolean;
  /** Claims without asking. */
  readonly yes: boolean;
  /** Serves the local page: at this port, or at the usual one for `true`. */
  readonly inspect?: number | true;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly profile?: string;
}
