import type { KeyObject } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { createConnectApi } from '../../connect-api/client.js';
import { ToolError } from '../../errors.js';
import { proxyOf } from '../../http/proxy.js';
import { createServerApi } from '../../server-api/client.js';
import { readKeyOfKind } from '../../session/api-keys.js';
import { ownerOfAddress } from '../../settings/base-address.js';
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
  /** Addresses that are neither Apple's nor loopback are asked, too. */
  readonly foreignToo: boolean;
}

type TrialDeps = Pick<InitDeps, 'env' | 'http' | 'now' | 'sleep' | 'signal' | 'random'>;

/** Tries the keys of a profile, one after the other; changes nothing at Apple. Throws only when interrupted. */
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
 * Production answers 401 to every key before the first release of the app there, so the sandbox, which knows the same keys, is asked
 * before such an answer counts.
 */
async function tryServerKey(answers: ProfileAnswers, plan: KeyCheckOptions, deps: TrialDeps): Promise<Trial> {
  const first = await askServer(answers.environment, answers, plan, deps);
  if (first.outcome !== 'refused' || answers.environment !== 'production') return first;
  const second = await askServer('sandbox', answers, plan, deps);
  if (second.outcome !== 'accepted') return first;
  const detail =
    'by the sandbox; production refuses it, as it does every key until the app has had its first release there';
  return { ...first, outcome: 'accepted', detail };
}

const HOUR_MS = 3_600_000;

/** Asks for the history of the last hour, which needs key, issuer and app to be right, and leaves no trace. */
function askServer(
  environment: Environment,
  answers: ProfileAnswers,
  plan: KeyCheckOptions,
  deps: TrialDeps,
): Promise<Trial> {
  const address = plan.addresses[environment];
  return attempt('server', address, answers.server, plan, deps, async (key, dispatcher) => {
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

/** A trial is not worth waiting longer for. */
const DEADLINE_MS = 20_000;

/** Looks the app up by its bundle id. */
function tryConnectKey(
  key: ProfileKey,
  answers: ProfileAnswers,
  plan: KeyCheckOptions,
  deps: TrialDeps,
): Promise<Trial> {
  const address = plan.addresses.connect;
  return attempt('connect', address, key, plan, deps, async (privateKey, dispatcher) => {
    const { now, sleep, signal } = deps;
    const { issuerId, keyId } = key;
    const { host } = new URL(address);
    const request = { dispatcher, proxy: proxyOf(deps.env, address), now, sleep, signal };
    const api = createConnectApi({ baseUrl: address, issuerId, keyId, privateKey, ...request });
    const app = await api.findApp(answers.bundleId);
    if (app === null) return { detail: `by ${host}, but it sees no app with the bundle id ${answers.bundleId}` };
    return { detail: `by ${host}; it sees the app ${app.name}`.trimEnd(), appAppleId: app.id };
  });
}

type Found = Pick<Trial, 'detail' | 'appAppleId'>;

async function attempt(
  api: KeyKind,
  address: string,
  { privateKeyPath }: ProfileKey,
  { foreignToo }: KeyCheckOptions,
  { http }: TrialDeps,
  ask: (key: KeyObject, dispatcher: Dispatcher) => Promise<Found>,
): Promise<Trial> {
  if (ownerOfAddress(address) === 'foreign' && !foreignToo) {
    const detail = `${address} is not Apple's, and a token would go there; --yes allows it`;
    return { api, address, outcome: 'skipped', detail };
  }
  try {
    const found = await ask(await readKeyOfKind(api, privateKeyPath), await http());
    return { api, address, outcome: 'accepted', ...found };
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind === 'interrupted') throw error;
    const outcome = error.kind === 'auth' || error.kind === 'usage' ? 'refused' : 'unclear';
    return { api, address, outcome, detail: error.message, error };
  }
}

/**
 * Apple's refusal of a key, where it keeps the profile from being written: whoever is asked may have it written all the same. Null
 * where nothing stands in the way. Where nobody can be asked, throws the refusal, with the way around it.
 */
export async function standingRefusal(trials: readonly Trial[], prompts: Prompts | null): Promise<ToolError | null> {
  const refusal = trials.find((trial) => trial.outcome === 'refused')?.error;
  if (refusal === undefined) return null;
  if (prompts === null) throw withWayAround(refusal);
  return (await prompts.confirm({ message: 'Write the profile all the same?', default: false })) ? null : refusal;
}

function withWayAround({ kind, code, message, hint, cause }: ToolError): ToolError {
  const wayAround = 'Nothing was written; --no-try writes the profile without asking Apple.';
  return new ToolError(kind, code, message, { hint: hint === undefined ? wayAround : `${hint} ${wayAround}`, cause });
}

/** Fills in the app Apple ID that App Store Connect told, where it was left out. */
export function takeAppAppleId(answers: ProfileAnswers, trials: readonly Trial[]): ProfileAnswers {
  const told = toldId(trials);
  return answers.appAppleId === null && told !== undefined ? { ...answers, appAppleId: told } : answers;
}

/** What to tell about a profile that is good enough to be written. */
export function warningsOf(
  { appAppleId, bundleId, server, connect }: ProfileAnswers,
  trials: readonly Trial[],
  platform: NodeJS.Platform,
): readonly string[] {
  const keys = connect === undefined ? [server] : [server, connect];
  const told = toldId(trials);
  const asked = trials.find((trial) => trial.api === 'connect' && trial.outcome === 'accepted');
  return [
    ...keys.flatMap((key) => keyWarnings(key, platform)),
    ...(told !== undefined && told !== appAppleId
      ? [`App Store Connect says that the app Apple ID of ${bundleId} is ${told}, not ${appAppleId}`]
      : []),
    ...(asked !== undefined && told === undefined
      ? [`the App Store Connect key sees no app with the bundle id ${bundleId}: it may belong to another team`]
      : []),
  ];
}

function toldId(trials: readonly Trial[]): string | undefined {
  return trials.find((trial) => trial.appAppleId !== undefined)?.appAppleId;
}

function keyWarnings({ keyId, privateKeyPath }: ProfileKey, platform: NodeJS.Platform): readonly string[] {
  const named = keyOfFileName(privateKeyPath)?.keyId;
  const mismatch = `the key id is ${keyId}, but the file ${privateKeyPath} is named for ${named}`;
  const permissions = checkKeyFile(privateKeyPath, platform).map(({ message }) => message);
  return named === undefined || named === keyId ? permissions : [mismatch, ...permissions];
}
