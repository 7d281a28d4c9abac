import { type ConfigFile, readConfigFile, readProjectFile } from './files.js';
import {
  environmentLayer,
  fallbackLayers,
  flagLayer,
  type Layer,
  profileLayer,
  projectLayer,
  type SettingFlags,
  type Variables,
} from './layer.js';
import { homeOf, userFilePath } from './paths.js';
import { chooseProfile } from './profile.js';
import type { Setting, SettingsWarning } from './setting.js';

/** What settings are made of; `cwd` is absolute. `userId` is -1 where the system has none. */
export interface SettingsContext {
  readonly flags: SettingFlags;
  readonly env: Variables;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly userId: number;
}

/** Every source, read and laid in order of precedence, nothing parsed but the choice of the profile. */
export interface OpenSettings {
  /** Strongest first: flags, environment, project file, profile of the user file. */
  readonly layers: readonly Layer[];
  /** The variables of other tools: weaker than all layers, so that they never beat a profile that was made for this tool. */
  readonly fallbacks: readonly Layer[];
  readonly profile: Setting<string>;
  readonly home: string | null;
  readonly files: SettingsFiles;
  /** About the files themselves: who may read them, to whom they belong, what in them nobody reads. */
  readonly warnings: readonly SettingsWarning[];
}

export interface SettingsFiles {
  readonly project: ConfigFile | null;
  readonly user: ConfigFile | null;
  /** Where the user file is or would be; null where no home folder is known. */
  readonly userPath: string | null;
}

/**
 * Reads the project file and the user file. Reads no key and lists no folder, so commands may call it on every run. Throws the usage
 * errors `ERR_SETTINGS_FILE_*`, `ERR_SETTINGS_PROJECT_KEY`, `ERR_SETTINGS_PROFILE` and `ERR_SETTINGS_PROFILE_UNKNOWN`.
 */
export function openSettings(context: SettingsContext): OpenSettings {
  const userPath = userFilePath(context.env, context.platform);
  const user = userPath === null ? null : readConfigFile(userPath);
  return layOut(context, { project: readProjectFile(context.cwd), user, userPath });
}

/** The pure half of {@link openSettings}: sources in, layers out. */
export function layOut(context: SettingsContext, files: SettingsFiles): OpenSettings {
  const home = homeOf(context.env, context.platform);
  const outer = [
    flagLayer(context.flags, context.cwd),
    environmentLayer(context.env, context.cwd),
    ...(files.project === null ? [] : [projectLayer(files.project)]),
  ];
  const wanted = outer.map((layer) => layer.values.get('profile')).find((value) => value !== undefined);
  const profile = chooseProfile(wanted, files.user);
  const inner = files.user === null || profile.content === null ? [] : [profileLayer(files.user, profile.content)];
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
    ],
  };
}

function projectWarnings(
  file: ConfigFile | null,
  context: SettingsContext,
  home: string | null,
): readonly SettingsWarning[] {
  if (file === null) return [];
  const warnings = ownerWarning('project file', file, context);
  if (file.folder !== home || context.cwd === home) return warnings;
  const message = `the project file ${file.path} is in the home folder: it counts for every folder below`;
  return [...warnings, { code: 'home-file', message }];
}

function userWarnings(file: ConfigFile | null, context: SettingsContext): readonly SettingsWarning[] {
  if (file === null) return [];
  const warnings = ownerWarning('user file', file, context);
  if (context.platform === 'win32' || (file.mode & 0o077) === 0) return warnings;
  const message = `the user file ${file.path} is open to others (mode ${file.mode.toString(8)}): chmod 600 ${file.path}`;
  return [...warnings, { code: 'file-permissions', message }];
}

function ownerWarning(title: string, file: ConfigFile, context: SettingsContext): readonly SettingsWarning[] {
  if (context.userId === -1 || file.ownerId === context.userId) return [];
  return [{ code: 'file-owner', message: `the ${title} ${file.path} belongs to another user (${file.ownerId})` }];
}
