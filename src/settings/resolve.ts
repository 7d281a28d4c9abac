import { APPLE_ADDRESSES, ownerOfAddress, parseBaseAddress, wrongAppleAddress } from './base-address.js';
import { type KeySettings, resolveKey } from './key.js';
import type { KeyFile } from './key-files.js';
import type { KeyKind } from './key-source.js';
import type { OpenSettings } from './open.js';
import { parseCommand, parseEndpointPath, parsePort, parseStrings } from './parse-listen.js';
import { type AppSettings, pick, resolveApp, resolveEnvironment } from './resolve-app.js';
import { describeSource, type Environment, type Setting, type SettingsWarning, type Sourced } from './setting.js';

interface ServerSettings {
  readonly key: KeySettings;
  readonly address: Readonly<Record<Environment, Sourced<string>>>;
  readonly warnings: readonly SettingsWarning[];
}

interface ConnectSettings {
  readonly key: KeySettings;
  readonly address: Sourced<string>;
  readonly warnings: readonly SettingsWarning[];
}

/** Settings of `listen`; its flags take precedence. Targets and events are in the format of the flags. */
export interface ListenSettings {
  readonly port: Setting<number>;
  readonly path: Setting<string>;
  readonly targets: Setting<readonly string[]>;
  readonly events: Setting<readonly string[]>;
  readonly exec: Setting<string>;
  readonly tunnel: Setting<string>;
}

export interface Settings {
  readonly profile: Setting<string>;
  readonly environment: Setting<Environment>;
  readonly app: AppSettings;
  readonly server: ServerSettings;
  readonly connect: ConnectSettings;
  readonly listen: ListenSettings;
  readonly warnings: readonly SettingsWarning[];
}

/**
 * Resolves all settings. Commands resolve only the part they need, so that a defect elsewhere does not stop them. Pure; `keyFiles` is
 * the result of findKeyFiles. Throws usage errors `ERR_SETTINGS_<DEFECT>` that name the source of the malformed value.
 */
export function resolveSettings(open: OpenSettings, keyFiles: readonly KeyFile[]): Settings {
  const server = resolveServer(open, keyFiles);
  const connect = resolveConnect(open, keyFiles);
  return {
    profile: open.profile,
    environment: resolveEnvironment(open),
    app: resolveApp(open),
    server,
    connect,
    listen: resolveListen(open),
    warnings: [...open.warnings, ...server.warnings, ...connect.warnings],
  };
}

/** Key and addresses of the App Store Server API. */
export function resolveServer(open: OpenSettings, keyFiles: readonly KeyFile[]): ServerSettings {
  const key = keyOf('server', open, keyFiles);
  const address = {
    sandbox: addressOf(open, 'serverApi.sandbox'),
    production: addressOf(open, 'serverApi.production'),
  };
  const warnings = [
    ...addressWarning('App Store Server API', 'serverApi.sandbox', address.sandbox),
    ...addressWarning('App Store Server API', 'serverApi.production', address.production),
  ];
  return { key, address, warnings: [...key.warnings, ...warnings] };
}

/** Key and address of the App Store Connect API. */
export function resolveConnect(open: OpenSettings, keyFiles: readonly KeyFile[]): ConnectSettings {
  const key = keyOf('connect', open, keyFiles);
  const address = addressOf(open, 'connectApi');
  return {
    key,
    address,
    warnings: [...key.warnings, ...addressWarning('App Store Connect API', 'connectApi', address)],
  };
}

export function resolveListen(open: OpenSettings): ListenSettings {
  return {
    port: pick(open, 'port', parsePort),
    path: pick(open, 'path', parseEndpointPath),
    targets: pick(open, 'targets', (raw) => parseStrings(raw, 'TARGETS')),
    events: pick(open, 'events', (raw) => parseStrings(raw, 'EVENTS')),
    exec: pick(open, 'exec', (raw) => parseCommand(raw, 'EXEC')),
    tunnel: pick(open, 'tunnel', (raw) => parseCommand(raw, 'TUNNEL')),
  };
}

function keyOf(kind: KeyKind, open: OpenSettings, keyFiles: readonly KeyFile[]): KeySettings {
  return resolveKey(kind, { own: open.layers, fallbacks: open.fallbacks, keyFiles, home: open.home });
}

function addressOf(open: OpenSettings, name: keyof typeof APPLE_ADDRESSES): Sourced<string> {
  return (
    pick(open, name, parseBaseAddress) ?? { value: APPLE_ADDRESSES[name], source: { kind: 'default', name: "Apple's" } }
  );
}

function addressWarning(
  title: string,
  api: keyof typeof APPLE_ADDRESSES,
  base: Sourced<string>,
): readonly SettingsWarning[] {
  const wrong = wrongAppleAddress(base.value, api);
  if (wrong !== null) {
    const message = `the ${title} is set to ${base.value} (${describeSource(base.source)}): ${wrong}`;
    return [{ code: 'foreign-address', message }];
  }
  if (ownerOfAddress(base.value) !== 'foreign') return [];
  const unencrypted = base.value.startsWith('http:') ? ' unencrypted' : '';
  const message = `the ${title} is set to ${base.value} (${describeSource(base.source)}), which is not an Apple host: tokens would be sent there${unencrypted}, so commands that use it require --yes`;
  return [{ code: 'foreign-address', message }];
}
