import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface LookUpOptions {
  /** Path of the Node program. */
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Addresses of a host from the system resolver, in its order, the hosts file included. Rejects with an error that has a `code` as those of
 * node:dns. A process of its own asks, and is killed when `signal` aborts: nothing stops a lookup of this process, which could not end
 * before the system has given up on a name server that does not answer.
 */
export async function lookUp(name: string, { node, env, signal }: LookUpOptions): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(node, ['-e', ASK, '--', name], {
    env: { ...env },
    signal,
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
  const answer: Answer = JSON.parse(stdout);
  if (answer.code !== undefined) throw Object.assign(new Error(`lookup of ${name}: ${answer.code}`), answer);
  return answer.addresses;
}

type Answer =
  | { readonly addresses: readonly string[]; readonly code?: undefined }
  | { readonly code: string; readonly syscall: string };

const ASK = `require('node:dns').lookup(process.argv[1], { all: true, verbatim: true }, (error, found) => {
  const answer = error ? { code: error.code, syscall: error.syscall } : { addresses: found.map(({ address }) => address) };
  process.stdout.write(JSON.stringify(answer));
});`;
