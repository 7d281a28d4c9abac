import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A package of the registry in a folder of its own, or why it could not be installed. */
export type Installed = { readonly folder: string } | { readonly reason: string };

/** Time for one download; a registry that is out of reach is told sooner. */
const INSTALL_MS = 300_000;

/**
 * Installs a runtime or test runner from the registry, once for a machine: it is tens of megabytes, and no dependency of this project. A
 * second process that installs the same leaves the first one's folder in place.
 */
export function installRuntime(specifier: string): Installed {
  const [major = ''] = process.versions.node.split('.');
  const folder = path.join(tmpdir(), `storewire-runtime-${specifier.replace(/[^\w.-]/g, '-')}-node${major}`);
  if (existsSync(folder)) return isOwn(folder) ? { folder } : { reason: `${folder} belongs to another user` };
  const partial = mkdtempSync(`${folder}-`);
  try {
    writeFileSync(path.join(partial, 'package.json'), '{"private":true}');
    const options = ['--no-audit', '--no-fund', '--fetch-retries=1', '--prefix', partial];
    runNpm(['install', ...options, specifier], partial);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) return { reason: reasonOf(error) };
  }
  return { folder };
}

/** Anyone may create a folder among the temporary ones, and what is in this one will run. */
function isOwn(folder: string): boolean {
  return process.getuid === undefined || lstatSync(folder).uid === process.getuid();
}

/** The first line in which npm says what failed. */
function reasonOf(error: unknown): string {
  const { stderr = '', message } = error as Error & { readonly stderr?: string };
  return (/^npm error (?!code)(.+)$/m.exec(stderr)?.[1] ?? message.split('\n')[0] ?? 'npm failed').slice(0, 120);
}

/** npm as it runs these tests, or the one on the path; on Windows that is a script, which only a shell can start. */
export function runNpm(args: readonly string[], cwd: string): string {
  const running = process.env.npm_execpath;
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: INSTALL_MS,
  };
  return running?.endsWith('.js')
    ? execFileSync(process.execPath, [running, ...args], options)
    : execFileSync('npm', [...args], { ...options, shell: process.platform === 'win32' });
}
