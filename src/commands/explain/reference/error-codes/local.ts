import type { CodeRow } from './row.js';

export const LISTENER: readonly CodeRow[] = [
  [
    'ERR_LISTEN_PORT',
    'usage',
    'The port cannot be opened, often because another program uses it.',
    'Stop that program, or pass another --port.',
  ],
  [
    'ERR_LISTEN_DEADLINE',
    'pending',
    'The tunnel had not reported its public URL when --timeout was over.',
    'Pass a longer --timeout; add -v to show what the tunnel says.',
  ],
  [
    'ERR_LISTEN_TLS',
    'usage',
    'The certificate and key for TLS are not usable.',
    'Pass matching PEM files, the key without a passphrase.',
  ],
  ['ERR_TUNNEL_MISSING', 'usage', 'The program of the tunnel is not installed.', 'Install it, or put it on the PATH.'],
  ['ERR_TUNNEL_FAILED', 'remote', 'The tunnel exited without a public URL.', 'The message quotes its last output.'],
  ['ERR_TUNNEL_TIMEOUT', 'remote', 'The tunnel reported no public URL in time.', 'Check that it works on its own.'],
  [
    'ERR_SENDER_URL',
    'usage',
    'A notification can be sent to http and https only.',
    'Pass a URL that begins with https:// or http://.',
  ],
];

export const JOURNAL: readonly CodeRow[] = [
  [
    'ERR_JOURNAL_NONE',
    'usage',
    'There is no journal here, as no notification was received yet.',
    'Run storewire listen, or run in the folder that has the journal.',
  ],
  [
    'ERR_JOURNAL_READ',
    'usage',
    'A journal file or a notification in it can no longer be read.',
    'It was pruned or damaged; list what is left with storewire journal list.',
  ],
  [
    'ERR_JOURNAL_WRITE',
    'usage',
    'The journal cannot be written.',
    'Free disk space, and check the permissions of .storewire.',
  ],
  [
    'ERR_JOURNAL_FULL',
    'usage',
    'The journal has reached its size limit.',
    'Delete old records with storewire journal prune, or raise --journal-limit.',
  ],
  ['ERR_JOURNAL_IN_USE', 'usage', 'Another process uses the journal.', 'Stop it, or start this one in another folder.'],
  [
    'ERR_JOURNAL_ID',
    'usage',
    'The text is not an id: ids have 4 to 16 digits, 0-9 and a-f.',
    'List the ids: storewire journal list',
  ],
  [
    'ERR_JOURNAL_ID_UNKNOWN',
    'usage',
    'No notification in the journal has this id.',
    'List the ids: storewire journal list',
  ],
  ['ERR_JOURNAL_ID_AMBIGUOUS', 'usage', 'Several ids begin with these characters.', 'Pass more characters of the id.'],
  ['ERR_JOURNAL_CHANGED', 'usage', 'The journal changed in the meantime, so nothing was deleted.', 'Run it again.'],
  [
    'ERR_JOURNAL_PRUNE_CONFIRM',
    'usage',
    'The deletion was not confirmed, so nothing was deleted.',
    'Preview it with --dry-run, or delete with --yes.',
  ],
  [
    'ERR_REPLAY_NO_TARGET',
    'usage',
    'replay has no target to send to.',
    'Pass --forward-to http://localhost:3000/path.',
  ],
  [
    'ERR_REPLAY_BODY_CUT',
    'usage',
    'The notification was rejected and its body is not stored whole, so it cannot be sent again.',
    'Show it with storewire journal show ID.',
  ],
  [
    'ERR_REPLAY_UNVERIFIED',
    'usage',
    'A notification was recorded as verified, but its bytes do not verify now, so it is not sent.',
    'Show it with storewire journal show ID; pass the root that listen was given with --root.',
  ],
  [
    'ERR_REPLAY_RESUME',
    'usage',
    'The interrupted run was of another kind of input than the one given.',
    'Pass the same input as before, or none for the journal.',
  ],
  [
    'ERR_REPLAY_NOT_INTERRUPTED',
    'usage',
    'No run was interrupted, so there is nothing to resume.',
    'Send pending deliveries: storewire replay --failed',
  ],
  [
    'ERR_REPLAY_TARGET_MISSING',
    'usage',
    'A target of the interrupted run has no URL now.',
    'Pass it: storewire replay --resume --forward-to NAME=URL',
  ],
  [
    'ERR_REPLAY_DEADLINE',
    'pending',
    'The run timed out before everything was sent.',
    'Pass a longer --timeout, or none.',
  ],
  [
    'ERR_INSPECT_PORT',
    'usage',
    'The port of the local page is in use.',
    'Choose another one with --port, or any free one with --port 0.',
  ],
  ['ERR_INSPECT_PAGE', 'usage', 'The files of the local page are missing.', 'Install storewire again.'],
  [
    'ERR_INSPECT_TOKEN',
    'usage',
    'The local page was opened without the token of this run.',
    'Open the URL that storewire printed, with its fragment.',
  ],
  [
    'ERR_INSPECT_FORBIDDEN',
    'usage',
    'A request to the local page has a foreign Host or Origin.',
    'Open the URL that storewire printed, in a browser on this machine.',
  ],
  ['ERR_INSPECT_REQUEST', 'usage', 'A request to the local page is malformed.', 'Reload the page.'],
  ['ERR_INSPECT_ID', 'usage', 'The local page has no notification with this id.', 'Reload the page.'],
  [
    'ERR_INSPECT_TARGET',
    'usage',
    'The local page has no target of this name to replay to.',
    'Pass --forward-to http://localhost:3000/path.',
  ],
  [
    'ERR_INSPECT_UNSENDABLE',
    'usage',
    'The notification cannot be sent to this target from the local page.',
    'The message says why.',
  ],
  [
    'ERR_INSPECT_LISTENER',
    'usage',
    'No listener runs that accepts the test authority.',
    'Start one: storewire listen --trust-authority',
  ],
  ['ERR_INSPECT_BUG', 'bug', 'A request to the local page failed in storewire.', 'Report it.'],
];

export const ENDPOINT: readonly CodeRow[] = [
  [
    'ERR_CHECK_TIMEOUT',
    'pending',
    'check timed out before this step was complete.',
    'Raise the deadline: --timeout 5m',
  ],
  [
    'ERR_CHECK_SKIPPED',
    'pending',
    'A group that was requested could not be checked.',
    'The message says why it was skipped.',
  ],
  [
    'ERR_CHECK_PENDING',
    'pending',
    'Apple has no result of the TEST notification yet.',
    'Check again later with storewire status.',
  ],
  ['ERR_AUDIT_URL', 'usage', 'The URL to audit is not valid.', 'For example: http://localhost:3000/apple'],
  [
    'ERR_AUDIT_OWNER',
    'usage',
    'The host belongs to another company, and audit sends no forgeries there.',
    'Audit your own endpoint.',
  ],
  [
    'ERR_AUDIT_HOST',
    'usage',
    'Sending forgeries to this host was not confirmed.',
    'If the endpoint is yours, add --yes.',
  ],
  [
    'ERR_AUDIT_UNREACHABLE',
    'remote',
    'The endpoint did not respond.',
    'Start it, or check the URL; for details: storewire check URL',
  ],
  [
    'ERR_AUDIT_EFFECT',
    'usage',
    'The command of --effect could not be run, or did not end within 30 s.',
    'Pass a command that ends with 0 where the notification took effect, and with 1 where it did not.',
  ],
  [
    'ERR_AUDIT_GENUINE',
    'usage',
    'Apple did not sign what --genuine was given.',
    'Pass tokens signed by the App Store.',
  ],
];
