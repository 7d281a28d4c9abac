import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkEndpoint } from '../support/check-outcome.js';
import { type EndpointCertificates, makeEndpointCertificates } from '../support/endpoint-certificates.js';
import { reasonToSkip } from '../support/installed.js';
import { type NginxEndpoint, type NginxEndpoints, startNginxEndpoints } from '../support/nginx-endpoints.js';
import { freePort } from '../support/server-process.js';
import { realWorld } from '../support/world.js';

const SKIP = reasonToSkip('nginx');
/** Response of a verifying endpoint to an unsigned request. */
const REFUSES = `location / { return 400 '{"error":"signature"}'; }`;
const OLD = 'ssl_ciphers DEFAULT@SECLEVEL=0;';
const CHALLENGE = '<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>';
/** Longer than an answer should take. */
const SLOW_MS = 1_100;

/** A row: scheme, the step that is to fail (or warn), and the settings. */
type Scheme = 'http' | 'https';
interface Row {
  readonly scheme: Scheme;
  readonly fails?: string;
  readonly warns?: string;
  /** The sender follows a redirect and sees nothing wrong, or takes a page for a delivery. */
  readonly isUnseen?: true;
  readonly make: (given: Given) => NginxEndpoint;
}

interface Given {
  readonly certificates: EndpointCertificates;
  readonly file: (name: string) => string;
  readonly slowPort: number;
  readonly deadPort: number;
}

const tls = (make: (given: Given) => string, fails?: string, warns?: string): Row => ({
  scheme: 'https',
  ...(fails === undefined ? {} : { fails }),
  ...(warns === undefined ? {} : { warns }),
  make: (given) => ({ identity: given.certificates.identities.good, settings: make(given) }),
});
const shows = (name: keyof EndpointCertificates['identities'], fails: string): Row => ({
  scheme: 'https',
  fails,
  make: ({ certificates }) => ({ identity: certificates.identities[name], settings: REFUSES }),
});

const ROWS = {
  good: tls(() => REFUSES),
  'good with HTTP/2 beside': { ...tls(() => REFUSES), make: http2 },
  'TLS 1.0 only': tls(() => `ssl_protocols TLSv1; ${OLD} ${REFUSES}`, 'tls.version'),
  'TLS 1.1 only': tls(() => `ssl_protocols TLSv1.1; ${OLD} ${REFUSES}`, 'tls.version'),
  'TLS 1.2 only': tls(() => `ssl_protocols TLSv1.2; ${REFUSES}`),
  'TLS 1.3 only': tls(() => `ssl_protocols TLSv1.3; ${REFUSES}`),
  'TLS 1.0 beside newer': tls(() => `ssl_protocols TLSv1 TLSv1.2 TLSv1.3; ${OLD} ${REFUSES}`, undefined, 'tls.version'),
  'no cipher that fits its key': tls(
    () => `ssl_protocols TLSv1.2; ssl_ciphers AES128-SHA; ${REFUSES}`,
    'tls.handshake',
  ),
  'missing intermediate': shows('incomplete-chain', 'tls.chain'),
  'unknown root': shows('unknown-root', 'tls.chain'),
  'wrong name': shows('wrong-name', 'tls.hostname'),
  expired: shows('expired', 'tls.expiry'),
  'not yet valid': shows('not-yet-valid', 'tls.expiry'),
  'self-signed': shows('self-signed', 'tls.self-signed'),
  'plain HTTP on the TLS port': { scheme: 'https', fails: 'tls.handshake', make: () => ({ settings: REFUSES }) },
  'TLS on the HTTP port': { ...tls(() => REFUSES, 'http.answer'), scheme: 'http' },
  'refuses every handshake': tls(() => 'ssl_reject_handshake on;', 'tls.handshake'),
  'mutual TLS': tls(
    ({ file }) => `ssl_verify_client on; ssl_client_certificate ${file('root.pem')}; ${REFUSES}`,
    'http.wall',
  ),
  'redirect to itself': tls(() => 'location / { return 301 $scheme://$http_host$request_uri; }', 'http.redirect'),
  'redirect between slash and none': tls(
    () => 'location = /apple { return 301 /apple/; } location = /apple/ { return 301 /apple; } absolute_redirect off;',
    'http.redirect',
  ),
  'redirect to a slash': {
    ...tls(() => `location = /apple { return 308 /apple/; } absolute_redirect off; ${REFUSES}`, 'http.redirect'),
    isUnseen: true,
  },
  'redirect to a login': {
    ...tls(
      () => 'location = /apple { return 302 /login; } absolute_redirect off; location / { return 200 ok; }',
      'http.wall',
    ),
    isUnseen: true,
  },
  slow: tls(({ slowPort }) => `location / { proxy_pass http://127.0.0.1:${slowPort}; }`, undefined, 'http.time'),
  'body limit': tls(
    () => `client_max_body_size 4k; location / { proxy_pass http://127.0.0.1:1; }`,
    'http.size',
    'http.get',
  ),
  password: tls(
    ({ file }) => `auth_basic staging; auth_basic_user_file ${file('users')}; location / { root ${file('')}; }`,
    'http.wall',
  ),
  'HTML challenge': tls(
    () => `location / { default_type text/html; add_header cf-mitigated challenge always; return 403 '${CHALLENGE}'; }`,
    'http.wall',
  ),
  'a page for everything': {
    ...tls(
      () => `location / { default_type text/html; return 200 '<!doctype html><html>Shop</html>'; }`,
      'http.status',
    ),
    isUnseen: true,
  },
  'accepts everything': tls(() => 'location / { return 200; }', undefined, 'http.status'),
  'not there': tls(() => 'location / { return 404; }', 'http.status'),
  'static files, which take no POST': tls(
    ({ file }) => `location / { root ${file('')}; try_files /users =404; }`,
    'http.status',
  ),
  'app behind it down': tls(
    ({ deadPort }) => `location / { proxy_pass http://127.0.0.1:${deadPort}; }`,
    'http.status',
    'http.get',
  ),
  'connection reset': tls(() => 'location / { return 444; }', 'http.answer'),
  'plain http': { scheme: 'http', make: () => ({ settings: REFUSES }) },
} as const satisfies Readonly<Record<string, Row>>;

