import type { KeyObject } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { createConnectApi } from '../../connect-api/client.js';
import { ToolError } from '../../errors.js';
import { proxyOf } from '../../http/proxy.js';
import { createServerApi } from '../../server-api/client.js';
import { readKeyOfKind } from '../../session/api-keys.js';
import { findSimilarBundleId } from '../../session/connect.js';
import { type APPLE_ADDRESSES, ownerOfAddress, wrongAppleAddress } from '../../settings/base-address.js';
import { checkKeyFile } from '../../settings/key-files.js';
import { type KeyKind, keyOfFileName } from '../../settings/key-source.js';
import type { Environment } from '../../settings/setting.js';
import type { ProfileAnswers, ProfileKey } from '../../settings/write-profile.js';
import type { Prompts } from '../../terminal/prompts.js';
import type { InitDeps } from './options.js';
import type { KnownSettings } from './profile.js';
import type { Trial } from './view.js';

interface KeyCheckOptions {
  readonly addresses: KnownSettings['addresses'];
  /** Also test at addresses that are neither Apple's nor loopback. */
  readonly foreignToo: boolean;
}

type TrialDeps = Pick<InitDeps, 'env' | 'http' | 'now' | 'sleep' | 'signal' | 'random'>;

/** Tests the keys of a profile, one after the other; changes nothing at Apple. Throws only if interrupted. */
export async function checkKeys(
  answers: ProfileAnswers,
  plan: KeyCheckOptions,
  deps: TrialDeps,
): Promise<readonly Trial[]> {
  const server = await tryServerKey(answers, plan, deps);
  const connect = answers.connect === undefined ? [] : [await tryConnectKey(answers.connect, answers, plan, deps)];
  return [server, ...connect];
}

/**
 * Tests the Server API key. Production answers 401 to every key before the first release of the app, so a rejection there is confirmed with
 * the sandbox, which accepts the same keys.
 */
async function tryServerKey(answers: ProfileAnswers, plan: KeyCheckOptions, deps: TrialDeps): Promise<Trial> {
  const first = await askServer(answers.environment, answers, plan, deps);
  if (first.outcome !== 'refused' || answers.environment !== 'production') return first;
  const second = await askServer('sandbox', answers, plan, deps);
  if (second.outcome !== 'accepted') return first;
  const detail = 'by the sandbox; production rejects every key before the first release of the app';
  return { ...first, outcome: 'accepted', detail };
}

const HOUR_MS = 3_600_000;

/** Requests the history of the last hour: it needs a valid key, issuer and app, and changes nothing. */
function askServer(
  environment: Environment,
  answers: ProfileAnswers,
  plan: KeyCheckOptions,
  deps: TrialDeps,
): Promise<Trial> {
  const address = plan.addresses[environment];
  return attempt('server', `serverApi.${environment}`, address, answers.server, plan, deps, async (key, dispatcher) => {
    const { keyId, issuerId } = answers.server;
    const { now, sleep, signal, random } = deps;
    const proxy = proxyOf(deps.env, address);
    const credentials = { issuerId: issuerId ?? '', keyId, privateKey: key, bundleId: answers.bundleId };
    const limits = { deadlineMs: now() + DEADLINE_MS, now, sleep, signal, random };
    const api = createServerApi({ ...credentials, ...limits, baseUrl: address, environment, dispatcher, proxy });
    await api.history({ startDate: now() - HOUR_MS, endDate: now() });
    return { detail: `by ${new URL(address).host}` };
  });
}

/** Limit of one key test. */
const DEADLINE_MS = 20_000;

/** Looks the app up by its bundle id. */
function tryConnectKey(
  key: ProfileKey,
  answers: ProfileAnswers,
  plan: KeyCheckOptions,
  deps: TrialDeps,
): Promise<Trial> {
  const address = plan.addresses.connect;
  return attempt('connect', 'connectApi', address, key, plan, deps, async (privateKey, dispatcher) => {
    const { now, sleep, signal } = deps;
    const { issuerId, keyId } = key;
    const { host } = new URL(address);
    const request = { dispatcher, proxy: proxyOf(deps.env, address), now, sleep, signal };
    const api = createConnectApi({ baseUrl: address, issuerId, keyId, privateKey, ...request });
    const app = await api.findApp(answers.bundleId);
    if (app === null) {
      const similar = await findSimilarBundleId(api, answers.bundleId);
      const detail = `by ${host}, but it has access to no app with the bundle id ${answers.bundleId}`;
      return similar === null ? { detail } : { detail, similar };
    }
    return { detail: `by ${host}, with access to the app ${app.name}`.trimEnd(), appAppleId: app.id };
  });
}

