/** One page of `storewire help`, ready to print. */
export interface Topic {
  readonly title: string;
  /** At most 80 columns; ends in a newline. */
  readonly text: string;
}

export const TOPICS: Readonly<Record<string, Topic>> = {
  'exit-codes': {
    title: 'Exit codes',
    text: `Exit codes

    0  Yes: valid, delivered, passed, done; listen stopped after it was ready
    1  No: invalid, rejected, failed, unsafe, not found
    2  Usage: wrong flags, unreadable input, missing or contradictory settings
    3  Credentials: key, key id or issuer id missing, or rejected by Apple
    4  Remote: a remote service failed or was unreachable
    5  Pending: no result before the deadline
   70  A bug in storewire, or a Node that is too old; please report it
  130  Interrupted before there was an answer

Of several results the worst counts: 1, then 3, 4, 5, 2, and 0 if all are yes.
"Invalid" (1) and "not checked" (4) are never mixed.
check:  an unreachable endpoint is 1; 4 is for Apple and OCSP.
audit, trigger, replay:  unreachable is 4, rejected is 1.
test, status:  no URL set is 1, pending is 5, with and without --wait.

  storewire verify payload.json || echo "exit code $?"
`,
  },
  environment: {
    title: 'Environment variables',
    text: `Environment variables

Settings (a flag wins over a variable, a variable over the files)
  STOREWIRE_PROFILE                 profile of the user file
  STOREWIRE_ENVIRONMENT             sandbox or production
  STOREWIRE_BUNDLE_ID               bundle id of the app
  STOREWIRE_APP_APPLE_ID            app Apple ID, digits
  STOREWIRE_ROOT                    file with a further trusted root

In-App Purchase key, for the App Store Server API
  STOREWIRE_ISSUER_ID, STOREWIRE_KEY_ID
  STOREWIRE_PRIVATE_KEY             PEM, with \\n escapes or not, or base64
  STOREWIRE_PRIVATE_KEY_PATH        path of the .p8 file
  else ASC_STOREKIT_ISSUER_ID, ASC_STOREKIT_KEY_ID, ASC_STOREKIT_PRIVATE_KEY,
       ASC_STOREKIT_PRIVATE_KEY_B64, ASC_STOREKIT_PRIVATE_KEY_PATH

App Store Connect key
  STOREWIRE_CONNECT_ISSUER_ID, STOREWIRE_CONNECT_KEY_ID
  STOREWIRE_CONNECT_PRIVATE_KEY, STOREWIRE_CONNECT_PRIVATE_KEY_PATH
  else ASC_ISSUER_ID, ASC_KEY_ID, ASC_PRIVATE_KEY, ASC_PRIVATE_KEY_B64,
       ASC_PRIVATE_KEY_PATH
  else APP_STORE_CONNECT_API_KEY_ISSUER_ID, APP_STORE_CONNECT_API_KEY_KEY_ID,
       APP_STORE_CONNECT_API_KEY_KEY, APP_STORE_CONNECT_API_KEY_KEY_FILEPATH

Base addresses
  STOREWIRE_SERVER_API_SANDBOX_URL, STOREWIRE_SERVER_API_PRODUCTION_URL
  STOREWIRE_CONNECT_API_URL

Shared with other programs
  NO_COLOR, FORCE_COLOR             colours; --color wins
  CI                                if set, no prompts, as with --no-input
  HTTPS_PROXY, NO_PROXY             for Apple and OCSP, never for loopback
  NODE_EXTRA_CA_CERTS               further roots for HTTPS to Apple and OCSP
  XDG_CONFIG_HOME                   folder of the user file, else ~/.config

  storewire config                  shows the effective settings, with sources
`,
  },
  json: {
    title: 'JSON output',
    text: `JSON output

With --json, stdout holds JSON and nothing else; notes stay on stderr.
  one object a line   decode, verify, history, lookup, replay, journal, listen,
                      emulator, timeline (one object a purchase)
  one document        every other command

Errors, on stderr: {"error":{"code":"ERR_...","message":"...","hint":"..."}}
The code is stable; the message is not. See also: storewire help exit-codes

A payload is the same document in every command: one reads another's output.
  kind          notification, transaction, renewalInfo, appTransaction, ...
  source        argument, paste, stdin, FILE:LINE, journal:ID, history,
                listener, lookup:CALL
  repaired      repaired copying damage, for example line-wraps
  notification, transaction, renewalInfo, ...   the decoded payloads
  tokens        header and certificates of each token, jws with --raw
  verification  verdict (valid, invalid, undetermined), reason, checks
  received, deliveries, sendAttempts            where it was received and sent

listen and emulator print events: {"event":"received","atMs":...}
Integers beyond 2^53 are written digit by digit: use a parser that keeps them.

  storewire verify app.log --json | jq .verification.verdict
  storewire commands --json           every command, flag and default
`,
  },
  settings: {
    title: 'Settings',
    text: `Settings

The first of these that has a value decides:
  1. a flag                 --bundle-id com.example.app
  2. a variable             STOREWIRE_BUNDLE_ID (storewire help environment)
  3. the project file       .storewire.json, here or in a folder above
  4. the user file          ~/.config/storewire/config.json, one of its profiles

Project file, safe to commit: profile, bundleId, appAppleId, environment, port,
path, targets, events. It can hold no key, address, root or program.

  { "bundleId": "com.example.app", "environment": "sandbox",
    "targets": ["http://localhost:3000/apple"] }

User file, mode 600, written by storewire init. --profile chooses a profile.

  { "profile": "default", "profiles": { "default": {
      "bundleId": "com.example.app", "appAppleId": "1234567890",
      "server": { "issuerId": "…", "privateKeyPath": "~/SubscriptionKey_X.p8" },
      "connect": { "issuerId": "…", "privateKeyPath": "~/AuthKey_Y.p8" } } } }

The key id is read from the file name. Keys are never printed and have no flag.
The journal and the test authority of a project are in .storewire/, here or in
a folder above.

  storewire init       writes a profile
  storewire config     shows the effective settings and the source of each
`,
  },
};
