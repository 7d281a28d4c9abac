import type { Deps } from '../cli/deps.js';
import type { ConnectApp } from '../connect-api/app.js';
import { type ConnectApi, createConnectApi } from '../connect-api/client.js';
import { ToolError } from '../errors.js';
import { proxyOf } from '../http/proxy.js';
import { explainDifference } from '../notification/bundle-id.js';
import { findKeyFiles, keyFolders } from '../settings/key-files.js';
import type { OpenSettings } from '../settings/open.js';
import { readPrivateKey } from '../settings/private-key.js';
import { resolveConnect } from '../settings/resolve.js';
import { type AddressFlags, apiWarnings, approveAddress, requireConnectKey } from './api-keys.js';
import { describeWarnings } from './warnings.js';

export type ConnectDeps = Pick<Deps, 'stderr' | 'env' | 'cwd' | 'now' | 'sleep' | 'http' | 'signal' | 'platform'>;

/** App Store Connect with the settings of this run. */
export interface Connect {
  /** Aborts requests when the run is interrupted, and at the deadline. */
  readonly api: ConnectApi;
  /** Aborts on `signal` only, or never: for cleaning up after an interruption. */
  apiUntil(signal: AbortSignal | null): ConnectApi;
  readonly keyId: string;
  /** Null for an individual key. */
  readonly issuerId: string | null;
  readonly baseUrl: string;
}

/**
 * Settings and key for requests to App Store Connect, until `deadlineMs` where it is given. Prints warnings on stderr, sends no request.
 * Throws usage `ERR_SETTINGS_FOREIGN_ADDRESS`; auth `ERR_KEY_NOT_SET`, `ERR_KEY_KIND` and the errors of `readPrivateKey`; and those of the
 * settings.
 */
export async function openConnect(
  open: OpenSettings,
  flags: AddressFlags,
  deps: ConnectDeps,
  deadlineMs = Number.POSITIVE_INFINITY,
): Promise<Connect> {
  const settings = resolveConnect(open, findKeyFiles(keyFolders(deps.env, deps.cwd, open.home)));
  const { issuerId, keyId, source } = requireConnectKey(settings.key);
  deps.stderr.write(describeWarnings(apiWarnings(settings, source, deps), deps.stderr));
  approveAddress(settings.address, 'connectApi', flags, deps);
  const privateKey = await readPrivateKey(source, deps.signal);
  const dispatcher = await deps.http();
  const { now, sleep } = deps;
  const baseUrl = settings.address.value;
  const proxy = proxyOf(deps.env, baseUrl);
  const common = { baseUrl, issuerId, keyId, privateKey, dispatcher, proxy, now, sleep };
  const apiUntil = (signal: AbortSignal | null): ConnectApi =>
    createConnectApi({ ...common, ...(signal !== null && { signal }) });
  const api = createConnectApi({ ...common, signal: deps.signal, deadlineMs });
  return { api, apiUntil, keyId, issuerId, baseUrl };
}

/** The app with exactly this bundle id. Throws `ERR_CONNECT_NOT_FOUND` (usage) where the key sees none. */
export async function findApp({ api }: Pick<Connect, 'api'>, bundleId: string): Promise<ConnectApp> {
  const app = await api.findApp(bundleId);
  if (app !== null) return app;
  const similar = await findSimilarBundleId(api, bundleId);
  const message = `the App Store Connect key has access to no app with the bundle id ${bundleId}`;
  const told = similar === null ? message : `${message}, but to ${similar.bundleId}: ${similar.difference}`;
  throw new ToolError('usage', 'ERR_CONNECT_NOT_FOUND', told, {
    hint:
      similar === null
        ? 'Check the bundle id, and that the key belongs to the team of the app and has access to it.'
        : `Try --bundle-id ${similar.bundleId}`,
  });
}

/** Bundle id of an app that the key has access to, and how it differs from the one given. */
export interface SimilarBundleId {
  readonly bundleId: string;
  readonly difference: string;
}

/** An app whose bundle id differs in letter case or by a team id; null if there is none, or Apple does not list the apps. */
export async function findSimilarBundleId(api: ConnectApi, bundleId: string): Promise<SimilarBundleId | null> {
  const all = await api.bundleIds().catch((error: unknown) => {
    // The missing settings are known already; the list only improves the message.
    if (error instanceof ToolError && error.kind !== 'interrupted') return [];
    throw error;
  });
  for (const each of all) {
    const difference = explainDifference(bundleId, each);
    if (difference !== null) return { bundleId: each, difference };
  }
  return null;
}
