import { realpathSync } from 'node:fs';
import { ToolError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { readConfigFile } from './files.js';
import type { KeyKind } from './key-source.js';
import { ownValue } from './layer.js';
import { replaceFile } from './replace-file.js';
import type { Environment } from './setting.js';

/** Reference to a key in a profile, never the key itself. `issuerId` is null for an individual App Store Connect key. */
export interface ProfileKey {
  readonly issuerId: string | null;
  readonly keyId: string;
  /** Absolute path. */
  readonly privateKeyPath: string;
}

/** Values that `init` writes into a profile; null removes a value, an omitted key keeps the previous one. */
export interface ProfileAnswers {
  readonly environment: Environment;
  readonly bundleId: string;
  readonly appAppleId: string | null;
  readonly server: ProfileKey;
  readonly connect?: ProfileKey;
}

interface WrittenProfile {
  /** True if a profile of this name existed before. */
  readonly replaced: boolean;
  /** True if the profile is used when no other is named. */
  readonly isDefault: boolean;
}

/** Reads a profile of the user file at `path`; null if there is none of this name. Throws the errors of readConfigFile. */
export function readProfile(path: string, name: string): JsonObject | null {
  const content = readConfigFile(path)?.content;
  const profile = content === undefined ? undefined : ownValue(profilesOf(content), name);
  return isJsonObject(profile) ? profile : null;
}

/**
 * Writes a profile into the user file, atomically; the file is created if missing, mode 0600 in a folder of mode 0700. Keeps other
 * profiles and other values of this one. `suffix` makes the name of the temporary file unique. Throws `ERR_SETTINGS_FILE_*` if the file
 * is unreadable and `ERR_SETTINGS_FILE_UNWRITABLE`.
 */
export function writeProfile(path: string, name: string, answers: ProfileAnswers, suffix: string): WrittenProfile {
  const before = readConfigFile(path)?.content ?? {};
  const after = mergeProfile(before, name, answers);
  try {
    replaceFile(realPathOf(path), `${JSON.stringify(after, null, 2)}\n`, suffix);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ToolError('usage', 'ERR_SETTINGS_FILE_UNWRITABLE', `the user file ${path} cannot be written: ${reason}`, {
      cause,
    });
  }
  const chosen = ownValue(after, 'profile') ?? 'default';
  return { replaced: Object.hasOwn(profilesOf(before), name), isDefault: chosen === name };
}

/**
 * Returns the content of a user file with this profile added or replaced. The first profile of a file becomes its default, unless the
 * file names one.
 */
export function mergeProfile(content: JsonObject, name: string, answers: ProfileAnswers): JsonObject {
  const profiles = profilesOf(content);
  const before = ownValue(profiles, name);
  const profile = fillProfile(isJsonObject(before) ? before : {}, answers);
  const isFirst = Object.keys(profiles).every((other) => other === name);
  const chosen = ownValue(content, 'profile') ?? (isFirst && name !== 'default' ? name : undefined);
  return {
    ...(chosen === undefined ? {} : { profile: chosen }),
    ...content,
    profiles: { ...profiles, [name]: profile },
  };
}

function fillProfile(
  before: JsonObject,
  { environment, bundleId, appAppleId, server, connect }: ProfileAnswers,
): JsonObject {
  const { appAppleId: _, ...rest } = before;
  return {
    ...rest,
    environment,
    bundleId,
    ...(appAppleId === null ? {} : { appAppleId }),
    server: keyObject(before, 'server', server),
    ...(connect === undefined ? {} : { connect: keyObject(before, 'connect', connect) }),
  };
}

/** Removes an inline key, which would take precedence over the path. */
function keyObject(profile: JsonObject, kind: KeyKind, { issuerId, keyId, privateKeyPath }: ProfileKey): JsonObject {
  const before = ownValue(profile, kind);
  const { issuerId: _issuer, privateKey: _key, ...rest } = isJsonObject(before) ? before : {};
  return { ...rest, ...(issuerId === null ? {} : { issuerId }), keyId, privateKeyPath };
}

function profilesOf(content: JsonObject): JsonObject {
  const profiles: Json = ownValue(content, 'profiles') ?? {};
  if (isJsonObject(profiles)) return profiles;
  throw new ToolError('usage', 'ERR_SETTINGS_FILE_SHAPE', '"profiles" in the user file must be an object');
}

/** Target of a symbolic link, for example into a dotfiles folder, so that the link itself is kept. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}
