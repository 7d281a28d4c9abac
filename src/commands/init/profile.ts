import { ToolError } from '../../errors.js';
import type { Json, JsonObject } from '../../jws/json.js';
import { readConfigFile, readProjectFile } from '../../settings/files.js';
import type { KeySettings } from '../../settings/key.js';
import type { KeyFile } from '../../settings/key-files.js';
import { buildLayers, type OpenSettings, type SettingsFiles } from '../../settings/open.js';
import { userFilePath } from '../../settings/paths.js';
import { resolveConnect, resolveServer } from '../../settings/resolve.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve-app.js';
import { describeSource, type Sourced } from '../../settings/setting.js';
import { readProfile } from '../../settings/write-profile.js';
import { escapeText } from '../../terminal/escape.js';
import type { Prompts } from '../../terminal/prompts.js';
import { type InitDeps, type InitOptions, NONE } from './options.js';
import { answer } from './question.js';

/** Existing values from environment, project file and profile; null if none. Keys are paths: other forms are not stored. */
export interface KnownSettings {
  readonly environment: string | null;
  readonly bundleId: string | null;
  readonly appAppleId: string | null;
  readonly server: KnownKey;
  readonly connect: KnownKey;
  /** Base addresses of the APIs. */
  readonly addresses: { readonly sandbox: string; readonly production: string; readonly connect: string };
}

export interface KnownKey {
  readonly issuerId: string | null;
  readonly keyId: string | null;
  readonly path: string | null;
}

/**
 * Reads the existing values. `profile` is the current content of the profile to write, regardless of the profile selected otherwise; a
 * malformed one counts as empty, as it is replaced. Throws `ERR_SETTINGS_<DEFECT>` for other invalid settings.
 */
export function readKnownSettings(
  profile: JsonObject | null,
  files: SettingsFiles,
  keyFiles: readonly KeyFile[],
  context: Pick<InitDeps, 'env' | 'cwd' | 'platform' | 'userId'>,
): KnownSettings {
  const { STOREWIRE_PROFILE: _, ...env } = context.env;
  const resolve = (content: JsonObject | null): KnownSettings =>
    resolveKnown(buildLayers({ ...context, flags: {}, env }, withProfile(files, content)), keyFiles);
  if (profile === null) return resolve(null);
  try {
    const known = resolve(profile);
    // An existing profile without the id omits it on purpose.
    return { ...known, appAppleId: known.appAppleId ?? NONE };
  } catch (error) {
    if (error instanceof ToolError && error.kind === 'usage') return resolve(null);
    throw error;
  }
}

/** The settings files with this profile as the only and default one. */
function withProfile({ project, user, userPath }: SettingsFiles, profile: JsonObject | null): SettingsFiles {
  const { profile: _, ...content } = project?.content ?? {};
  return {
    project: project === null ? null : { ...project, content },
    user: user === null || profile === null ? null : { ...user, content: { profiles: { default: profile } } },
    userPath,
  };
}

function resolveKnown(open: OpenSettings, keyFiles: readonly KeyFile[]): KnownSettings {
  const app = resolveApp(open);
  const server = resolveServer(open, keyFiles);
  const connect = resolveConnect(open, keyFiles);
  return {
    environment: resolveEnvironment(open)?.value ?? null,
    bundleId: app.bundleId?.value ?? null,
    appAppleId: app.appAppleId?.value ?? null,
    server: knownKey(server.key),
    connect: knownKey(connect.key),
    addresses: {
      sandbox: server.address.sandbox.value,
      production: server.address.production.value,
      connect: connect.address.value,
    },
  };
}

function knownKey({ issuerId, keyId, privateKey }: KeySettings): KnownKey {
  const source = privateKey?.value;
  return {
    issuerId: issuerId?.value ?? null,
    keyId: keyId?.value ?? null,
    path: source?.form === 'path' && source.word === undefined ? source.path : null,
  };
}

/** The profile to write; `content` is null for a new one. */
interface ProfileTarget {
  readonly name: string;
  /** Of the user file. */
  readonly path: string;
  readonly content: JsonObject | null;
  readonly files: SettingsFiles;
}

/**
 * Chooses the profile: `--profile`, else the prompt, else `STOREWIRE_PROFILE`, the project file's profile, or `default`. An existing one
 * needs confirmation or --force: null if declined, `ERR_INIT_PROFILE_EXISTS` without a terminal. Throws `ERR_SETTINGS_NO_HOME`.
 */
export async function chooseProfile(
  options: Pick<InitOptions, 'profile' | 'force'>,
  prompts: Prompts | null,
  { env, cwd, platform, userId }: Pick<InitDeps, 'env' | 'cwd' | 'platform' | 'userId'>,
): Promise<ProfileTarget | null> {
  const path = userFilePath(env, platform);
  if (path === null) throw noHome();
  const files = { project: readProjectFile(cwd, userId), user: readConfigFile(path), userPath: path };
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
    return prompts.confirm({ message: `Profile ${escapeText(name)} already exists. Replace it?`, default: false });
  }
  const hint = 'Replace it with --force, or choose another --profile.';
  throw new ToolError('usage', 'ERR_INIT_PROFILE_EXISTS', `profile ${name} already exists in ${path}`, {
    hint,
  });
}

/** Names must be usable in a shell and in a comma-separated list. */
function parseName({ value, source }: Sourced<Json>): string {
  const name = typeof value === 'string' ? value.trim() : '';
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  const rule = 'must be up to 64 letters, digits, dots, hyphens and underscores, starting with a letter or digit';
  throw new ToolError('usage', 'ERR_INIT_PROFILE_NAME', `${describeSource(source)} ${rule}`);
}

function noHome(): ToolError {
  const message = 'no home folder for the user file';
  return new ToolError('usage', 'ERR_SETTINGS_NO_HOME', message, {
    hint: 'Set HOME or XDG_CONFIG_HOME, or use environment variables instead of a profile.',
  });
}
