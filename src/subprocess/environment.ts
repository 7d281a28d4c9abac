/** All of our own settings, and credentials for the App Store as asc, fastlane and Apple's own tools name them. */
const APP_STORE_NAME = /^(?:STOREWIRE|ASC|APP_STORE_CONNECT|SPACESHIP|FASTLANE|API_PRIVATE_KEYS)_/i;

/** A word of a name that says: what I hold is a secret. `AWS_ACCESS_KEY_ID`, `GITHUB_TOKEN`, `PGPASSWORD`. */
const SECRET_NAME =
  /(?:^|_)(?:API|AUTH|ACCESS|PRIVATE|SECRET)?(?:KEYS?|TOKENS?|SECRETS?|CREDENTIALS?|PASSPHRASE)(?:_|$)|PASSWORD|PASSWD/i;

const PRIVATE_KEY = '-----BEGIN';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a program that is given notifications (`--exec`): the user's, without credentials for the App Store, without every
 * variable whose name says key, token, secret, credential or password, and without PEM. What such a program needs beyond that it reads
 * from a file, or is given in its command line (`--exec 'TOKEN=$(cat token) ./handle'`).
 */
export function childEnvironment(env: Variables): Record<string, string> {
  return filterVariables(env, (name) => !SECRET_NAME.test(name));
}

/**
 * The environment of a tunnel program: as {@link childEnvironment}, but with the tokens of other services, since a tunnel logs in with
 * one (`NGROK_AUTHTOKEN`, `TUNNEL_TOKEN`). It is the user's own program and is shown no notification but in passing.
 */
export function tunnelEnvironment(env: Variables): Record<string, string> {
  return filterVariables(env, () => true);
}

function filterVariables(env: Variables, mayStay: (name: string) => boolean): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || APP_STORE_NAME.test(name) || value.includes(PRIVATE_KEY)) continue;
    if (mayStay(name)) kept[name] = value;
  }
  return kept;
}
