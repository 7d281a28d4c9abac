import { reachableHost } from '../http/listen-errors.js';
import type { AppEnvironment } from '../simulator/payloads/app.js';
import { createApis, createRouter, routeOf } from './apis.js';
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
import { HEALTH_PATH } from './health.js';
import { type HandledRequest, type RunningServer, startServer } from './http.js';
import { openIdentity } from './identity.js';
import { OCSP_PATHS } from './ocsp-responder.js';
import { completeOptions, type Emulator, type EmulatorOptions } from './options.js';

/**
 * Starts an emulator of one app: Server API, App Store Connect API, notification sender, OCSP responder and control API.
 * State is in memory. Everything but retries and repeated consumption requests uses the real clock. Resolves when all servers listen.
 * Throws (usage) `ERR_EMULATOR_PORT`, `ERR_EMULATOR_URL` and `ERR_EMULATOR_FOLDER`.
 */
export async function startEmulatorServer(given: EmulatorOptions): Promise<Emulator> {
  const options = completeOptions(given);
  const stopping = new AbortController();
  const identity = openIdentity(options.stateFolder, options.authority.rootPem, options.random);
  const context = createEmulatorContext(options, identity, stopping.signal);
  const servers = await listen(context);
  const stop = callOnce((reason: string) => stopEmulator(context, servers, stopping, reason));
  if (options.signal?.aborted) await stop(String(options.signal.reason));
  options.signal?.addEventListener('abort', () => void stop(String(options.signal?.reason)), { once: true });
  context.emit({ event: 'ready', ...addressesOf(context) });
  return describeEmulator(context, stop);
}

/** Requests wait until the chain is issued, which needs the port for the URL of its OCSP responder. */
async function listen(context: EmulatorContext): Promise<readonly RunningServer[]> {
  let markReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });
  const servers = await startServers(context, ready);
  const addresses = describeAddresses(context, servers);
  context.addresses = addresses;
  const ocspUrls = { leaf: addresses.url + OCSP_PATHS.leaf, intermediate: addresses.url + OCSP_PATHS.intermediate };
  context.chain = await context.options.authority.issueChain({ ocspUrls });
  markReady();
  return servers;
}

async function startServers(
  context: EmulatorContext,
  ready: Promise<void>,
): Promise<readonly [RunningServer, RunningServer]> {
  const { host, port, now } = context.options;
  const apis = createApis(context);
  const start = (environment: AppEnvironment, serverPort: number): Promise<RunningServer> => {
    const route = createRouter(apis, environment);
    const onResponse = (handled: HandledRequest): void => emitRequest(context, environment, handled);
    return startServer({
      host,
      port: serverPort,
      now,
      onResponse,
      handle: (request) => ready.then(() => route(request)),
    });
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

function emitRequest(
  context: EmulatorContext,
  port: AppEnvironment,
  { method, path, response, ms }: HandledRequest,
): void {
  // Probes come every few seconds and would hide the rest of the log.
  if (path === HEALTH_PATH) return;
  context.requests += 1;
  const { status, errorCode = null, cause = null } = response;
  context.emit({ event: 'request', ...routeOf(path, port), method, path, status, ms, errorCode, cause });
}

async function stopEmulator(
  context: EmulatorContext,
  servers: readonly RunningServer[],
  stopping: AbortController,
  reason: string,
): Promise<void> {
  stopping.abort();
  context.clock.stop();
  await Promise.all(servers.map((server) => server.stop()));
  await context.sender.idle();
  context.emit({ event: 'stopped', reason, counts: countsOf(context) });
}

function describeEmulator(context: EmulatorContext, stop: (reason: string) => Promise<void>): Emulator {
  const { individual } = context.identity;
  return {
    ...addressesOf(context),
    individual: { keyId: individual.keyId, privateKeyPath: individual.privateKeyPath },
    chain: chainOf(context),
    send: context.dispatch.send,
    advance: (ms) => advance(context, ms),
    settings: () => context.settings,
    state: () => stateOf(context),
    counts: () => countsOf(context),
    calls: () => context.calls.latest(Number.POSITIVE_INFINITY),
    stop: (reason = 'stopped') => stop(reason),
  };
}

/** Runs `work` once: `stop` and the signal may both request it. */
function callOnce(work: (reason: string) => Promise<void>): (reason: string) => Promise<void> {
  let done: Promise<void> | null = null;
  return (reason) => {
    done ??= work(reason);
    return done;
  };
}
