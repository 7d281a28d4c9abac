import { ToolError } from '../errors.js';
import { KEY_TITLES, type KeySettings } from '../settings/key.js';
import type { KeyKind } from '../settings/key-source.js';

const VARIABLES: Readonly<Record<KeyKind, string>> = { server: 'STOREWIRE_', connect: 'STOREWIRE_CONNECT_' };

/** Settings that a command needs: null where not set, absent where not needed. */
export interface NeededSettings {
  /** Values that --environment accepts. */
  readonly environment?: { readonly value: unknown; readonly words: string };
  readonly bundleId?: unknown;
  readonly key?: { readonly kind: KeyKind; readonly settings: KeySettings };
}

/**
 * One error for everything that is missing, each setting with its flag and variable; null if nothing is. The first of them decides the code:
 * `ERR_SETTINGS_ENVIRONMENT_MISSING`, `ERR_SETTINGS_BUNDLE_ID_MISSING` (both usage), `ERR_KEY_NOT_SET` (auth).
 */
export function missingSettings({ environment, bundleId, key }: NeededSettings): ToolError | null {
  const parts = key === undefined ? [] : missingKeyParts(key.kind, key.settings);
  const others = [
    ...(environment?.value === null
      ? [`environment (--environment ${environment.words}, or STOREWIRE_ENVIRONMENT)`]
      : []),
    ...(bundleId === null ? ['bundle id (--bundle-id com.example.app, or STOREWIRE_BUNDLE_ID)'] : []),
  ];
  if (others.length > 0 && others.length + parts.length > 1) {
    const code = environment?.value === null ? 'ERR_SETTINGS_ENVIRONMENT_MISSING' : 'ERR_SETTINGS_BUNDLE_ID_MISSING';
    const message = `missing settings: ${[...others, ...parts].join(', ')}`;
    return new ToolError('usage', code, message, { hint: hintOf(key?.settings) });
  }
  if (environment?.value === null) return missingEnvironment(environment.words);
  if (bundleId === null) return missingBundleId();
  if (key === undefined || parts.length === 0) return null;
  const message = `the ${KEY_TITLES[key.kind]} is incomplete, missing: ${parts.join(', ')}`;
  return new ToolError('auth', 'ERR_KEY_NOT_SET', message, { hint: hintOf(key.settings) });
}

function missingKeyParts(kind: KeyKind, { issuerId, keyId, privateKey }: KeySettings): readonly string[] {
  const names = VARIABLES[kind];
  return [
    ...(issuerId === null && kind === 'server' ? [`issuer id (${names}ISSUER_ID)`] : []),
    ...(keyId === null ? [`key id (${names}KEY_ID)`] : []),
    ...(privateKey === null ? [`private key (${names}PRIVATE_KEY or ${names}PRIVATE_KEY_PATH)`] : []),
  ];
}

/** Several keys in Apple's folders: the choice among them is the next step. */
function hintOf(key: KeySettings | undefined): string {
  const choice = key?.warnings.find(({ code }) => code === 'key-choice');
  return choice?.message ?? 'Set the missing values, or run `storewire init`.';
}

function missingEnvironment(words: string): ToolError {
  const message = 'the environment is not set, and there is no default';
  return new ToolError('usage', 'ERR_SETTINGS_ENVIRONMENT_MISSING', message, {
    hint: `Add --environment ${words}, or set STOREWIRE_ENVIRONMENT.`,
  });
}

function missingBundleId(): ToolError {
  return new ToolError('usage', 'ERR_SETTINGS_BUNDLE_ID_MISSING', 'the bundle id of the app is not set', {
    hint: 'Pass --bundle-id com.example.app, set STOREWIRE_BUNDLE_ID, or run `storewire init`.',
  });
}
