import { readFileSync } from 'node:fs';
import { AppStoreServerAPIClient, Environment } from '@apple/app-store-server-library';
import type { Emulator } from '../../src/emulator/options.js';

/** Apple's client as it is, asking another address: the only thing changed. */
export class RedirectedClient extends AppStoreServerAPIClient {
  constructor(emulator: Emulator, environment: Environment, bundleId: string = emulator.bundleId) {
    const key = readFileSync(emulator.privateKeyPath, 'utf8');
    super(key, emulator.keyId, emulator.issuerId, bundleId, environment);
    const { sandbox, production } = emulator.serverApi;
    Object.assign(this, { urlBase: environment === Environment.SANDBOX ? sandbox : production });
  }
}
