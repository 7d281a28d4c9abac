import { type Command, Option } from 'commander';
import { completes, listOf, words } from '../../cli/completion.js';
import { ENVIRONMENT_VALUES, EVENT_VALUES } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { InvalidArgumentError } from '../../cli/flags.js';
import { addForwardOptions } from '../../cli/forward-options.js';
import {
  collect,
  durationOption,
  hostOption,
  parseEnvironment,
  portOption,
  wholeNumber,
  withExamples,
} from '../../cli/options.js';
import { DEFAULT_JOURNAL_LIMITS } from '../../journal/limits.js';
import type { ListenFlags } from './flags.js';
import type { ListenDeps } from './run.js';

export function registerListen(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runListen = runListen,
): void {
  const command = parent
    .command('listen')
    .description('Run a local endpoint that receives, verifies, records and forwards notifications');
  const groups = [addAddress, addClaim, addForwarding, addTrust, addJournal, addFaultInjection, addScripts, addOutput];
  for (const add of groups) add(command);
  command.action(async (flags: ListenFlags) => finish(await run(flags, deps)));
  completes(command, {
    '--tunnel': words('cloudflared', 'ngrok', 'tailscale'),
    '--trust-proxy': words('loopback'),
    '--events': listOf(EVENT_VALUES),
    '--expect': listOf(EVENT_VALUES),
    '--deliver': ENVIRONMENT_VALUES,
  });
  withExamples(command, [
    ['storewire listen', 'receive, verify and record'],
    ['storewire listen -f http://localhost:3000/apple', 'and forward to your app'],
    ['storewire listen --inspect --trust-authority', 'with a local page, and samples from it'],
    ['storewire listen --tunnel cloudflared --bundle-id com.example.app', 'with a public URL for Apple'],
    ['storewire listen --expect TEST --timeout 60s', 'wait for a TEST, for scripts'],
  ]);
}

/** Loads the listener on first use, so that other commands start without it. */
async function runListen(flags: ListenFlags, deps: ListenDeps): Promise<Exit> {
  const { runListen: run } = await import('./run.js');
  return run(flags, deps);
}

function addAddress(command: Command): void {
  command
    .optionsGroup('Address:')
    .option('--port <n>', 'Listen on this port (default: 4280; 0: any free)', portOption)
    .option('--host <address>', 'Listen on this address', hostOption, '127.0.0.1')
    .option('--path <path>', 'Serve this path (default: /; random for tunnels)')
    .option('--public-url <url>', 'Set the public URL that Apple sends to')
    .option('--tunnel <how>', 'Start cloudflared, ngrok, tailscale, ssh:HOST or "CMD"')
    .option('--apple-only', 'Accept requests from 17.0.0.0/8 only', false)
    .option('--trust-proxy <cidr>', 'Trust X-Forwarded-For from this CIDR or loopback', collect)
    .option('--tls-cert <file>', 'Serve TLS with this certificate chain (PEM)')
    .option('--tls-key <file>', 'Serve TLS with this private key (PEM)');
}

function addClaim(command: Command): void {
  command
    .optionsGroup('App Store Connect:')
    .addOption(new Option('--claim <name>', "Point Apple's URL here while running").choices(['sandbox']))
    .option('--dry-run', 'Show what --claim would divert; change nothing', false)
    .option('--yes', 'Claim without asking, at any base address', false);
}

function addForwarding(command: Command): void {
  addForwardOptions(command.optionsGroup('Forwarding:'))
    .addOption(
      new Option('--answer <mode>', "Answer first, or with the first target's status")
        .choices(['ack', 'forwarded'])
        .default('ack'),
    )
    .option('--events <types>', 'Forward TYPE[.SUBTYPE],… only')
    .option('--deliver <name>', 'Forward sandbox or production only', parseEnvironment)
    .option('--exec <command>', 'Run this for each notification, document on stdin');
}

function addTrust(command: Command): void {
  command
    .optionsGroup('Verification:')
    .option('--root <file>', 'Also trust this root, PEM or DER (repeatable)', collect)
    .option('--trust-authority', "Also trust this project's test authority", false)
    .option('--bundle-id <id>', 'Require this bundle id')
    .option('--any-app', 'Accept any app, also at a public address', false)
    .option('--app-apple-id <id>', 'Require this app Apple ID, in production')
    .option('--environment <name>', 'Require sandbox or production', parseEnvironment)
    .addOption(
      new Option('--on-invalid <action>', 'Handle notifications that fail verification')
        .choices(['reject', 'forward', 'drop'])
        .default('reject'),
    );
}

function addJournal(command: Command): void {
  command
    .optionsGroup('Journal:')
    .addOption(
      new Option('--journal-limit <size>', 'Answer 503 once the journal has this size')
        .argParser(parseSize)
        .default(DEFAULT_JOURNAL_LIMITS.totalBytes, '2GiB'),
    );
}

function addFaultInjection(command: Command): void {
  command
    .optionsGroup('Fault injection (watch how Apple retries):')
    .option('--respond <status>', 'Answer with this status', parseStatus)
    .option('--fail-first <n>', 'Fail only the first n, with 503 or --respond', wholeNumber(1))
    .option('--delay <duration>', 'Wait before each answer', durationOption)
    .option('--hang', 'Never answer', false);
}

function addScripts(command: Command): void {
  command
    .optionsGroup('Scripts:')
    .option('--expect <types>', 'Exit 0 after a verified TYPE[.SUBTYPE],…')
    .option('--exit-after <n>', 'Exit 0 after answering n notifications', wholeNumber(1))
    .option('--timeout <duration>', 'Exit 5 if this takes longer', durationOption);
}

function addOutput(command: Command): void {
  command
    .optionsGroup('Output:')
    .option('--inspect [port]', 'Serve a local page to look at them (default: 4281; 0: any)', portOption)
    .option('-v, --verbose', 'Show every check of each notification', false)
    .option('--json', 'Print one JSON event per line', false)
    .option('--profile <name>', 'Use this settings profile')
    .helpOption('-h, --help', 'Show help');
}

const SIZE = /^(\d+(?:\.\d+)?) ?(MB|MiB|GB|GiB|TB|TiB)$/i;

const UNIT_BYTES: Readonly<Record<string, number>> = {
  mb: 1e6,
  mib: 1_048_576,
  gb: 1e9,
  gib: 1_073_741_824,
  tb: 1e12,
  tib: 1_099_511_627_776,
};

/** A size with its unit, to bytes. A smaller one than 1 MiB would not hold a single notification of the largest size. */
function parseSize(text: string): number {
  const [, amount, unit = ''] = SIZE.exec(text.trim()) ?? [];
  const bytes = amount === undefined ? 0 : Math.floor(Number(amount) * UNIT_BYTES[unit.toLowerCase()]!);
  if (bytes >= UNIT_BYTES.mib! && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError('It must be a size with its unit, 1MiB or more: 500MB, 2GiB.');
}

/** Final statuses only: 1xx is interim. */
function parseStatus(text: string): number {
  if (/^[2-5]\d\d$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be an HTTP status from 200 to 599.');
}
