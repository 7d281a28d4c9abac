import type { Json } from '../jws/json.js';
import type { Layer } from './layer.js';
import type { SettingName } from './names.js';
import type { OpenSettings } from './open.js';
import { type AppAppleId, parseAppAppleId, parseBundleId, parseEnvironmentSetting, parseRootPaths } from './parse.js';
import type { Environment, Setting, Sourced } from './setting.js';

/** Expected app of a payload, and additional trusted roots (absolute paths). */
export interface AppSettings {
  readonly bundleId: Setting<string>;
  readonly appAppleId: Setting<AppAppleId>;
  readonly roots: Setting<readonly string[]>;
}

export function resolveEnvironment(open: OpenSettings): Setting<Environment> {
  return pick(open, 'environment', parseEnvironmentSetting);
}

export function resolveApp(open: OpenSettings): AppSettings {
  return {
    bundleId: pick(open, 'bundleId', parseBundleId),
    appAppleId: pick(open, 'appAppleId', parseAppAppleId),
    roots: pick(open, 'root', (raw, layer) => parseRootPaths(raw, layer.folder, open.home)),
  };
}

/** Takes the value of the layer with the highest precedence; values in lower layers are not parsed. */
export function pick<T>(
  open: OpenSettings,
  name: SettingName,
  parse: (raw: Sourced<Json>, layer: Layer) => T,
): Setting<T> {
  for (const layer of open.layers) {
    const raw = layer.values.get(name);
    if (raw !== undefined) return { value: parse(raw, layer), source: raw.source };
  }
  return null;
}
