import type { KeyObject } from 'node:crypto';
import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';
import { type APPLE_ADDRESSES, ownerOfAddress, wrongAppleAddress } from '../settings/base-address.js';
import { KEY_TITLES, type KeySettings } from '../settings/key.js';
import { checkKeyFile } from '../settings/key-files.js';
import { type KeyKind, type KeySource, keyOfFileName } from '../settings/key-source.js';
import { readPrivateKey } from '../settings/private-key.js';
import type { AppSettings } from '../settings/resolve-app.js';
import { describeSource, type SettingsWarning, type Sourced } from '../settings/setting.js';
import { wrapWords } from '../terminal/width.js';
import { missingSettings } from './missing-settings.js';
import { describeWarnings } from './warnings.js';

/** The bundle id, which both APIs need. Throws usage `ERR_SETTINGS_BUNDLE_ID_MISSING`. */
export function requireBundleId({ bundleId }: Pick<AppSettings, 'bundleId'>): string {
  const missing = missingSettings({ bundleId });
  if (bundleId === null) throw missing;
  return bundleId.value;
}

/** A key whose settings are complete. */
interface CompleteKey<IssuerId extends string | null> {
  readonly issuerId: IssuerId;
  readonly keyId: string;
  readonly source: KeySource;
}

/** The key of the Server API, which always has an issuer. Throws, kind `auth`, `ERR_KEY_NOT_SET` and `ERR_KEY_KIND`. */
export function requireServerKey(key: KeySettings): CompleteKey<string> {
  const { issuerId, keyId, privateKey } = key;
  if (privateKey !== null) refuseOtherKind('server', privateKey.value);
  if (issuerId === null || keyId === null || privateKey === null)
    throw missingSettings({ key: { kind: 'server', settings: key } });
  return { issuerId: issuerId.value, keyId: keyId.value, source: privateKey.value };
}

/** The key of the App Store Connect API: an individual one has no issuer. Throws as {@link requireServerKey}. */
export function requireConnectKey(key: KeySettings): CompleteKey<string | null> {
  const { issuerId, keyId, privateKey } = key;
  if (privateKey !== null) refuseOtherKind('connect', privateKey.value);
  if (keyId === null || privateKey === null) throw missingSettings({ key: { kind: 'connect', settings: key } });
  return { issuerId: issuerId?.value ?? null, keyId: keyId.value, source: privateKey.value };
}

/** Warnings about the settings of one API, before the first request. Those about addresses come from {@link approveAddress}. */
export function apiWarnings(
  { warnings }: { readonly warnings: readonly SettingsWarning[] },
  key: KeySource,
  { platform }: Pick<Deps, 'platform'>,
): readonly SettingsWarning[] {
  const file = key.form === 'path' ? checkKeyFile(key, platform).filter(({ code }) => code !== 'key-missing') : [];
  return [...warnings.filter(({ code }) => code !== 'foreign-address'), ...file];
}

export interface AddressFlags {
  /** The token may be sent to a base address that is neither Apple's nor loopback. */
  readonly yes: boolean;
  readonly json: boolean;
}

/**
 * Checks that the token may be sent to this address: Apple and loopback always, others only with `yes`. Prints every address that is not
 * Apple's. Throws usage `ERR_SETTINGS_FOREIGN_ADDRESS`, and `ERR_SETTINGS_BASE_ADDRESS` for a host of Apple's that does not serve the API.
 */
export function approveAddress(
  { value, source }: Sourced<string>,
  api: keyof typeof APPLE_ADDRESSES,
  { yes, json }: AddressFlags,
  { stderr }: Pick<Deps, 'stderr'>,
): void {
  const owner = ownerOfAddress(value);
  const from = `${value} (${describeSource(source)})`;
  const wrong = wrongAppleAddress(value, api);
  if (wrong !== null) {
    const isFile = source.kind === 'user file' || source.kind === 'project file';
    const place = isFile ? `Remove the base address from ${describeSource(source)}` : `Unset ${source.name}`;
    const hint = `${place}: the default is Apple's own address.`;
    throw new ToolError('usage', 'ERR_SETTINGS_BASE_ADDRESS', `${from}: ${wrong}`, { hint });
  }
  if (owner === 'loopback' && !json) {
    const note = `Using ${from} instead of ${REPLACED[api]}.`;
    stderr.write(`${wrapWords(note, stderr.columns - NOTE_INDENT.length).join(`\n${NOTE_INDENT}`)}\n`);
  }
  if (owner !== 'foreign') return;
  const clear = value.startsWith('http:') ? ', unencrypted' : '';
  if (!yes) throw foreignAddress(`the token would go to ${from}, which is not Apple's${clear}`);
  const message = `the token goes to ${from}, which is not Apple's${clear}`;
  stderr.write(describeWarnings([{ code: 'foreign-address', message }], stderr));
}

const NOTE_INDENT = '  ';

/** The server that a base address replaces. */
const REPLACED = {
  'serverApi.sandbox': "Apple's sandbox",
  'serverApi.production': "Apple's production",
  connectApi: 'App Store Connect',
} as const;

function foreignAddress(message: string): ToolError {
  return new ToolError('usage', 'ERR_SETTINGS_FOREIGN_ADDRESS', message, {
    hint: 'If you trust that address with the token, add --yes; otherwise remove the setting.',
  });
}

/** Apple's names for the files of the two keys. */
export const KEY_FILE_NAMES: Readonly<Record<KeyKind, string>> = {
  server: 'SubscriptionKey_<id>.p8',
  connect: 'AuthKey_<id>.p8',
};

/** Pages of App Store Connect that create the keys. */
const KEY_PLACES: Readonly<Record<KeyKind, string>> = {
  server: 'Users and Access, Integrations, In-App Purchase',
  connect: 'Users and Access, Integrations, App Store Connect API',
};

/** Reads the key at this path. Throws what {@link refuseOtherKind} and readPrivateKey throw. */
export async function readKeyOfKind(kind: KeyKind, path: string, signal: AbortSignal): Promise<KeyObject> {
  const source: KeySource = { form: 'path', path };
  refuseOtherKind(kind, source);
  return readPrivateKey(source, signal);
}

/**
 * Throws `ERR_KEY_KIND` (kind `auth`) where the name of its file says that it is the other kind of key: Apple would only answer 401. The
 * content is no help, as both are P-256.
 */
function refuseOtherKind(wanted: KeyKind, source: KeySource): void {
  const named = source.form === 'path' ? keyOfFileName(source.path) : null;
  if (named === null || source.form !== 'path' || named.kind === wanted) return;
  const message = `${source.path} is an ${KEY_TITLES[named.kind]} by its name, and not an ${KEY_TITLES[wanted]}; the two are not interchangeable`;
  const fileName = KEY_FILE_NAMES[wanted];
  const hint =
    `The file of an ${KEY_TITLES[wanted]} is called ${fileName}. Create one in App Store Connect: ${KEY_PLACES[wanted]}. ` +
    `If this really is one, name it ${fileName.replace('<id>', named.keyId)}.`;
  throw new ToolError('auth', 'ERR_KEY_KIND', message, { hint });
}
