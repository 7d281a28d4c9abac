import { reachableHost } from '../http/listen-errors.js';
import type { AppEnvironment } from '../simulator/payloads/app.js';
import { createApis, createRouter, recipientOf } from './apis.js';
import {
  addressesOf,
  advance,
  chainOf,
  countsOf,
  createEmulatorContext,
  type EmulatorContext,
  stateOf,
} from './context.js';
import type { EmulatorAddresses } from './events.js';
import { type Answered, type RunningServer, startServer } from './http.js';
import { openIdentity } from './identity.js';
import { OCSP_PATHS } from './ocsp-responder.js';
import { completeOptions, type Emulator, type EmulatorOptions } from './options.js';

/**
 * Starts Apple's side on this machine: Server API, App Store Connect API, sender, OCSP responder and control API, for one app, with
 * its state in memory. Real sockets and the real clock, but for the retry schedule. Resolves when all of it listens.
 * Throws (usage) `ERR_EMULATOR_PORT`, `ERR_EMULATOR_URL` and `ERR_EMULATOR_FOLDER`.
 */
export async function startEmulator(given: EmulatorOptions): Promise<Emulator> {
  const options = completeOptions(given);
  const stopping = new AbortController();
  const identity = openIdentity(options.stateFolder, options.authority.rootPem, options.random);
  const run = createEmulatorContext(options, identity, stopping.signal);
  const servers = await listen(run);
  const stop = once((reason: string) => stopRun(run, servers, stopping, reason));
  if (options.signal?.aborted) await stop(String(options.signal.reason));
  options.signal?.addEventListener('abort', () => void stop(String(options.signal?.reason)), { once: true });
  run.emit({ event: 'ready', ...addressesOf(run) });
  return describeEmulator(run, stop);
}

/** Requests that come before the chain is issued wait for it: it names its responder, and so the port. */
async function listen(run: EmulatorContext): Promise<readonly RunningServer[]> {
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const servers = await startServers(run, begun);
  const addresses = describeAddresses(run, servers);
  run.addresses = addresses;
  const ocspUrls = { leaf: addresses.url + OCSP_PATHS.leaf, intermediate: addresses.url + OCSP_PATHS.intermediate };
  run.chain = await run.options.authority.issueChain({ ocspUrls });
  begin();
  return servers;
}

async function startServers(
  run: EmulatorContext,
  begun: Promise<void>,
): Promise<readonly [RunningServer, RunningServer]> {
  const { host, port, now } = run.options;
  const apis = createApis(run);
  const start = (environment: AppEnvironment, onPort: number): Promise<RunningServer> => {
    const route = createRouter(apis, environment);
    const onAnswer = (answered: Answered): void => tellRequest(run, environment, answered);
    return startServer({ host, port: onPort, now, onAnswer, handle: (incoming) => begun.then(() => route(incoming)) });
  };
  const sandbox = await start('Sandbox', port);
  try {
    return [sandbox, await start('Production', port === 0 ? 0 : port + 1)];
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
}

function describeAddresses(
  { options, identity }: EmulatorContext,
  servers: readonly RunningServer[],
): EmulatorAddresses {
  const [sandbox = '', production = ''] = servers.map(({ port }) => `http://${reachableHost(options.host)}:${port}`);
  const { server, connect, rootPath, controlToken } = identity;
  return {
    url: sandbox,
    serverApi: { sandbox, production },
    connectApi: sandbox,
    issuerId: server.issuerId,
    keyId: server.keyId,
    privateKeyPath: server.privateKeyPath,
    bundleId: options.bundleId,
    appAppleId: options.appAppleId,
    rootPath,
    controlToken,
    connect: { issuerId: connect.issuerId, keyId: connect.keyId, privateKeyPath: connect.privateKeyPath },
  };
}

function tellRequest(run: EmulatorContext, port: AppEnvironment, { method, path, answer, ms }: Answered): void {
  run.requests += 1;
  const { status, errorCode = null, cause = null } = answer;
  run.emit({ event: 'request', ...recipientOf(path, port), method, path, status, ms, errorCode, cause });
}

async function stopRun(
  run: EmulatorContext,
  servers: readonly RunningServer[],
  stopping: AbortController,
  reason: string,
): Promise<void> {
  stopping.abort();
  run.clock.stop();
  await Promise.all(servers.map((server) => server.stop()));
  await run.courier.idle();
  run.emit({ event: 'stopped', reason, counts: countsOf(run) });
}

function describeEmulator(run: EmulatorContext, stop: (reason: string) => Promise<void>): Emulator {
  const { individual } = run.identity;
  return {
    ...addressesOf(run),
    individual: { keyId: individual.keyId, privateKeyPath: individual.privateKeyPath },
    chain: chainOf(run),
    send: run.dispatch.send,
    advance: (ms) => advance(run, ms),
    settings: () => run.settings,
    state: () => stateOf(run),
    counts: () => countsOf(run),
    stop: (reason = 'stopped') => stop(reason),
  };
}

/** The same promise for every call: two ways lead to the end. */
function once(work: (reason: string) => Promise<void>): (reason: string) => Promise<void> {
  let done: Promise<void> | null = null;
  return (reason) => {
    done ??= work(reason);
    return done;
  };
}
