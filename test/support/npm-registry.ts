import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface NpmRegistry {
  readonly url: string;
  /** Paths that were asked for. */
  readonly requests: readonly string[];
  close(): void;
}

/** A registry on loopback that has one package; the last of `versions`, each with its tarball, is `latest`. */
export async function startNpmRegistry(name: string, versions: Readonly<Record<string, Buffer>>): Promise<NpmRegistry> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const asked = request.url ?? '';
    requests.push(asked);
    const tarball = versions[/^\/tarballs\/(.+)\.tgz$/.exec(asked)?.[1] ?? ''];
    if (tarball !== undefined) response.end(tarball);
    else if (asked === `/${name}`)
      response.setHeader('content-type', 'application/json').end(JSON.stringify(packument()));
    else response.writeHead(404).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const packument = () => ({
    name,
    'dist-tags': { latest: Object.keys(versions).at(-1) },
    versions: Object.fromEntries(
      Object.entries(versions).map(([version, tarball]) => {
        const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
        return [version, { name, version, dist: { tarball: `${url}tarballs/${version}.tgz`, integrity } }];
      }),
    ),
  });
  return { url, requests, close: () => server.close() };
}
