import { type Command, Option } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import { ToolError } from '../../errors.js';
import { describeMade, openProjectAuthority } from '../../session/authority.js';
import type { SettingFlags } from '../../settings/layer.js';
import { openSettings } from '../../settings/open.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import { authorityToJson, describeAuthority, describeExport } from './view.js';

export interface AuthorityCommandOptions extends Pick<SettingFlags, 'profile'> {
  readonly pem: boolean;
  readonly der: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
}

export type AuthorityDeps = Pick<Deps, 'stdout' | 'stderr' | 'env' | 'cwd' | 'now' | 'platform' | 'userId'>;

export function registerAuthority(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runAuthority = runAuthority,
): void {
  const command = parent
    .command('authority')
    .description('Show or export the test certificate authority of trigger and emulator')
    .addOption(new Option('--pem', 'Print the root certificate as PEM').default(false))
    .addOption(new Option('--der', 'Print the root certificate as DER').default(false))
    .option('-v, --verbose', "Show how to add the root to Apple's libraries", false)
    .option('--profile <name>', 'Use this settings profile')
    .option('--json', 'Print one JSON document', false)
    .action(async (options: AuthorityCommandOptions) => finish(await run(options, deps)));
  withExamples(command, [
    ['storewire authority', 'show the root certificate'],
    ['storewire authority --pem > test-root.pem', 'for Node and Java'],
    ['storewire authority --der > test-root.der', 'for Python, Swift and the others'],
  ]);
}

/** Shows the project's authority or prints its root certificate, creating the authority if needed. Never shows the key. */
export async function runAuthority(options: AuthorityCommandOptions, deps: AuthorityDeps): Promise<Exit> {
  const { pem, der, json, verbose } = options;
  checkFlags(options, deps);
  const open = openSettings({ ...deps, flags: { ...(options.profile && { profile: options.profile }) } });
  const stored = await openProjectAuthority(open, deps);
  if (stored.isNew) deps.stderr.write(describeMade(stored, deps.stderr));
  if (pem || der) return writeRoot(stored, options, deps);
  const { paint, columns } = deps.stdout;
  const view = { paint, columns, nowMs: deps.now(), verbose };
  deps.stdout.write(json ? authorityToJson(stored) : describeAuthority(stored, view, open.home));
  return EXIT.ok;
}

function writeRoot(
  { authority }: StoredAuthority,
  { der, verbose }: Pick<AuthorityCommandOptions, 'der' | 'verbose'>,
  { stdout, stderr }: AuthorityDeps,
): Exit {
  stdout.write(der ? authority.root.raw : authority.rootPem);
  stderr.write(describeExport(stderr, verbose));
  return EXIT.ok;
}

/** Runs before the authority is created, so that a usage error changes nothing. */
function checkFlags({ pem, der, json }: AuthorityCommandOptions, { stdout }: Pick<Deps, 'stdout'>): void {
  if ([pem, der, json].filter(Boolean).length > 1) {
    throw new ToolError('usage', 'ERR_USAGE_AUTHORITY_FORM', '--pem, --der and --json cannot be combined', {
      hint: 'Use one of them.',
    });
  }
  if (der && stdout.isTty) {
    throw new ToolError('usage', 'ERR_USAGE_BINARY_TERMINAL', '--der prints binary data, which is not for a terminal', {
      hint: 'Write it to a file: storewire authority --der > test-root.der',
    });
  }
}
