import type { Command } from 'commander';
import type { Deps } from '../cli/deps.js';
import { collect } from '../cli/options.js';
import type { ToolError } from '../errors.js';
import { proxyOf } from '../http/proxy.js';
import type { DocumentContext, Kind, SendAttempt } from '../notification/document.js';
import { buildVerdictDocument } from '../notification/internal-error.js';
import { createVerificationContext } from '../notification/verification-context.js';
import type { VerifiedDocument } from '../notification/verified-document.js';
import { createServerApi, type ServerApi } from '../server-api/client.js';
import { findKeyFiles, keyFolders } from '../settings/key-files.js';
import { type OpenSettings, openSettings } from '../settings/open.js';
import { readPrivateKey } from '../settings/private-key.js';
import { resolveServer } from '../settings/resolve.js';
import { resolveApp, resolveEnvironment } from '../settings/resolve-app.js';
import type { Environment } from '../settings/setting.js';
import { apiWarnings, approveAddress, requireServerKey } from './api-keys.js';
import { appExpectations } from './app.js';
import { missingSettings } from './missing-settings.js';
import { definedFlags } from './settings-flags.js';
import { readTrustedRoots } from './trust.js';
import { describeWarnings } from './warnings.js';

/** Flags of every command that uses the App Store Server API. */
export interface ServerFlags {
  readonly profile?: string;
  readonly bundleId?: string;
  readonly appAppleId?: string;
  readonly root?: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
}

export type ServerDeps = Pick<
  Deps,
  'stdout' | 'stderr' | 'env' | 'cwd' | 'now' | 'sleep' | 'random' | 'http' | 'signal' | 'platform' | 'userId'
>;

/** The API and the verifier for the settings of this run. */
export interface Server {
  /** One client per environment and deadline; `deadlineMs` is Infinity where there is none. */
  connect(environment: Environment, deadlineMs: number, onWait: OnWait): ServerApi;
  /** Verifies a payload as a notification of this app and environment. `source` is the source in its document. */
  verify(jws: string, environment: Environment, source: string, attempts: readonly SendAttempt[]): VerifiedDocument;
  /** Verifies a token of a response as one of this kind, app and environment. */
  verifyAs(
    kind: Kind,
    jws: string,
    environment: Environment,
    source: string,
    context: DocumentContext,
  ): VerifiedDocument;
  /** Address of the API, without a slash at its end. */
  baseUrl(environment: Environment): string;
}

type OnWait = (reason: ToolError, untilMs: number) => void;

export function addServerOptions(
  command: Command,
  printJson = 'Print one JSON document',
  useBundleId = 'Use this bundle id',
): Command {
  return command
    .option('--bundle-id <id>', useBundleId)
    .option('--app-apple-id <id>', 'Require this app Apple ID, in production')
    .option('--root <file>', 'Also trust this root, PEM or DER (repeatable)', collect)
    .option('--profile <name>', 'Use this settings profile')
    .option('--yes', "Send the token to a base address that is not Apple's", false)
    .option('--json', printJson, false);
}

/** Reads the settings files; what of them is used is parsed later. */
export function openServerSettings(
  flags: ServerFlags,
  environment: string | undefined,
  deps: ServerDeps,
): OpenSettings {
  const { profile, bundleId, appAppleId, root } = flags;
  return openSettings({ ...deps, flags: definedFlags({ profile, environment, bundleId, appAppleId, root }) });
}

/**
 * The environment of a flag or a setting; there is no default. Throws `ERR_SETTINGS_ENVIRONMENT_MISSING`, which names everything else that
 * requests to the Server API need and that is missing.
 */
export function requireEnvironment(
  open: OpenSettings,
  deps: Pick<Deps, 'env' | 'cwd'>,
  words = 'sandbox or production',
): Environment {
  const environment = resolveEnvironment(open);
  if (environment !== null) return environment.value;
  const { bundleId } = resolveApp(open);
  const settings = resolveServer(open, findKeyFiles(keyFolders(deps.env, deps.cwd, open.home))).key;
  throw missingSettings({ environment: { value: null, words }, bundleId, key: { kind: 'server', settings } });
}

/**
 * Settings, key and roots for requests about these environments. Prints warnings on stderr, sends no request. Throws:
 * usage `ERR_SETTINGS_BUNDLE_ID_MISSING`, `ERR_SETTINGS_FOREIGN_ADDRESS`, `ERR_TRUST_ROOT_UNREADABLE`; auth `ERR_KEY_NOT_SET`,
 * `ERR_KEY_KIND` and the errors of `readPrivateKey`; and those of the settings.
 */
export async function openServer(
  open: OpenSettings,
  environments: readonly Environment[],
  flags: ServerFlags,
  deps: ServerDeps,
): Promise<Server> {
  const app = resolveApp(open);
  const settings = resolveServer(open, findKeyFiles(keyFolders(deps.env, deps.cwd, open.home)));
  if (app.bundleId === null) throw missingSettings({ bundleId: null, key: { kind: 'server', settings: settings.key } });
  const bundleId = app.bundleId.value;
  const key = requireServerKey(settings.key);
  const warnings = [...open.warnings, ...apiWarnings(settings, key.source, deps)];
  deps.stderr.write(describeWarnings(warnings, deps.stderr));
  for (const environment of environments)
    approveAddress(settings.address[environment], `serverApi.${environment}`, flags, deps);
  const privateKey = await readPrivateKey(key.source, deps.signal);
  const engine = createVerificationContext(await readTrustedRoots(app.roots?.value ?? [], deps));
  const dispatcher = await deps.http();
  const verifyAs: Server['verifyAs'] = (kind, jws, environment, source, context) =>
    buildVerdictDocument(
      jws,
      { source, repaired: [], context },
      { ...appExpectations(app), nowMs: deps.now(), kind, environment: APPLE_NAMES[environment] },
      engine,
    );
  return {
    baseUrl: (environment) => settings.address[environment].value,
    connect: (environment, deadlineMs, onWait) =>
      createServerApi({
        baseUrl: settings.address[environment].value,
        environment,
        issuerId: key.issuerId,
        keyId: key.keyId,
        privateKey,
        bundleId,
        dispatcher,
        proxy: proxyOf(deps.env, settings.address[environment].value),
        now: deps.now,
        sleep: deps.sleep,
        random: deps.random,
        signal: deps.signal,
        deadlineMs,
        onWait,
      }),
    verify: (jws, environment, source, sendAttempts) =>
      verifyAs('notification', jws, environment, source, { sendAttempts }),
    verifyAs,
  };
}

const APPLE_NAMES: Readonly<Record<Environment, 'Sandbox' | 'Production'>> = {
  sandbox: 'Sandbox',
  production: 'Production',
};
