import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ServerIdentity } from './endpoint-certificates.js';
import { findInstalled } from './installed.js';
import { freePort, startServerProcess } from './server-process.js';

/** One endpoint: how nginx is set up for it. */
export interface NginxEndpoint {
  /** Plain http where left out. */
  readonly identity?: ServerIdentity;
  /** Parameters of `listen` besides. */
  readonly listen?: string;
  /** Directives of its server; what they leave out is that of nginx. */
  readonly settings: string;
}

export interface NginxEndpoints<Name extends string> {
  readonly ports: Readonly<Record<Name, number>>;
  log(): string;
  stop(): Promise<void>;
}

/** One real nginx on loopback with a port for each endpoint. */
export async function startNginxEndpoints<Name extends string>(
  folder: string,
  endpoints: Readonly<Record<Name, NginxEndpoint>>,
): Promise<NginxEndpoints<Name>> {
  const names = Object.keys(endpoints) as Name[];
  mkdirSync(folder, { recursive: true });
  const free = await freePorts(names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index]!])) as Record<Name, number>;
  const servers = names.map((name) => serverOf(folder, ports[name], endpoints[name]));
  const conf = path.join(folder, 'nginx.conf');
  writeFileSync(conf, settingsOf(folder, servers));
  const args = ['-c', conf, '-p', folder, '-e', 'stderr'];
  const server = await startServerProcess(findInstalled('nginx')!, args, ...free);
  return { ports, log: server.log, stop: server.stop };
}

/** A port that was free may be given out again: each once. */
async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function serverOf(folder: string, port: number, { identity, listen = '', settings }: NginxEndpoint): string {
  if (identity === undefined) return `server { listen 127.0.0.1:${port}; ${settings} }`;
  const [cert, key] = [path.join(folder, `${port}.cert.pem`), path.join(folder, `${port}.key.pem`)];
  writeFileSync(cert, identity.cert);
  writeFileSync(key, identity.key, { mode: 0o600 });
  return `server { listen 127.0.0.1:${port} ssl ${listen}; ssl_certificate ${cert}; ssl_certificate_key ${key}; ${settings} }`;
}

/** One process in the foreground, which writes nowhere but into its folder: it runs as whoever runs the tests. */
function settingsOf(folder: string, servers: readonly string[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off;
    master_process off;
    pid ${path.join(folder, 'nginx.pid')};
    error_log stderr warn;
    events { worker_connections 128; }
    http {
      access_log off;
      reset_timedout_connection on;
      default_type application/json;
      ${temporary.map((name) => `${name}_temp_path ${path.join(folder, name)};`).join('\n      ')}
      ${servers.join('\n      ')}
    }
  `;
}
