import { ToolError } from '../../errors.js';
import type { Json, JsonObject } from '../../jws/json.js';
import { readConfigFile, readProjectFile } from '../../settings/files.js';
import type { SettingsFiles } from '../../settings/open.js';
import { userFilePath } from '../../settings/paths.js';
import { describeSource, type Sourced } from '../../settings/setting.js';
import { readProfile } from '../../settings/write-profile.js';
import type { Prompts } from '../prompts.js';
import { escapeText } from '../render/escape.js';
import type { InitDeps, InitOptions } from './options.js';
import { answer } from './question.js';

/** The profile that is to be written: `content` is what it holds by now, null where it is new. */
export interface ProfileTarget {
  readonly name: string;
  /** Of the user file. */
  readonly path: string;
  readonly content: JsonObject | null;
  readonly files: SettingsFiles;
}

/**
 * Chooses the profile: `--profile`, else what is asked, else `STOREWIRE_PROFILE`, the project file's, or `default`. One that is there
 * already needs a yes or --force: null after a no, `ERR_INIT_PROFILE_EXISTS` where nobody can be asked. Throws `ERR_SETTINGS_NO_HOME`.
 */
export async function chooseProfile(
  options: Pick<InitOptions, 'profile' | 'force'>,
  prompts: Prompts | null,
  { env, cwd, platform }: Pick<InitDeps, 'env' | 'cwd' | 'platform'>,
): Promise<ProfileTarget | null> {
  const path = userFilePath(env, platform);
  if (path === null) throw noHome();
  const files = { project: readProjectFile(cwd), user: readConfigFile(path), userPath: path };
  const inProject = files.project?.content.profile;
  const known = env.STOREWIRE_PROFILE?.trim() || (typeof inProject === 'string' ? inProject : 'default');
  const question = { flag: '--profile', given: options.profile, title: 'the profile name', known };
  const message = 'Name of this profile:';
  const name = await answer({ ...question, message, parse: parseName }, prompts);
  const content = readProfile(path, name);
  if (content !== null && !(await mayReplace(name, path, options.force, prompts))) return null;
  return { name, path, content, files };
}

async function mayReplace(name: string, path: string, force: boolean, prompts: Prompts | null): Promise<boolean> {
  if (force) return true;
  if (prompts !== null) {
    return prompts.confirm({ message: `There is a profile ${escapeText(name)} already. Replace it?`, default: false });
  }
  const hint = 'Give --force to replace it, or another --profile.';
  throw new ToolError('usage', 'ERR_INIT_PROFILE_EXISTS', `the user file ${path} has a profile ${name} already`, {
    hint,
  });
}

/** Names are typed in shells and listed with commas between. */
function parseName({ value, source }: Sourced<Json>): string {
  const name = typeof value === 'string' ? value.trim() : '';
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  const rule = 'must be letters, digits, dots, hyphens and underscores, 64 at most, and begin with a letter or digit';
  throw new ToolError('usage', 'ERR_INIT_PROFILE_NAME', `${describeSource(source)} ${rule}`);
}

function noHome(): ToolError {
  const message = 'no home folder is known, so there is no place for a user file';
  return new ToolError('usage', 'ERR_SETTINGS_NO_HOME', message, {
    hint: 'Set HOME or XDG_CONFIG_HOME, or do without a profile: environment variables alone are enough.',
  });
}
