import type { KeyObject } from 'node:crypto';
import { ToolError } from '../../errors.js';
import { KEY_TITLES } from '../../settings/key.js';
import { type KeyKind, type KeySource, keyOfFileName } from '../../settings/key-source.js';
import { readPrivateKey } from '../../settings/private-key.js';

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

/**
 * Reads the key at this path. Throws `ERR_KEY_KIND` (kind `auth`) where its name says that it is the other kind of key, and what
 * readPrivateKey throws. The content cannot tell: both are P-256.
 */
export async function readKeyOfKind(kind: KeyKind, path: string): Promise<KeyObject> {
  const named = keyOfFileName(path);
  if (named !== null && named.kind !== kind) throw wrongKind(kind, named.kind, path);
  const source: KeySource = { form: 'path', path };
  return readPrivateKey(source);
}

function wrongKind(wanted: KeyKind, found: KeyKind, path: string): ToolError {
  const message = `${path} is an ${KEY_TITLES[found]} by its name, and an ${KEY_TITLES[wanted]} belongs here: Apple takes neither in the other's place`;
  const hint = `The file of an ${KEY_TITLES[wanted]} is called ${KEY_FILE_NAMES[wanted]}. It is made in App Store Connect: ${KEY_PLACES[wanted]}.`;
  return new ToolError('auth', 'ERR_KEY_KIND', message, { hint });
}
