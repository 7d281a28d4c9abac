import { realpathSync } from 'node:fs';
import { ToolError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { readConfigFile, replaceFile } from './files.js';
import type { KeyKind } from './key-source.js';
import { ownValue } from './layer.js';
import type { Environment } from './setting.js';

/** A key as a profile names it: never the key itself. `issuerId` is null for an individual App Store Connect key. */
export interface ProfileKey {
  readonly issuerId: string | null;
  readonly keyId: string;
  /** Absolute. */
  readonly privateKeyPath: string;
}

/** What `init` puts into a profile; null takes a value away, a key that is left out stays as it was. */
export interface ProfileAnswers {
  readonly environment: Environment;
  readonly bundleId: string;
  readonly appAppleId: string | null;
  readonly server: ProfileKey;
  readonly connect?: ProfileKey;
}

interface WrittenProfile {
  /** There was a profile of this name before. */
  readonly replaced: boolean;
  /** It is the one taken where none is named. */
  readonly isDefault: boolean;
}

/** The profile of this name as the user file at `path` has it; null without one. Throws what readConfigFile throws. */
export function readProfile(path: string, name: string): JsonObject | null {
  const content = readConfigFile(path)?.content;
  const profile = content === undefined ? undefined : ownValue(profilesOf(content), name);
  return isJsonObject(profile) ? profile : null;
}

/**
 * Puts a profile into the user file, made where there is none: 0600 in a folder 0700, and never half written, as the new file takes the
 * place of the old one at once. Other profiles, and what else this one holds, stay. `suffix` makes the name of the new file its own
 * until then. Throws `ERR_SETTINGS_FILE_*` where the file is unreadable and `ERR_SETTINGS_FILE_UNWRITABLE`.
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
 * The content of a user file with this profile in it. The first profile of a file becomes the one that is used without --profile, where
 * nothing else is said.
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

/** A key that stood in the file itself goes: it would win over the path. */
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

/** The file behind a link, such as one into a folder of dotfiles: the link stays. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}