type Name = keyof typeof ROWS;
const NAMES = Object.keys(ROWS) as readonly Name[];

function http2({ certificates }: Given): NginxEndpoint {
  return { identity: certificates.identities.good, listen: 'http2', settings: REFUSES };
}

describe.skipIf(SKIP !== '')(`the check of an endpoint on a real nginx${SKIP}`, () => {
  let folder: string;
  let slow: Server;
  let nginx: NginxEndpoints<Name>;
  let ca: readonly string[];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewire-check-'));
    const file = (name: string): string => path.join(folder, name);
    const certificates = await makeEndpointCertificates(Date.now());
    ca = [certificates.rootPem];
    writeFileSync(file('root.pem'), certificates.rootPem);
    writeFileSync(file('users'), 'apple:{PLAIN}secret\n');
    slow = createServer((_request, response) => {
      setTimeout(() => response.writeHead(400).end(), SLOW_MS);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => slow.once('listening', resolve));
    const given = { certificates, file, slowPort: (slow.address() as AddressInfo).port, deadPort: await freePort() };
    const endpoints = Object.fromEntries(NAMES.map((name) => [name, ROWS[name].make(given)]));
    nginx = await startNginxEndpoints(folder, endpoints as Record<Name, NginxEndpoint>);
  });
  afterAll(async () => {
    await nginx?.stop();
    slow?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(NAMES)('%s', async (name) => {
    const row: Row = ROWS[name];
    const url = new URL(`${row.scheme}://127.0.0.1:${nginx.ports[name]}/apple`);
    const { failed, warned, predicted, reported } = await checkEndpoint(
      url,
      realWorld(ca, row.warns === 'http.time' ? { now: Date.now } : {}),
    );
    expect({ failed, warned }).toEqual({
      failed: row.fails === undefined ? [] : [row.fails],
      warned: row.warns === undefined ? [] : [row.warns],
    });
    expect(predicted).toEqual(row.fails === undefined ? [] : [row.isUnseen ? null : reported]);
  });
});
