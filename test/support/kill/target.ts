import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An app that accepts everything and counts it. */
export interface KillTarget {
  readonly url: string;
  /** Acceptances by notificationUUID. */
  readonly accepted: ReadonlyMap<string, number>;
  /** Resolves with true once it has accepted all of these, with false if nothing arrives for so long. */
  hasAll(uuids: Iterable<string>, quietMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export async function startKillTarget(): Promise<KillTarget> {
  const accepted = new Map<string, number>();
  let wake = (): void => undefined;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const uuid = String(request.headers['storewire-uuid']);
      accepted.set(uuid, (accepted.get(uuid) ?? 0) + 1);
      response.end();
      wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const arrival = (quietMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), quietMs);
      wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    accepted,
    async hasAll(uuids, quietMs) {
      for (const uuid of uuids) while (!accepted.has(uuid)) if (!(await arrival(quietMs))) return false;
      return true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
