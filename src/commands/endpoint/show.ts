import { EXIT, type Exit } from '../../cli/exit.js';
import { openClaimBackups } from '../../connect-api/url-backup.js';
import type { EndpointDeps, EndpointFlags } from './options.js';
import { openSession } from './session.js';
import { describeEndpoint, endpointToJson } from './view.js';

/** Runs `endpoint show`. Throws what opening and requests throw. */
export async function runEndpointShow(flags: EndpointFlags, deps: EndpointDeps): Promise<Exit> {
  const { connect, backups, findApp } = await openSession(flags, deps);
  const app = await findApp();
  const claims = openClaimBackups(backups.all()).filter(
    ({ address, app: { id } }) => address === connect.baseUrl && id === app.id,
  );
  const { stdout, now } = deps;
  const view = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  stdout.write(flags.json ? endpointToJson(app, claims) : describeEndpoint(app, claims, view));
  return EXIT.ok;
}
