import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { findInstalled } from './installed.js';
import { freePort, startServerProcess } from './server-process.js';

/** The name by which the client knows the server, as a user would write it in ~/.ssh/config. */
export const SSH_ALIAS = 'tunnel-host';
/** A service that prints its URL, which here leads to the same server. */
export const SSH_SERVICE = 'a.pinggy.io';

export interface Sshd {
  /** A PATH on which `ssh` is the real one, with settings of the test's own: it reads those of the home folder of the account, always. */
  readonly path: string;
  /** Process ids of the ssh clients started so far; the first of each tunnel is the one that asks for the host name. */
  clients(): readonly number[];
  log(): string;
  stop(): Promise<void>;
}

export interface SshdWish {
  /** Lines of sshd_config besides. */
  readonly settings?: readonly string[];
  /** The client does not know the host's key. */
  readonly isStranger?: boolean;
}

/** A real sshd on loopback with keys of its own, that lets this account in by one key. Needs `sshd`, `ssh` and `ssh-keygen`. */
export async function startSshd(folder: string, wish: SshdWish = {}): Promise<Sshd> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string): string => path.join(folder, name);
  for (const name of ['host-key', 'user-key']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file(name)]);
  }
  const port = await freePort();
  writeFileSync(file('authorized_keys'), readFileSync(file('user-key.pub')));
  writeFileSync(
    file('known_hosts'),
    wish.isStranger ? '' : `[127.0.0.1]:${port} ${readFileSync(file('host-key.pub'))}`,
  );
  writeFileSync(file('sshd_config'), serverSettings(file, port, wish.settings ?? []));
  writeClient(file, port);
  // Made by the service that is not started here; root's sshd insists on it.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = await startServerProcess(findInstalled('sshd')!, ['-D', '-e', '-f', file('sshd_config')], port);
  return {
    path: `${file('bin')}${path.delimiter}${process.env.PATH}`,
    clients: () => (existsSync(file('pids')) ? readFileSync(file('pids'), 'utf8').trim().split('\n').map(Number) : []),
    log: server.log,
    stop: server.stop,
  };
}

function serverSettings(file: (name: string) => string, port: number, more: readonly string[]): string {
  return [
    ...more,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host-key')}`,
    `AuthorizedKeysFile ${file('authorized_keys')}`,
    'PidFile none',
    'LogLevel DEBUG1',
    'UsePAM no',
    // The folder for temporary files may be written by all.
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    '',
  ].join('\n');
}

function writeClient(file: (name: string) => string, port: number): void {
  const settings = [
    `Host ${SSH_ALIAS} ${SSH_SERVICE}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${file('user-key')}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${file('known_hosts')}`,
    '  GlobalKnownHostsFile none',
    // What a user may have set, and a tunnel must cope with.
    '  LogLevel QUIET',
    '  RemoteForward 0 127.0.0.1:9',
    '',
  ];
  writeFileSync(file('config'), settings.join('\n'));
  mkdirSync(file('bin'));
  writeFileSync(
    file('bin/ssh'),
    `#!/bin/sh\necho $$ >> '${file('pids')}'\nexec '${findInstalled('ssh')}' -F '${file('config')}' "$@"\n`,
  );
  chmodSync(file('bin/ssh'), 0o755);
}
