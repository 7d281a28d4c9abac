import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { ConfigFile } from './files.js';
import { FALLBACK_SETS, PROJECT_KEYS, SETTING_NAMES, SETTING_WAYS, type SettingName } from './names.js';
import type { Source, Sourced } from './setting.js';

/** What one source says, unparsed. `folder` is where its relative paths start. */
export interface Layer {
  readonly folder: string;
  readonly values: ReadonlyMap<SettingName, Sourced<Json>>;
}

/** The flags that name a setting, as commander gives them; a command passes those it has. */
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
    values.set(name, from('flag', SETTING_WAYS[name].flag ?? name, value));
  }
  return { folder: cwd, values };
}

export function environmentLayer(env: Variables, cwd: string): Layer {
  const variables = SETTING_NAMES.map((name) => [name, SETTING_WAYS[name].variables ?? []] as const);
  return { folder: cwd, values: readVariables(variables, env, 'environment') };
}

/** One layer for each other tool, in the order they are tried; one that sets nothing is left out. */
export function fallbackLayers(env: Variables, cwd: string): readonly Layer[] {
  return FALLBACK_SETS.map((set) => ({
    folder: cwd,
    values: readVariables(Object.entries(set) as [SettingName, readonly string[]][], env, 'fallback'),
  })).filter((layer) => layer.values.size > 0);
}

export function projectLayer(file: ConfigFile): Layer {
  return { folder: file.folder, values: readObject(file.content, PROJECT_KEYS, 'project file', file.path) };
}

/** The chosen profile of the user file; every setting but `profile` itself may stand in it. */
export function profileLayer(file: ConfigFile, profile: JsonObject): Layer {
  const names = SETTING_NAMES.filter((name) => name !== 'profile');
  return { folder: file.folder, values: readObject(profile, names, 'user file', file.path) };
}

/** A variable that is set but empty counts as not set: CI systems export secrets they do not have as empty text. */
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
): Map<SettingName, Sourced<Json>> {
  const values = new Map<SettingName, Sourced<Json>>();
  for (const name of names) {
    const value = valueAt(content, name);
    if (value !== undefined && value !== null) values.set(name, from(kind, path, value));
  }
  return values;
}

/** `server.privateKey` may be written `privateKeyPath` too, as the variable is; either way a key is told by its looks. */
function valueAt(content: JsonObject, name: SettingName): Json | undefined {
  const [group, field] = name.split('.') as [string, string | undefined];
  const value = ownValue(content, group);
  if (field === undefined) return value;
  if (!isJsonObject(value)) return undefined;
  return ownValue(value, field) ?? (field === 'privateKey' ? ownValue(value, 'privateKeyPath') : undefined);
}

/** Own fields only: a profile called `constructor` is a name like any other. */
export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function from(kind: Source['kind'], name: string, value: Json): Sourced<Json> {
  return { value, source: { kind, name } };
}
