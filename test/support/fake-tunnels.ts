import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Tunnel programs for a PATH of the test's own: each opens a real TCP relay on loopback to the port it is told, writes the relay's port
 * and its own process id beside itself, and prints what the real program prints. `FAKE_TUNNEL` makes it fail as the real one does.
 */
export interface FakeTunnels {
  readonly folder: string;
  /** The PATH that finds them first. */
  readonly path: string;
  /** Where the relay of a running program listens; null before. */
  relayPort(): number | null;
  /** Process ids of all that were started and their children. */
  pids(): readonly number[];
  /** A command line that runs this source as a program, after `node`'s own arguments. */
  script(name: string, source: string): string;
}

const RELAY = `
const net = require('node:net');
const fs = require('node:fs');
const path = require('node:path');
const fail = process.env.FAKE_TUNNEL;
fs.appendFileSync(path.join(__dirname, 'pids'), process.pid + '\\n');
function relay(port, ready) {
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  server.listen(0, '127.0.0.1', () => {
    fs.writeFileSync(path.join(__dirname, 'relay-port'), String(server.address().port));
    ready(server.address().port);
  });
}
const stamp = () => new Date().toISOString().replace(/\\.\\d+/, '');
module.exports = { relay, fail, stamp, args: process.argv.slice(2) };
`;

/** Output as in cloudflared's issues 456 and 555. */
const CLOUDFLARED = `
const { relay, fail, stamp, args } = require('./relay.cjs');
const say = (text) => process.stderr.write(stamp() + ' INF ' + text + '\\n');
say('Requesting new quick Tunnel on trycloudflare.com...');
if (fail) {
  process.stderr.write('failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com: no such host\\n');
  process.exit(1);
}
const rule = '+' + '-'.repeat(92) + '+';
relay(Number(new URL(args[args.indexOf('--url') + 1]).port), () => {
  say(rule);
  say('|  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):  |');
  say('|  https://oklahoma-solo-younger-truck.trycloudflare.com                                     |');
  say(rule);
});
`;

/** Log lines as in ngrok's own logs, its API as documented at ngrok.com/docs/agent/api. Another agent's tunnel comes first. */
const NGROK = `
const { relay, fail, stamp, args } = require('./relay.cjs');
const http = require('node:http');
const say = (text) => process.stdout.write('t=' + stamp() + ' lvl=info ' + text + '\\n');
if (fail) {
  process.stderr.write('ERROR:  authentication failed: Usage of ngrok requires a verified account and authtoken.\\nERROR:  \\nERROR:  Your authtoken: 1yaP1QLD0cVVKBknmtX9TAduxr6\\nERROR:  \\nERROR:  ERR_NGROK_4018\\nERROR:  \\n');
  process.exit(1);
}
const [, address] = args;
const tunnel = (addr, public_url) => ({ name: 'command_line', uri: '/api/tunnels/command_line', public_url, proto: 'https', config: { addr, inspect: true }, metrics: {} });
let tunnels = [tunnel('http://127.0.0.1:1', 'https://another.ngrok-free.app')];
const api = http.createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ tunnels, uri: '/api/tunnels' }));
});
api.listen(0, '127.0.0.1', () => {
  say('msg="no configuration paths supplied"');
  say('msg="starting web service" obj=web addr=127.0.0.1:' + api.address().port + ' allow_hosts=[]');
  relay(Number(address.split(':').at(-1)), () => {
    tunnels = [...tunnels, tunnel('http://' + address, 'https://1b2c3d.ngrok-free.app')];
    say('msg="started tunnel" obj=tunnels name=command_line addr=http://' + address + ' url=https://1b2c3d.ngrok-free.app');
  });
});
`;

/** Output as at tailscale.com/kb/1223/funnel. Where Funnel is off it waits for whoever opens the page. */
const TAILSCALE = `
const { relay, fail, args } = require('./relay.cjs');
if (fail) {
  process.stdout.write('Funnel is not enabled on your tailnet.\\nTo enable, visit:\\n\\n         https://login.tailscale.com/f/funnel?node=nho4oGYG7X11CNTRL\\n\\n');
  setInterval(() => {}, 1000);
} else {
  relay(Number(args[1]), () => {
    process.stdout.write('Available on the internet:\\n\\nhttps://laptop.tail-scale.ts.net/\\n|-- proxy http://127.0.0.1:' + args[1] + '\\n\\nPress Ctrl+C to exit.\\n');
  });
}
`;

/** Puts fake `cloudflared`, `ngrok` and `tailscale` into a folder. */
export function writeFakeTunnels(folder: string): FakeTunnels {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'relay.cjs'), RELAY);
  const program = (name: string, source: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, `#!${process.execPath}\n${source}`);
    chmodSync(file, 0o755);
    return file;
  };
  program('cloudflared', CLOUDFLARED);
  program('ngrok', NGROK);
  program('tailscale', TAILSCALE);
  const read = (name: string): string => {
    const file = path.join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  return {
    folder,
    path: `${folder}${path.delimiter}${process.env.PATH}`,
    relayPort: () => Number(read('relay-port')) || null,
    pids: () => read('pids').split('\n').filter(Boolean).map(Number),
    script: (name, source) => program(name, source),
  };
}

/** Whether a process of this id still runs; one that has ended and was not waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    // Gone by now, or a system without /proc, where the signal arrived.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync('/proc/self');
  }
}
