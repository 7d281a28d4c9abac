import { KEY_TITLES } from '../../settings/key.js';
import { parseIssuerId, parseKeyId } from '../../settings/key-ids.js';
import type { KeyKind } from '../../settings/key-source.js';
import { parseAppAppleId, parseBundleId, parseEnvironmentSetting } from '../../settings/parse.js';
import type { Environment } from '../../settings/setting.js';
import type { ProfileAnswers, ProfileKey } from '../../settings/write-profile.js';
import type { Prompts } from '../../terminal/prompts.js';
import { findKeyPath, type KeyPathHints, type KeyPlace, keyIdOfPath } from './key-path.js';
import { type InitOptions, NONE } from './options.js';
import type { KnownKey, KnownSettings } from './profile.js';
import { answer, missing } from './question.js';

/** Collects all values of a profile, from flags and prompts. Without a terminal, all missing flags are reported at once. */
export async function collectAnswers(
  options: InitOptions,
  known: KnownSettings,
  place: KeyPlace,
): Promise<ProfileAnswers> {
  const { prompts } = place;
  if (prompts === null) checkComplete(options, known);
  const environment = await answerEnvironment(options, known, prompts);
  const bundleId = await answer(
    {
      flag: '--bundle-id',
      given: options.bundleId,
      title: 'the bundle id',
      message: 'Bundle id of the app:',
      known: known.bundleId,
      parse: parseBundleId,
    },
    prompts,
  );
  const appAppleId = await answerAppAppleId(options, known, prompts);
  const server = await collectServerKey(options, known.server, place);
  const connect = await collectConnectKey(options, known.connect, server.issuerId, place);
  return { environment, bundleId, appAppleId, server, ...(connect === null ? {} : { connect }) };
}

/** Throws `ERR_INIT_MISSING` with every missing flag. */
function checkComplete(options: InitOptions, known: KnownSettings): void {
  const { server, connect } = known;
  const knownKey = options.privateKeyPath ?? options.keyId ?? server.path;
  const needs: readonly (readonly [string, string | null | undefined])[] = [
    ['--environment', options.environment ?? known.environment],
    ['--bundle-id', options.bundleId ?? known.bundleId],
    ['--app-apple-id', options.appAppleId ?? known.appAppleId],
    ['--private-key-path', knownKey],
    ['--issuer-id', options.issuerId ?? server.issuerId],
  ];
  const connectNeeds: typeof needs = wantsConnect(options)
    ? [
        ['--connect-private-key-path', options.connectPrivateKeyPath ?? options.connectKeyId ?? connect.path],
        ['--connect-issuer-id', options.connectIssuerId ?? connect.issuerId],
      ]
    : [];
  const flags = [...needs, ...connectNeeds].filter(([, value]) => value === null || value === undefined);
  if (flags.length > 0)
    throw missing(
      flags.map(([flag]) => flag),
      flags.some(([flag]) => flag === '--app-apple-id' || flag === '--connect-issuer-id') ? NONE_HINT : undefined,
    );
}

const NONE_HINT = `--app-apple-id ${NONE} omits the id; --connect-issuer-id ${NONE} means an individual key, which has no issuer.`;

function wantsConnect(options: InitOptions): boolean {
  const { connectPrivateKeyPath, connectKeyId, connectIssuerId } = options;
  return [connectPrivateKeyPath, connectKeyId, connectIssuerId].some((value) => value !== undefined);
}

async function answerEnvironment(
  options: InitOptions,
  known: KnownSettings,
  prompts: Prompts | null,
): Promise<Environment> {
  const flag = '--environment';
  if (options.environment !== undefined || prompts === null) {
    const question = {
      flag,
      given: options.environment,
      title: 'the environment',
      message: '',
      known: known.environment,
    };
    return answer({ ...question, parse: parseEnvironmentSetting }, null);
  }
  return prompts.select<Environment>({
    message: 'Environment:',
    choices: [
      { name: 'sandbox', value: 'sandbox', description: 'test purchases and TestFlight' },
      {
        name: 'production',
        value: 'production',
        description: 'real purchases; the API works only after the first release of the app',
      },
    ],
    default: known.environment === 'production' ? 'production' : 'sandbox',
  });
}

