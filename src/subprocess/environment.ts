/** Variables of this tool, and credentials for the App Store as asc, fastlane and Apple's own tools name them. */
const APP_STORE_NAME = /^(?:STOREWIRE|ASC|APP_STORE_CONNECT|SPACESHIP|FASTLANE|API_PRIVATE_KEYS)_/i;

/** Names of variables that hold a secret: `AWS_ACCESS_KEY_ID`, `GITHUB_TOKEN`, `PGPASSWORD`. */
const SECRET_NAME =
  /(?:^|_)(?:API|AUTH|ACCESS|PRIVATE|SECRET)?(?:KEYS?|TOKENS?|SECRETS?|CREDENTIALS?|PASSPHRASE)(?:_|$)|PASSWORD|PASSWD/i;

const PRIVATE_KEY = '-----BEGIN';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Environment of a program that handles notifications (`--exec`): the user's, without credentials for the App Store, without variables whose
 * name says key, token, secret, credential or password, and without PEM keys. A program that needs a secret reads it from a file, or gets it
 * on its command line (`--exec 'TOKEN=$(cat token) ./handle'`).
 */
export function childEnvironment(env: Variables): Record<string, string> {
  return filterVariables(env, (name) => !SECRET_NAME.test(name));
}

/**
 * Environment of a tunnel program and of `--effect`: as {@link childEnvironment}, but with the tokens of other services, since a tunnel logs
 * in with one (`NGROK_AUTHTOKEN`, `TUNNEL_TOKEN`).
 */
export function tunnelEnvironment(env: Variables): Record<string, string> {
  return filterVariables(env, () => true);
}

function filterVariables(env: Variables, isAllowed: (name: string) => boolean): Record<string, string> {
  const filtered: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || APP_STORE_NAME.test(name) || value.includes(PRIVATE_KEY)) continue;
    if (isAllowed(name)) filtered[name] = value;
  }
  return filtered;
}
