import { EXIT, EXIT_OF_ERROR } from '../../../src/cli/exit.js';
import { ERROR_CODE_AREAS, ERROR_CODES } from '../../../src/commands/explain/reference/error-codes.js';
import { TOPICS } from '../../../src/commands/help/topics.js';
import {
  FALLBACK_SETS,
  PROJECT_KEYS,
  SETTING_INPUTS,
  SETTING_NAMES,
  type SettingName,
} from '../../../src/settings/names.js';
import { anchorOf, code, GENERATED, page, prose, table } from './markdown.js';

/** Every exit code, with the error kinds that end in it, and the rules that `help exit-codes` gives. */
export function exitCodesPage(): string {
  const [, codes = '', ...rules] = (TOPICS['exit-codes']?.text ?? '').split('\n\n');
  const meanings = new Map(
    [...codes.matchAll(/^ *(\d+) {2}(.+)$/gm)].map(([, number, text]) => [Number(number), text]),
  );
  const rows = Object.entries(EXIT).map(([name, number]) => {
    const meaning = meanings.get(number);
    if (meaning === undefined) throw new Error(`help exit-codes does not explain ${number} (${name})`);
    return [code(String(number)), name, prose(meaning)];
  });
  return page(
    GENERATED,
    '# Exit codes',
    'Every command ends with one of these; a script may rely on each of them.',
    table(['Code', 'Name', 'When'], rows),
    ['```text', ...rules.join('\n\n').trimEnd().split('\n'), '```'].join('\n').replace(/\n\n {2}storewire[^\n]*/, ''),
    '## Errors',
    `A "no" (1) is a result and is printed as one. Everything else that ends a command is an error: a message, a \`hint:\` with the next thing to type, and a stable code, with \`--json\` as \`{"error":{"code","message","hint"}}\` on stderr. The kind of the error decides the exit code: ${Object.entries(
      EXIT_OF_ERROR,
    )
      .map(([kind, number]) => `${kind} ${number}`)
      .join(', ')}. [All error codes](errors.md).`,
  );
}

/** Every error code by area. */
export function errorsPage(): string {
  const areas = ERROR_CODE_AREAS.flatMap((area) => {
    const rows = ERROR_CODES.filter((each) => each.area === area);
    return [
      `## ${area}`,
      table(
        ['Code', 'Exit', 'Meaning', 'Next step'],
        rows.map(({ code: name, exits, meaning, next }) => [code(name), exits.join(', '), prose(meaning), prose(next)]),
      ),
    ];
  });
  return page(
    GENERATED,
    '# Error codes',
    'With `--json` an error is one line on stderr: `{"error":{"code":"ERR_…","message":"…","hint":"…"}}`. The code is stable; message and hint are for people and may change. `storewire explain CODE` prints the same in a terminal. Exit codes: [exit-codes.md](exit-codes.md).',
    ERROR_CODE_AREAS.map((area) => `- [${area}](#${anchorOf(area)})`).join('\n'),
    ...areas,
  );
}

const SETTING_MEANINGS: Readonly<Record<SettingName, string>> = {
  profile: 'Profile of the user file',
  environment: 'sandbox or production',
  bundleId: 'Bundle id of the app, compared with what a payload names',
  appAppleId: 'App Apple ID, digits; decides in production only',
  root: 'File with a further trusted root, PEM or DER',
  'server.issuerId': 'Issuer id of the In-App Purchase key, for the App Store Server API',
  'server.keyId': 'Id of that key; read from the file name `SubscriptionKey_ID.p8` if not set',
  'server.privateKey': 'That key: a path, a PEM (also with `\\n` escapes) or base64',
  'connect.issuerId': 'Issuer id of the App Store Connect key; an individual key has none',
  'connect.keyId': 'Id of that key; read from the file name `AuthKey_ID.p8` if not set',
  'connect.privateKey': 'That key: a path, a PEM or base64',
  'serverApi.sandbox': 'Base address of the App Store Server API, sandbox',
  'serverApi.production': 'Base address of the App Store Server API, production',
  connectApi: 'Base address of the App Store Connect API',
  port: 'Port of `listen`',
  path: 'Path of `listen`',
  targets: 'Targets of `listen` and `replay`, as for `--forward-to`',
  events: 'Notification types to forward',
  exec: 'Program that `listen` runs for each notification',
  tunnel: 'Tunnel of `listen`',
};

/** Every setting with its flag, variables and files. */
export function settingsPage(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { flag, variables = [] } = SETTING_INPUTS[name];
    return [
      code(name),
      SETTING_MEANINGS[name],
      flag === undefined ? '' : code(flag),
      variables.map(code).join(', '),
      PROJECT_KEYS.includes(name) ? 'yes' : '',
    ];
  });
  const fallbacks = FALLBACK_SETS.flatMap((set) =>
    Object.entries(set).map(([name, variables]) => [code(name), (variables ?? []).map(code).join(', ')]),
  );
  return page(
    GENERATED,
    '# Settings',
    'A flag overrides an environment variable, which overrides the project file `.storewire.json` (in the working folder or a folder above), which overrides the user file `~/.config/storewire/config.json` (`$XDG_CONFIG_HOME/storewire/config.json` where that is set). `storewire config` shows every effective value and its source; `storewire init` writes a profile.',
    table(['Setting', 'Meaning', 'Flag', 'Variables', 'In the project file'], rows),
    'A key is never a flag, as a command line is visible to every user of a machine, and is never printed. Of two variables the first one that is set counts; an empty variable counts as not set. `.storewire.json` takes only the settings marked above and `$schema`, and is an error with anything else: a cloned repository can neither take a token nor run a program.',
    '## Variables of other tools',
    'Read where storewire has no value of its own, and reported when used. `ASC_*` belong to the asc command line, `APP_STORE_CONNECT_API_KEY_*` to fastlane.',
    table(['Setting', 'Variables, in the order they are tried'], fallbacks),
    '## Files',
    'The user file has profiles; a dot in a setting is one level of nesting, and a key may be written `privateKeyPath`. Mode 600.',
    ['```json', USER_FILE, '```'].join('\n'),
    'The project file:',
    ['```json', PROJECT_FILE, '```'].join('\n'),
    'All variables, with those shared with other programs: `storewire help environment`.',
  );
}

const USER_FILE = `{
  "profile": "default",
  "profiles": {
    "default": {
      "bundleId": "com.example.app",
      "appAppleId": "1234567890",
      "server": { "issuerId": "57246542-96fe-1a63-e053-0824d011072a", "privateKeyPath": "~/SubscriptionKey_ABC123DEFG.p8" },
      "connect": { "issuerId": "57246542-96fe-1a63-e053-0824d011072a", "privateKeyPath": "~/AuthKey_HIJ456KLMN.p8" }
    }
  }
}`;

const PROJECT_FILE = `{
  "bundleId": "com.example.app",
  "environment": "sandbox",
  "targets": ["http://localhost:3000/apple"]
}`;