/** Null if omitted with `none`. */
function answerAppAppleId(options: InitOptions, known: KnownSettings, prompts: Prompts | null): Promise<string | null> {
  return answer(
    {
      flag: '--app-apple-id',
      given: options.appAppleId,
      title: 'the app Apple ID',
      message: `App Apple ID, under App Information in App Store Connect (${NONE} to omit):`,
      known: known.appAppleId ?? (prompts === null ? null : NONE),
      parse: (raw) => (raw.value === NONE ? null : parseAppAppleId(raw)),
    },
    prompts,
  );
}

async function collectServerKey(options: InitOptions, known: KnownKey, place: KeyPlace): Promise<ProfileKey> {
  const hints = { flag: '--private-key-path', given: options.privateKeyPath, givenKeyId: options.keyId, known };
  const file = await collectKeyFile('server', hints, '--key-id', place);
  const issuerId = await answer(
    {
      flag: '--issuer-id',
      given: options.issuerId,
      title: 'the issuer id',
      message: 'Issuer id (above the list of keys in App Store Connect):',
      known: known.issuerId,
      parse: parseIssuerId,
    },
    place.prompts,
  );
  return { ...file, issuerId };
}

/** Null if the user wants no such key: no flag for it, and the prompt was declined. */
async function collectConnectKey(
  options: InitOptions,
  known: KnownKey,
  serverIssuerId: string | null,
  place: KeyPlace,
): Promise<ProfileKey | null> {
  if (!wantsConnect(options)) {
    if (!options.connect || place.prompts === null) return null;
    const found = known.path !== null || place.keyFiles.some((file) => file.kind === 'connect');
    const message = 'Also add an App Store Connect key? `endpoint` and `check` use it to read the notification URLs.';
    if (!(await place.prompts.confirm({ message, default: found }))) return null;
  }
  const { connectPrivateKeyPath: given, connectKeyId: givenKeyId, connectIssuerId } = options;
  const file = await collectKeyFile(
    'connect',
    { flag: '--connect-private-key-path', given, givenKeyId, known },
    '--connect-key-id',
    place,
  );
  const issuerId = await answerConnectIssuer(connectIssuerId, known.issuerId ?? serverIssuerId, place.prompts);
  return { ...file, issuerId };
}

/** A team has one issuer for all its keys; an individual key has none. */
function answerConnectIssuer(
  given: string | undefined,
  known: string | null,
  prompts: Prompts | null,
): Promise<string | null> {
  return answer(
    {
      flag: '--connect-issuer-id',
      given,
      title: 'the issuer id',
      message: `Issuer id of this key (${NONE} for an individual key):`,
      known,
      parse: (raw) => (raw.value === NONE ? null : parseIssuerId(raw)),
    },
    prompts,
  );
}

/** Path and key id; prompts for the id only if the file name does not contain it. */
async function collectKeyFile(
  kind: KeyKind,
  hints: KeyPathHints,
  idFlag: string,
  place: KeyPlace,
): Promise<Omit<ProfileKey, 'issuerId'>> {
  const privateKeyPath = await findKeyPath(kind, hints, place);
  const previousId = hints.known.path === privateKeyPath ? hints.known.keyId : null;
  const idInName = keyIdOfPath(privateKeyPath);
  const id = {
    flag: idFlag,
    given: hints.givenKeyId ?? idInName ?? undefined,
    title: 'the key id',
    message: `Key id of this ${KEY_TITLES[kind]}:`,
    known: previousId,
  };
  return { privateKeyPath, keyId: await answer({ ...id, parse: parseKeyId }, place.prompts) };
}