type Found = Pick<Trial, 'detail' | 'appAppleId' | 'similar'>;

async function attempt(
  api: KeyKind,
  name: keyof typeof APPLE_ADDRESSES,
  address: string,
  { privateKeyPath }: ProfileKey,
  { foreignToo }: KeyCheckOptions,
  { http, signal }: TrialDeps,
  ask: (key: KeyObject, dispatcher: Dispatcher) => Promise<Found>,
): Promise<Trial> {
  const wrong = wrongAppleAddress(address, name);
  if (wrong !== null) return { api, address, outcome: 'skipped', detail: `${address}: ${wrong}` };
  if (ownerOfAddress(address) === 'foreign' && !foreignToo) {
    const detail = `${address} is not Apple's; use --yes to send a token there`;
    return { api, address, outcome: 'skipped', detail };
  }
  try {
    const found = await ask(await readKeyOfKind(api, privateKeyPath, signal), await http());
    return { api, address, outcome: 'accepted', ...found };
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind === 'interrupted') throw error;
    const outcome = error.kind === 'auth' || error.kind === 'usage' ? 'refused' : 'unclear';
    return { api, address, outcome, detail: error.message, error };
  }
}

/**
 * Apple's rejection of a key, if it prevents the profile from being written; null if there is none, or if the user confirms the prompt.
 * Without a terminal it is thrown, with a hint how to skip the test.
 */
export async function unresolvedRefusal(trials: readonly Trial[], prompts: Prompts | null): Promise<ToolError | null> {
  const refusal = trials.find((trial) => trial.outcome === 'refused')?.error;
  if (refusal === undefined) return null;
  if (prompts === null) throw withSkipHint(refusal);
  return (await prompts.confirm({ message: 'Write the profile anyway?', default: false })) ? null : refusal;
}

function withSkipHint({ kind, code, message, hint, cause }: ToolError): ToolError {
  const skipHint = 'Nothing was written. --no-try writes the profile without testing the keys.';
  return new ToolError(kind, code, message, { hint: hint === undefined ? skipHint : `${hint} ${skipHint}`, cause });
}

/** Fills in the app Apple ID from App Store Connect, if it was omitted. */
export function fillAppAppleId(answers: ProfileAnswers, trials: readonly Trial[]): ProfileAnswers {
  const found = foundAppAppleId(trials);
  return answers.appAppleId === null && found !== undefined ? { ...answers, appAppleId: found } : answers;
}

/** Warnings about a profile that is written nevertheless. */
export function warningsOf(
  { appAppleId, bundleId, server, connect }: ProfileAnswers,
  trials: readonly Trial[],
  platform: NodeJS.Platform,
): readonly string[] {
  const keys = connect === undefined ? [server] : [server, connect];
  const found = foundAppAppleId(trials);
  const accepted = trials.find((trial) => trial.api === 'connect' && trial.outcome === 'accepted');
  return [
    ...keys.flatMap((key) => keyWarnings(key, platform)),
    ...(found !== undefined && found !== appAppleId
      ? [`the app Apple ID of ${bundleId} is ${found} in App Store Connect, not ${appAppleId}`]
      : []),
    ...(accepted !== undefined && found === undefined ? [withoutApp(bundleId, accepted)] : []),
  ];
}

function withoutApp(bundleId: string, { similar }: Trial): string {
  const message = `the App Store Connect key has access to no app with the bundle id ${bundleId}`;
  return similar === undefined
    ? `${message}; it may belong to another team`
    : `${message}, but to ${similar.bundleId}: ${similar.difference}`;
}

function foundAppAppleId(trials: readonly Trial[]): string | undefined {
  return trials.find((trial) => trial.appAppleId !== undefined)?.appAppleId;
}

function keyWarnings({ keyId, privateKeyPath }: ProfileKey, platform: NodeJS.Platform): readonly string[] {
  const named = keyOfFileName(privateKeyPath)?.keyId;
  const mismatch = `the key id is ${keyId}, but the name of ${privateKeyPath} contains ${named}`;
  const permissions = checkKeyFile({ form: 'path', path: privateKeyPath }, platform).map(({ message }) => message);
  return named === undefined || named === keyId ? permissions : [mismatch, ...permissions];
}
