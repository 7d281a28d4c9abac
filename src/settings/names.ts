import { nearestWord } from '../notification/catalogue/edit-distance.js';

/** Names of all settings, as in `config --json`; a dot is one level of nesting in a profile of the user file. */
export const SETTING_NAMES = [
  'profile',
  'environment',
  'bundleId',
  'appAppleId',
  'root',
  'server.issuerId',
  'server.keyId',
  'server.privateKey',
  'connect.issuerId',
  'connect.keyId',
  'connect.privateKey',
  'serverApi.sandbox',
  'serverApi.production',
  'connectApi',
  'port',
  'path',
  'targets',
  'events',
  'exec',
  'tunnel',
] as const;

export type SettingName = (typeof SETTING_NAMES)[number];

/** Flag and environment variables of a setting. If it has two variables, the first one takes precedence. */
interface SettingInputs {
  readonly flag?: string;
  readonly variables?: readonly string[];
}

/** Flags and variables of each setting. No secret has a flag: a command line is visible to every user of the machine. */
export const SETTING_INPUTS: Readonly<Record<SettingName, SettingInputs>> = {
  profile: { flag: '--profile', variables: ['STOREWIRE_PROFILE'] },
  environment: { flag: '--environment', variables: ['STOREWIRE_ENVIRONMENT'] },
  bundleId: { flag: '--bundle-id', variables: ['STOREWIRE_BUNDLE_ID'] },
  appAppleId: { flag: '--app-apple-id', variables: ['STOREWIRE_APP_APPLE_ID'] },
  root: { flag: '--root', variables: ['STOREWIRE_ROOT'] },
  'server.issuerId': { variables: ['STOREWIRE_ISSUER_ID'] },
  'server.keyId': { variables: ['STOREWIRE_KEY_ID'] },
  'server.privateKey': { variables: ['STOREWIRE_PRIVATE_KEY', 'STOREWIRE_PRIVATE_KEY_PATH'] },
  'connect.issuerId': { variables: ['STOREWIRE_CONNECT_ISSUER_ID'] },
  'connect.keyId': { variables: ['STOREWIRE_CONNECT_KEY_ID'] },
  'connect.privateKey': { variables: ['STOREWIRE_CONNECT_PRIVATE_KEY', 'STOREWIRE_CONNECT_PRIVATE_KEY_PATH'] },
  'serverApi.sandbox': { variables: ['STOREWIRE_SERVER_API_SANDBOX_URL'] },
  'serverApi.production': { variables: ['STOREWIRE_SERVER_API_PRODUCTION_URL'] },
  connectApi: { variables: ['STOREWIRE_CONNECT_API_URL'] },
  port: { flag: '--port' },
  path: { flag: '--path' },
  targets: { flag: '--forward-to' },
  events: { flag: '--events' },
  exec: { flag: '--exec' },
  tunnel: { flag: '--tunnel' },
};

/** Variables of one other tool, by the setting they provide. */
type FallbackSet = Readonly<Partial<Record<SettingName, readonly string[]>>>;

/**
 * Variables of other tools, in the order they are tried. `ASC_*` and `ASC_STOREKIT_*` belong to the asc command line
 * (rorkai/App-Store-Connect-CLI), `APP_STORE_CONNECT_API_KEY_*` to fastlane (docs.fastlane.tools, app_store_connect_api_key).
 * fastlane's `…_IS_KEY_CONTENT_BASE64` is not needed, since base64 is detected from the key itself.
 */
export const FALLBACK_SETS: readonly FallbackSet[] = [
  {
    'server.issuerId': ['ASC_STOREKIT_ISSUER_ID'],
    'server.keyId': ['ASC_STOREKIT_KEY_ID'],
    'server.privateKey': ['ASC_STOREKIT_PRIVATE_KEY', 'ASC_STOREKIT_PRIVATE_KEY_B64', 'ASC_STOREKIT_PRIVATE_KEY_PATH'],
  },
  {
    'connect.issuerId': ['ASC_ISSUER_ID'],
    'connect.keyId': ['ASC_KEY_ID'],
    'connect.privateKey': ['ASC_PRIVATE_KEY', 'ASC_PRIVATE_KEY_B64', 'ASC_PRIVATE_KEY_PATH'],
  },
  {
    'connect.issuerId': ['APP_STORE_CONNECT_API_KEY_ISSUER_ID'],
    'connect.keyId': ['APP_STORE_CONNECT_API_KEY_KEY_ID'],
    'connect.privateKey': ['APP_STORE_CONNECT_API_KEY_KEY', 'APP_STORE_CONNECT_API_KEY_KEY_FILEPATH'],
  },
];

/** Keys that a project file may contain. None of them can send a token elsewhere, trust a root or run a program, so a clone cannot either. */
export const PROJECT_KEYS: readonly SettingName[] = [
  'profile',
  'bundleId',
  'appAppleId',
  'environment',
  'port',
  'path',
  'targets',
  'events',
];

/** The address of the schema, which editors look for in both files. It is no setting. */
export const SCHEMA_KEY = '$schema';

/** The name that was meant by a misspelled one: letter case, `_` and `-` count for nothing, and one or two typos are accepted. Null if none. */
export function nearestName(name: string, names: readonly string[]): string | null {
  const byPlain = new Map(names.map((each) => [plain(each), each]));
  const nearest = nearestWord(plain(name), byPlain.keys());
  return nearest === null ? null : (byPlain.get(nearest) ?? null);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}
