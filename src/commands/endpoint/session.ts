import { createReporter } from '../../cli/reporter.js';
import type { ConnectApp } from '../../connect-api/app.js';
import { requireBundleId } from '../../session/api-keys.js';
import { type Connect, findApp, openConnect } from '../../session/connect.js';
import { definedFlags } from '../../session/settings-flags.js';
import { openUrlBackups, type UrlBackupFile } from '../../session/url-backup-file.js';
import { describeWarnings } from '../../session/warnings.js';
import { openSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve-app.js';
import type { EndpointDeps, EndpointFlags } from './options.js';

/** Resources of the `endpoint` commands. */
export interface EndpointSession {
  readonly connect: Connect;
  readonly bundleId: string;
  readonly backups: UrlBackupFile;
  /** Reads the app from App Store Connect. Throws ToolError (usage) `ERR_CONNECT_NOT_FOUND`, and what the API throws. */
  findApp(): Promise<ConnectApp>;
}

/** Opens settings and key; sends nothing yet. Throws usage `ERR_SETTINGS_*`, `ERR_STATE_*`, auth `ERR_KEY_*`. */
export async function openSession(flags: EndpointFlags, deps: EndpointDeps): Promise<EndpointSession> {
  const { profile, bundleId: given } = flags;
  const open = openSettings({ ...deps, flags: definedFlags({ profile, bundleId: given }) });
  const app = resolveApp(open);
  const bundleId = requireBundleId(app);
  deps.stderr.write(describeWarnings(open.warnings, deps.stderr));
  const connect = await openConnect(open, flags, deps, deps.now() + flags.timeout);
  const notes = createReporter(flags, deps);
  return {
    connect,
    bundleId,
    backups: openUrlBackups(open, deps),
    async findApp() {
      const found = await findApp(connect, bundleId);
      const { appAppleId } = app;
      if (appAppleId !== null && String(appAppleId.value) !== found.id)
        notes.say(`The app Apple ID of ${bundleId} is ${found.id} in App Store Connect, not ${appAppleId.value}.`);
      return found;
    },
  };
}
