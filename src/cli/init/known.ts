import { ToolError } from '../../errors.js';
import type { JsonObject } from '../../jws/json.js';
import type { KeySettings } from '../../settings/key.js';
import type { KeyFile } from '../../settings/key-files.js';
import { layOut, type OpenSettings, type SettingsFiles } from '../../settings/open.js';
import { resolveApp, resolveConnect, resolveEnvironment, resolveServer } from '../../settings/resolve.js';
import { type InitDeps, NONE } from './options.js';

/** What environment, project file and the profile itself say already; null where nothing does. Keys are paths: no other form is kept. */
export interface Known {
  readonly environment: string | null;
  readonly bundleId: string | null;
  readonly appAppleId: string | null;
  readonly server: KnownKey;
  readonly connect: KnownKey;
  /** Where the two APIs are asked. */
  readonly addresses: { readonly sandbox: string; readonly production: string; readonly connect: string };
}

export interface KnownKey {
  readonly issuerId: string | null;
  readonly keyId: string | null;
  readonly path: string | null;
}

/**
 * What is known before anything is asked. `profile` is what the profile that is to be written holds by now, whatever profile is in
 * force otherwise; one that is malformed counts as empty, as it is about to be replaced. Throws `ERR_SETTINGS_<DEFECT>` for the rest.
 */
export function findKnown(
  profile: JsonObject | null,
  files: SettingsFiles,
  keyFiles: readonly KeyFile[],
  context: Pick<InitDeps, 'env' | 'cwd' | 'platform' | 'userId'>,
): Known {
  const { STOREWIRE_PROFILE: _, ...env } = context.env;
  const resolve = (content: JsonObject | null): Known =>
    resolveKnown(layOut({ ...context, flags: {}, env }, withProfile(files, content)), keyFiles);
  if (profile === null) return resolve(null);
  try {
    const known = resolve(profile);
    // A profile that is there without the id was to be without it.
    return { ...known, appAppleId: known.appAppleId ?? NONE };
  } catch (error) {
    if (error instanceof ToolError && error.kind === 'usage') return resolve(null);
    throw error;
  }
}

/** The files as they would be with this profile alone, chosen by default. */
function withProfile({ project, user, userPath }: SettingsFiles, profile: JsonObject | null): SettingsFiles {
  const { profile: _, ...content } = project?.content ?? {};
  return {
    project: project === null ? null : { ...project, content },
    user: user === null || profile === null ? null : { ...user, content: { profiles: { default: profile } } },
    userPath,
  };
}

function resolveKnown(open: OpenSettings, keyFiles: readonly KeyFile[]): Known {
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
    path: source?.form === 'path' ? source.path : null,
  };
}
