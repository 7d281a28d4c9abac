import type { Deps } from '../cli/deps.js';
import type { EmulatorAddresses } from '../emulator/events.js';

/** Variables that name the Server API, its key, the app and the root of an emulator, over those of the environment. */
export function emulatorVariables(
  { serverApi, bundleId, appAppleId, issuerId, keyId, privateKeyPath, rootPath }: EmulatorAddresses,
  env: Deps['env'],
): Deps['env'] {
  return {
    ...env,
    STOREWIRE_SERVER_API_SANDBOX_URL: serverApi.sandbox,
    STOREWIRE_SERVER_API_PRODUCTION_URL: serverApi.production,
    STOREWIRE_BUNDLE_ID: bundleId,
    STOREWIRE_APP_APPLE_ID: String(appAppleId),
    STOREWIRE_ISSUER_ID: issuerId,
    STOREWIRE_KEY_ID: keyId,
    // One that is given inline would come first.
    STOREWIRE_PRIVATE_KEY: undefined,
    STOREWIRE_PRIVATE_KEY_PATH: privateKeyPath,
    STOREWIRE_ROOT: rootPath,
  };
}
