import type { CommandDeps } from '../../cli/deps.js';

/** The flags of `init`: one for each question, texts as given. `connect` is false with --no-connect. */
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
  /** False with --no-try: the keys are not tried against Apple. */
  readonly try: boolean;
  /** Try them at an address that is not Apple's, too. */
  readonly yes: boolean;
  readonly json: boolean;
}

export type InitDeps = CommandDeps;

/** Given for a value that is to stay empty, where that can be. */
export const NONE = 'none';
