import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ServerIdentity } from './endpoint-certificates.js';
import { findInstalled } from './installed.js';
import { freePort, type ServerProcess, startServerProcess } from './server-process.js';

export interface SServer extends Pick<ServerProcess, 'log' | 'stop'> {
  readonly port: number;
}

/**
 * A real `openssl s_server` on loopback that shows this chain, with further flags. It answers a GET with a page, one connection after the
 * other, and knows no POST: it is there for its TLS.
 */
export async function startSServer(
  folder: string,
  identity: ServerIdentity,
  flags: readonly string[],
): Promise<SServer> {
  const port = await freePort();
  const [cert, key] = [path.join(folder, `${port}.cert.pem`), path.join(folder, `${port}.key.pem`)];
  writeFileSync(cert, identity.cert);
  writeFileSync(key, identity.key, { mode: 0o600 });
  const fixed = [
    's_server',
    '-accept',
    `127.0.0.1:${port}`,
    '-cert',
    cert,
    '-cert_chain',
    cert,
    '-key',
    key,
    '-www',
    '-quiet',
  ];
  const server = await startServerProcess(findInstalled('openssl')!, [...fixed, ...flags], port);
  return { port, log: server.log, stop: server.stop };
}
