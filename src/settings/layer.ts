import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { ConfigFile } from './files.js';
import { FALLBACK_SETS, PROJECT_KEYS, SETTING_INPUTS, SETTING_NAMES, type SettingName } from './names.js';
import type { Source, Sourced } from './setting.js';

/** Unparsed values of one source. Relative paths in it are relative to `folder`. */
export interface Layer {
  readonly folder: string;
  readonly values: ReadonlyMap<SettingName, Sourced<Json>>;
}

/** Values of the flags that set a setting, as parsed by commander; a command passes those it has. */
export interface SettingFlags {
  readonly profile?: string;
  readonly environment?: string;
  readonly bundleId?: string;
  readonly appAppleId?: string;
  readonly root?: readonly string[];
}

export type Variables = Readonly<Record<string, string | undefined>>;

export function flagLayer(flags: SettingFlags, cwd: string): Layer {
  const values = new Map<SettingName, Sourced<Json>>();
  for (const name of SETTING_NAMES) {
    const value = (flags as Readonly<Record<string, Json | undefined>>)[name];
    // A repeatable flag that was not given is an empty list.
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    values.set(name, from('flag', SETTING_INPUTS[name].flag ?? name, value));
  }
  return { folder: cwd, values };
}

export function environmentLayer(env: Variables, cwd: string): Layer {
  const variables = SETTING_NAMES.map((name) => [name, SETTING_INPUTS[name].variables ?? []] as const);
  return { folder: cwd, values: readVariables(variables, env, 'environment') };
}

/** One layer for each other tool that sets a variable, in the order they are tried. */
export function fallbackLayers(env: Variables, cwd: string): readonly Layer[] {
  return FALLBACK_SETS.map((set) => ({
    folder: cwd,
    values: readVariables(Object.entries(set) as [SettingName, readonly string[]][], env, 'fallback'),
  })).filter((layer) => layer.values.size > 0);
}

export function projectLayer(file: ConfigFile): Layer {
  return { folder: file.folder, values: readObject(file.content, PROJECT_KEYS, 'project file', file.path) };
}

/** The chosen profile of the user file, which may contain every setting except `profile`. */
export function profileLayer(file: ConfigFile, profile: JsonObject, profileName?: string): Layer {
  const names = SETTING_NAMES.filter((name) => name !== 'profile');
  return { folder: file.folder, values: readObject(profile, names, 'user file', file.path, profileName) };
}

/** An empty variable counts as not set: CI systems export missing secrets as empty strings. */
function readVariables(
  variables: Iterable<readonly [SettingName, readonly string[]]>,
  env: Variables,
  kind: Source['kind'],
): Map<SettingName, Sourced<Json>> {
  const values = new Map<SettingName, Sourced<Json>>();
  for (const [name, candidates] of variables) {
    const variable = candidates.find((candidate) => env[candidate]?.trim());
    if (variable !== undefined) values.set(name, from(kind, variable, env[variable] ?? ''));
  }
  return values;
}

function readObject(
  content: JsonObject,
  names: readonly SettingName[],
  kind: Source['kind'],
  path: string,
  profile?: string,
): Map<SettingName, Sourced<Json>> {
  const values = new Map<SettingName, Sourced<Json>>();
  const source = { kind, name: path, ...(profile !== undefined && { profile }) };
  for (const name of names) {
    const value = valueAt(content, name);
    if (value !== undefined && value !== null) values.set(name, { value, source });
  }
  return values;
}

/** `server.privateKey` may also be written `privateKeyPath`, like the variable; the value itself shows whether it is a path. */
function valueAt(content: JsonObject, name: SettingName): Json | undefined {
  const [group, field] = name.split('.') as [string, string | undefined];
  const value = ownValue(content, group);
  if (field === undefined) return value;
  if (!isJsonObject(value)) return undefined;
  return ownValue(value, field) ?? (field === 'privateKey' ? ownValue(value, 'privateKeyPath') : undefined);
}

/** Own fields only, so that a profile may be named `constructor`. */
export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function from(kind: Source['kind'], name: string, value: Json): Sourced<Json> {
  return { value, source: { kind, name } };
}
