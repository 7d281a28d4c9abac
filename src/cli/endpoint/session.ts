import type { ConnectApp } from '../../connect-api/app.js';
import { ToolError } from '../../errors.js';
import { openSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve.js';
import { requireBundleId } from '../api-settings.js';
import { type Connect, openConnect } from '../connect-api.js';
import { createNotes } from '../notes.js';
import type { EndpointDeps, EndpointFlags } from './flags.js';
import { type KeptFile, openKept } from './kept-file.js';

/** What every `endpoint` command works with. */
export interface EndpointSession {
  readonly connect: Connect;
  readonly bundleId: string;
  readonly kept: KeptFile;
  /** Asks App Store Connect. Throws `ERR_CONNECT_NOT_FOUND` (usage) and what the API throws. */
  findApp(): Promise<ConnectApp>;
}

/** Settings and key; asks nothing yet. Throws usage `ERR_SETTINGS_*`, `ERR_STATE_*`, auth `ERR_KEY_*`. */
export async function openSession(flags: EndpointFlags, deps: EndpointDeps): Promise<EndpointSession> {
  const { profile, bundleId: given } = flags;
  const open = openSettings({
    ...deps,
    flags: { ...(profile !== undefined && { profile }), ...(given !== undefined && { bundleId: given }) },
  });
  const app = resolveApp(open);
  const bundleId = requireBundleId(app);
  const connect = await openConnect(open, flags, deps);
  const notes = createNotes(flags, deps);
  return {
    connect,
    bundleId,
    kept: openKept(open, deps),
    async findApp() {
      const found = await findApp(connect, bundleId);
      const { appAppleId } = app;
      if (appAppleId !== null && String(appAppleId.value) !== found.id)
        notes.say(
          `App Store Connect says that the app Apple ID of ${bundleId} is ${found.id}, not ${appAppleId.value}.`,
        );
      return found;
    },
  };
}

/** The app with exactly this bundle id. Throws `ERR_CONNECT_NOT_FOUND` (usage) where the key sees none. */
export async function findApp({ api }: Pick<Connect, 'api'>, bundleId: string): Promise<ConnectApp> {
  const app = await api.findApp(bundleId);
  if (app !== null) return app;
  const message = `the App Store Connect key sees no app with the bundle id ${bundleId}`;
  throw new ToolError('usage', 'ERR_CONNECT_NOT_FOUND', message, {
    hint: 'Check the bundle id, letter by letter, and that the key belongs to the team of the app and may see it.',
  });
}
