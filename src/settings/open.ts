import { ToolError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { teamPrefixOf } from '../notification/bundle-id.js';
import { type ConfigFile, readConfigFile, readProjectFile } from './files.js';
import {
  environmentLayer,
  fallbackLayers,
  flagLayer,
  type Layer,
  ownValue,
  profileLayer,
  projectLayer,
  type SettingFlags,
  type Variables,
} from './layer.js';
import { nearestName, SCHEMA_KEY, SETTING_NAMES } from './names.js';
import { parseProfileName } from './parse.js';
import { homeOf, userFilePath } from './paths.js';
import { describeSource, nameSource, type Setting, type SettingsWarning, type Sourced } from './setting.js';

/** Inputs of the settings; `cwd` is absolute. `userId` is -1 on systems without user ids. */
interface SettingsContext {
  readonly flags: SettingFlags;
  readonly env: Variables;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly userId: number;
}

/** Every source, read and in order of precedence; only the profile name is parsed yet. */
export interface OpenSettings {
  /** Highest precedence first: flags, environment, project file, profile of the user file. */
  readonly layers: readonly Layer[];
  /** Variables of other tools: lower precedence than every layer, so that they never override a profile made for this tool. */
  readonly fallbacks: readonly Layer[];
  readonly profile: Setting<string>;
  readonly home: string | null;
  readonly files: SettingsFiles;
  /** Warnings about the files themselves: permissions, owner, unknown keys. */
  readonly warnings: readonly SettingsWarning[];
}

export interface SettingsFiles {
  readonly project: ConfigFile | null;
  readonly user: ConfigFile | null;
  /** Path of the user file, existing or not; null if no home folder is known. */
  readonly userPath: string | null;
}

/**
 * Reads the project file and the user file. Reads no key and lists no folder, so it is cheap enough for every run. Throws the usage
 * errors `ERR_SETTINGS_FILE_*`, `ERR_SETTINGS_PROJECT_*`, `ERR_SETTINGS_PROFILE` and `ERR_SETTINGS_PROFILE_UNKNOWN`.
 */
export function openSettings(context: SettingsContext): OpenSettings {
  const userPath = userFilePath(context.env, context.platform);
  const user = userPath === null ? null : readConfigFile(userPath);
  return buildLayers(context, { project: readProjectFile(context.cwd, context.userId), user, userPath });
}

/** The pure part of {@link openSettings}: builds the layers from sources already read. */
export function buildLayers(context: SettingsContext, files: SettingsFiles): OpenSettings {
  const home = homeOf(context.env, context.platform);
  const outer = [
    flagLayer(context.flags, context.cwd),
    environmentLayer(context.env, context.cwd),
    ...(files.project === null ? [] : [projectLayer(files.project)]),
  ];
  const requested = outer.map((layer) => layer.values.get('profile')).find((value) => value !== undefined);
  const profile = chooseProfile(requested, files.user);
  const inner =
    files.user === null || profile.content === null
      ? []
      : [profileLayer(files.user, profile.content, profile.name?.value)];
  return {
    layers: [...outer, ...inner],
    fallbacks: fallbackLayers(context.env, context.cwd),
    profile: profile.name,
    home,
    files,
    warnings: [
      ...profile.warnings,
      ...projectWarnings(files.project, context, home),
      ...userWarnings(files.user, context),
      ...bundleIdWarnings([...outer, ...inner]),
    ],
  };
}

/** About a bundle id that is another id by its looks; Apple would only answer that it does not accept it. */
function bundleIdWarnings(layers: readonly Layer[]): readonly SettingsWarning[] {
  const raw = layers.map((layer) => layer.values.get('bundleId')).find((value) => value !== undefined);
  const text = typeof raw?.value === 'string' ? raw.value.trim() : '';
  const given = raw === undefined ? '' : `${nameSource(raw.source)} gives ${text}`;
  const prefixed = teamPrefixOf(text);
  const message =
    prefixed !== null
      ? `${prefixed.teamId}. looks like a team id: the bundle id is probably ${prefixed.bundleId} (${given})`
      : `${text} looks like an app Apple ID, not a bundle id such as com.example.app (${given})`;
  return prefixed !== null || /^\d{6,}$/.test(text) ? [{ code: 'bundle-id', message }] : [];
}

function projectWarnings(
  file: ConfigFile | null,
  context: SettingsContext,
  home: string | null,
): readonly SettingsWarning[] {
  if (file === null || file.folder !== home || context.cwd === home) return [];
  const message = `the project file ${file.path} is in the home folder: it applies to every folder below`;
  return [{ code: 'home-file', message }];
}

function userWarnings(file: ConfigFile | null, context: SettingsContext): readonly SettingsWarning[] {
  if (file === null) return [];
  const warnings = ownerWarning(file, context);
  if (context.platform === 'win32' || (file.mode & 0o077) === 0) return warnings;
  const message = `the user file ${file.path} is accessible to other users (mode ${file.mode.toString(8)}): chmod 600 ${file.path}`;
  return [...warnings, { code: 'file-permissions', message }];
}

function ownerWarning(file: ConfigFile, context: SettingsContext): readonly SettingsWarning[] {
  if (context.userId === -1 || file.ownerId === context.userId) return [];
  return [{ code: 'file-owner', message: `the user file ${file.path} belongs to another user (${file.ownerId})` }];
}

/** The effective profile; `content` is null if the user file has no profile of this name. */
interface ChosenProfile {
  readonly name: Setting<string>;
  readonly content: JsonObject | null;
  readonly warnings: readonly SettingsWarning[];
}

/**
 * Chooses the profile of the user file: the one that `requested` names (flag, variable or project file), else the file's own
 * `profile`, else the one named `default`, else none. The user file is
 * `{"profile": "NAME", "profiles": {"NAME": {"bundleId": "…", "server": {"issuerId": "…", "keyId": "…", "privateKeyPath": "…"}, …}}}`.
 *
 * Throws `ERR_SETTINGS_PROFILE_UNKNOWN` if a flag, a variable or the user file names a missing profile. A missing profile named by the
 * project file is a warning, because a clone in CI has no user file. Throws `ERR_SETTINGS_FILE_SHAPE` if `profiles` is malformed.
 */
function chooseProfile(requested: Sourced<Json> | undefined, userFile: ConfigFile | null): ChosenProfile {
  const profiles = userFile === null ? {} : profilesOf(userFile);
  const name = profileName(requested, userFile, profiles);
  if (name === null) return { name, content: null, warnings: userFile === null ? [] : unknownKeys(userFile, null) };
  const content = ownValue(profiles, name.value);
  if (userFile !== null && isJsonObject(content)) return { name, content, warnings: unknownKeys(userFile, content) };
  if (name.source.kind !== 'project file') throw unknownProfile(name, userFile, Object.keys(profiles));
  const message = `${describeName(name)}, but ${describeAbsence(userFile)}, so no profile is used`;
  return { name, content: null, warnings: [{ code: 'profile-missing', message }] };
}

function profileName(
  requested: Sourced<Json> | undefined,
  userFile: ConfigFile | null,
  profiles: JsonObject,
): Setting<string> {
  if (requested !== undefined) return { value: parseProfileName(requested), source: requested.source };
  if (userFile === null) return null;
  const source = { kind: 'user file', name: userFile.path } as const;
  const own = ownValue(userFile.content, 'profile');
  if (own !== undefined) return { value: parseProfileName({ value: own, source }), source };
  return Object.hasOwn(profiles, 'default') ? { value: 'default', source } : null;
}

function profilesOf(file: ConfigFile): JsonObject {
  const profiles = ownValue(file.content, 'profiles') ?? {};
  if (isJsonObject(profiles) && Object.values(profiles).every(isJsonObject)) return profiles;
  const message = `"profiles" in the user file ${file.path} must be an object with one object per profile`;
  throw new ToolError('usage', 'ERR_SETTINGS_FILE_SHAPE', message, {
    hint: '{"profiles": {"my-app": {"bundleId": "com.example.app"}}}',
  });
}

function unknownProfile(name: Sourced<string>, file: ConfigFile | null, present: readonly string[]): ToolError {
  const nearest = nearestName(name.value, present);
  const meant = nearest === null ? '' : `Did you mean ${nearest}? `;
  const hint = present.length === 0 ? 'It has no profiles yet.' : `${meant}Available profiles: ${present.join(', ')}.`;
  const message = `${describeName(name)}, but ${describeAbsence(file)}`;
  return new ToolError('usage', 'ERR_SETTINGS_PROFILE_UNKNOWN', message, file === null ? {} : { hint });
}

function describeName(name: Sourced<string>): string {
  return `${describeSource(name.source)} names the profile "${name.value}"`;
}

function describeAbsence(file: ConfigFile | null): string {
  return file === null ? 'there is no user file' : `the user file ${file.path} has no such profile`;
}

/** A misspelled key would otherwise be ignored silently. A warning and no error, since a newer version may know the key. */
function unknownKeys(file: ConfigFile, profile: JsonObject | null): readonly SettingsWarning[] {
  const outer = Object.keys(file.content).filter((key) => ![SCHEMA_KEY, 'profile', 'profiles'].includes(key));
  const unknown = [
    ...outer.map((key) => suggest(key, ['profile', 'profiles'], 'which belongs in a profile')),
    ...(profile === null ? [] : unknownPaths(profile).map((path) => suggest(path, [...PROFILE_PATHS], null))),
  ];
  if (unknown.length === 0) return [];
  return [
    {
      code: 'unknown-key',
      message: `the user file ${file.path} contains unknown keys, which are ignored: ${unknown.join(', ')}`,
    },
  ];
}

/** `bundelId (did you mean bundleId?)`; `misplaced` is said of a key that a profile takes. */
function suggest(key: string, names: readonly string[], misplaced: string | null): string {
  if (misplaced !== null && (PROFILE_PATHS.has(key) || PROFILE_GROUPS.has(key))) return `${key} (${misplaced})`;
  const nearest = nearestName(key, names);
  return nearest === null ? key : `${key} (did you mean ${nearest}?)`;
}

function unknownPaths(profile: JsonObject): readonly string[] {
  return Object.entries(profile).flatMap(([key, value]) => {
    if (!PROFILE_GROUPS.has(key) || !isJsonObject(value)) return PROFILE_PATHS.has(key) ? [] : [key];
    return Object.keys(value)
      .map((field) => `${key}.${field}`)
      .filter((path) => !PROFILE_PATHS.has(path));
  });
}

const PROFILE_PATHS: ReadonlySet<string> = new Set([
  ...SETTING_NAMES.filter((name) => name !== 'profile'),
  'server.privateKeyPath',
  'connect.privateKeyPath',
]);

const PROFILE_GROUPS: ReadonlySet<string> = new Set(['server', 'connect', 'serverApi']);
