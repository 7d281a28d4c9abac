import type { CommandDeps } from '../../cli/deps.js';

/** Flags of `init`, one per prompt, unparsed. `connect` is false with --no-connect. */
export interface InitOptions {
  readonly profile?: string;
  readonly environment?: string;
  readonly bundleId?: string;
  readonly appAppleId?: string;
  readonly privateKeyPath?: string;
  readonly keyId?: string;
  readonly issuerId?: string;
  readonly connect: boolean;
  readonly connectPrivateKeyPath?: string;
  readonly connectKeyId?: string;
  readonly connectIssuerId?: string;
  /** Replace a profile of the same name. */
  readonly force: boolean;
  /** False with --no-try: the keys are not tested. */
  readonly try: boolean;
  /** Also test the keys at an address that is not Apple's. */
  readonly yes: boolean;
  readonly json: boolean;
}

export type InitDeps = CommandDeps;

/** Value that leaves an optional setting empty. */
export const NONE = 'none';
