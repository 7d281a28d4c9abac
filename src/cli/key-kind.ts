import type { KeyObject } from 'node:crypto';
import { ToolError } from '../errors.js';
import { KEY_TITLES } from '../settings/key.js';
import { type KeyKind, type KeySource, keyOfFileName } from '../settings/key-source.js';
import { readPrivateKey } from '../settings/private-key.js';

/** What Apple calls the file of each key. */
export const KEY_FILE_NAMES: Readonly<Record<KeyKind, string>> = {
  server: 'SubscriptionKey_<id>.p8',
  connect: 'AuthKey_<id>.p8',
};

/** Where in App Store Connect each key is made. */
const KEY_PLACES: Readonly<Record<KeyKind, string>> = {
  server: 'Users and Access, Integrations, In-App Purchase',
  connect: 'Users and Access, Integrations, App Store Connect API',
};

/** Reads the key at this path. Throws what {@link refuseOtherKind} and readPrivateKey throw. */
export async function readKeyOfKind(kind: KeyKind, path: string): Promise<KeyObject> {
  const source: KeySource = { form: 'path', path };
  refuseOtherKind(kind, source);
  return readPrivateKey(source);
}

/**
 * Throws `ERR_KEY_KIND` (kind `auth`) where the name of its file says that it is the other kind of key: Apple would only answer 401. The
 * content cannot tell, as both are P-256.
 */
export function refuseOtherKind(wanted: KeyKind, source: KeySource): void {
  const named = source.form === 'path' ? keyOfFileName(source.path) : null;
  if (named === null || source.form !== 'path' || named.kind === wanted) return;
  const message = `${source.path} is an ${KEY_TITLES[named.kind]} by its name, and an ${KEY_TITLES[wanted]} belongs here: Apple takes neither in the other's place`;
  const fileName = KEY_FILE_NAMES[wanted];
  const hint =
    `The file of an ${KEY_TITLES[wanted]} is called ${fileName}. It is made in App Store Connect: ${KEY_PLACES[wanted]}. ` +
    `If this really is one, name it ${fileName.replace('<id>', named.keyId)}.`;
  throw new ToolError('auth', 'ERR_KEY_KIND', message, { hint });
}
