import { type Command, InvalidArgumentError, Option } from 'commander';
import { completes, listOf, words } from '../../cli/completion.js';
import { ENVIRONMENTS, EVENTS } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { addForwardOptions } from '../../cli/forward-options.js';
import { collect, durationOption, parseEnvironment, wholeNumber, withExamples } from '../../cli/options.js';
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
    .description('a local endpoint that answers as Apple expects, records, verifies, forwards');
  for (const add of [addAddress, addClaim, addForwarding, addTrust, addPractice, addScripts, addOutput]) add(command);
  command.action(async (flags: ListenFlags) => finish(await run(flags, deps)));
  completes(command, {
    '--tunnel': words('cloudflared', 'ngrok', 'tailscale'),
    '--trust-proxy': words('loopback'),
    '--events': listOf(EVENTS),
    '--expect': listOf(EVENTS),
    '--deliver': ENVIRONMENTS,
  });
  withExamples(command, [
    ['storewire listen', 'receive, verify, record'],
    ['storewire listen -f http://localhost:3000/apple', 'and hand on to your app'],
    ['storewire listen --tunnel cloudflared', 'with a public URL for Apple'],
    ['storewire listen --expect TEST --timeout 60s', 'for a script'],
  ]);
}

/** What it takes to listen is loaded here, so that other commands do not pay for it. */
async function runListen(flags: ListenFlags, deps: ListenDeps): Promise<Exit> {
  const { runListen: run } = await import('./run.js');
  return run(flags, deps);
}

function addAddress(command: Command): void {
  command
    .optionsGroup('Address:')
    .option('--port <n>', 'port to listen on, 4280 unless set; 0 for any', parsePort)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--path <path>', 'path, / unless set; with a tunnel a secret one')
    .option('--public-url <url>', 'URL that Apple reaches it by')
    .option('--tunnel <how>', 'cloudflared, ngrok, tailscale, ssh:HOST or "CMD"')
    .option('--apple-only', 'take requests from 17.0.0.0/8 only', false)
    .option('--trust-proxy <who>', 'CIDR or loopback: believe its X-Forwarded-For', collect)
    .option('--tls-cert <file>', 'serve TLS with this certificate chain (PEM)')
    .option('--tls-key <file>', 'and this private key (PEM)');
}

function addClaim(command: Command): void {
  command
    .optionsGroup('App Store Connect:')
    .addOption(new Option('--claim <name>', 'have Apple send here until this ends').choices(['sandbox']))
    .option('--dry-run', 'say what that would divert, and change nothing', false)
    .option('--yes', 'claim without asking, at any base address', false);
}

function addForwarding(command: Command): void {
  addForwardOptions(command.optionsGroup('Forwarding:'))
    .addOption(
      new Option('--answer <how>', 'answer first, or as the first target does')
        .choices(['ack', 'forwarded'])
        .default('ack'),
    )
    .option('--events <types>', 'forward TYPE[.SUBTYPE],… only')
    .option('--deliver <name>', 'forward sandbox or production only', parseEnvironment)
    .option('--exec <command>', 'run this for each, the document on stdin');
}

function addTrust(command: Command): void {
  command
    .optionsGroup('Verification:')
    .option('--root <file>', 'also trust this root, PEM or DER (repeatable)', collect)
    .option('--trust-authority', "also trust this project's test authority", false)
    .option('--bundle-id <id>', 'app it must name')
    .option('--app-apple-id <id>', 'app Apple ID it must name, in Production')
    .option('--environment <name>', 'sandbox or production', parseEnvironment)
    .addOption(
      new Option('--on-invalid <what>', 'what to do with what does not verify')
        .choices(['reject', 'forward', 'drop'])
        .default('reject'),
    );
}

function addPractice(command: Command): void {
  command
    .optionsGroup('Practice (watch how Apple retries):')
    .option('--respond <status>', 'answer with this status', parseStatus)
    .option('--fail-first <n>', 'only the first n fail, with 503 or --respond', wholeNumber(1))
    .option('--delay <duration>', 'wait before each answer', durationOption)
    .option('--hang', 'never answer', false);
}

function addScripts(command: Command): void {
  command
    .optionsGroup('Scripts:')
    .option('--expect <types>', 'exit 0 once TYPE[.SUBTYPE],… arrived, verified')
    .option('--exit-after <n>', 'exit 0 after n were answered', wholeNumber(1))
    .option('--timeout <duration>', 'exit 5 if that takes longer', durationOption);
}

function addOutput(command: Command): void {
  command
    .optionsGroup('Output:')
    .option('--verbose', 'show every check of each notification', false)
    .option('--json', 'print one JSON event a line', false)
    .option('--profile <name>', 'settings profile')
    .helpOption('-h, --help', 'show help');
}

const LAST_PORT = 65_535;

function parsePort(text: string): number {
  const port = wholeNumber(0)(text);
  if (port <= LAST_PORT) return port;
  throw new InvalidArgumentError(`It must be at most ${LAST_PORT}.`);
}

/** 1xx is no answer; 204 and 304 are, if odd ones. */
function parseStatus(text: string): number {
  if (/^[2-5]\d\d$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is an HTTP status from 200 to 599.');
}
