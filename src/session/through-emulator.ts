import type { Deps } from '../cli/deps.js';
import type { EmulatorAddresses } from '../emulator/events.js';
import { openSettings } from '../settings/open.js';
import { findRunningEmulator } from './running-emulator.js';

/** Environment variables of a client of an emulator. */
export function emulatorVariables(emulator: EmulatorAddresses): Readonly<Record<string, string>> {
  return {
    STOREWIRE_SERVER_API_SANDBOX_URL: emulator.serverApi.sandbox,
    STOREWIRE_SERVER_API_PRODUCTION_URL: emulator.serverApi.production,
    STOREWIRE_CONNECT_API_URL: emulator.connectApi,
    STOREWIRE_BUNDLE_ID: emulator.bundleId,
    STOREWIRE_APP_APPLE_ID: String(emulator.appAppleId),
    STOREWIRE_ISSUER_ID: emulator.issuerId,
    STOREWIRE_KEY_ID: emulator.keyId,
    STOREWIRE_PRIVATE_KEY_PATH: emulator.privateKeyPath,
    STOREWIRE_CONNECT_ISSUER_ID: emulator.connect.issuerId,
    STOREWIRE_CONNECT_KEY_ID: emulator.connect.keyId,
    STOREWIRE_CONNECT_PRIVATE_KEY_PATH: emulator.connect.privateKeyPath,
    STOREWIRE_ROOT: emulator.rootPath,
    STOREWIRE_EMULATOR_TOKEN: emulator.controlToken,
  };
}

/** Keys as text, which would come before those of the emulator. */
const OWN_KEYS = { STOREWIRE_PRIVATE_KEY: undefined, STOREWIRE_CONNECT_PRIVATE_KEY: undefined };

/**
 * The same Deps with the variables of the project's running emulator, as if they were exported: requests go to it instead of Apple, with
 * its keys only. Throws the errors of `findRunningEmulator`, and of the settings files.
 */
export async function throughEmulator<
  Given extends Pick<Deps, 'env' | 'cwd' | 'userId' | 'platform' | 'random' | 'http' | 'sleep' | 'signal'>,
>(deps: Given): Promise<Given> {
  const emulator = await findRunningEmulator(openSettings({ ...deps, flags: {} }), deps);
  return { ...deps, env: { ...deps.env, ...OWN_KEYS, ...emulatorVariables(emulator) } };
}
