import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ServerIdentity } from './endpoint-certificates.js';
import { findInstalled } from './installed.js';
import { freePort, startServerProcess } from './server-process.js';

export interface Nginx {
  readonly httpUrl: string;
  readonly httpsUrl: string;
  log(): string;
  stop(): Promise<void>;
}

/** The header by which a test says whom nginx shall take for the client; nginx believes it since the test is on loopback. */
export const CLIENT_HEADER = 'x-test-client';

/**
 * A real nginx on loopback, over http and TLS, that hands everything on to a port of loopback and appends the client's address to
 * X-Forwarded-For as proxies do. The client's address is what {@link CLIENT_HEADER} says, by nginx's own realip module.
 */
export async function startNginx(folder: string, toPort: number, identity: ServerIdentity): Promise<Nginx> {
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => path.join(folder, name);
  const [http, https] = [await freePort(), await freePort()];
  writeFileSync(file('cert.pem'), identity.cert);
  writeFileSync(file('key.pem'), identity.key, { mode: 0o600 });
  writeFileSync(file('nginx.conf'), settings(file, { http, https, to: toPort }));
  const server = await startServerProcess(
    findInstalled('nginx')!,
    ['-c', file('nginx.conf'), '-p', folder, '-e', 'stderr'],
    http,
    https,
  );
  return {
    httpUrl: `http://127.0.0.1:${http}`,
    httpsUrl: `https://127.0.0.1:${https}`,
    log: server.log,
    stop: server.stop,
  };
}

/** One process in the foreground, which writes nowhere but into its folder: it runs as whoever runs the tests. */
function settings(file: (name: string) => string, ports: { http: number; https: number; to: number }): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off;
    master_process off;
    pid ${file('nginx.pid')};
    error_log stderr warn;
    events { worker_connections 64; }
    http {
      access_log off;
      ${folders.map((name) => `${name}_temp_path ${file(name)};`).join('\n      ')}
      set_real_ip_from 127.0.0.1;
      real_ip_header ${CLIENT_HEADER};
      server {
        listen 127.0.0.1:${ports.http};
        listen 127.0.0.1:${ports.https} ssl;
        ssl_certificate ${file('cert.pem')};
        ssl_certificate_key ${file('key.pem')};
        location / {
          proxy_pass http://127.0.0.1:${ports.to};
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto $scheme;
        }
      }
    }
  `;
}
