import { type Command, Option } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import { ToolError } from '../../errors.js';
import { describeMade, openProjectAuthority } from '../../session/trust.js';
import type { SettingFlags } from '../../settings/layer.js';
import { openSettings } from '../../settings/open.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import { authorityToJson, describeAuthority, describeExport } from './view.js';

export interface AuthorityOptions extends Pick<SettingFlags, 'profile'> {
  readonly pem: boolean;
  readonly der: boolean;
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
    .addOption(new Option('--pem', 'write its root certificate to stdout as PEM').default(false))
    .addOption(new Option('--der', 'write its root certificate to stdout as DER').default(false))
    .option('--profile <name>', 'settings profile')
    .option('--json', 'print one JSON document', false)
    .action(async (options: AuthorityOptions) => finish(await run(options, deps)));
  withExamples(command, [
    ['storewire authority', 'what it is, and where'],
    ['storewire authority --pem > test-root.pem', 'for Node and Java'],
    ['storewire authority --der > test-root.der', 'for Python and Swift, and the others too'],
  ]);
}

/** Shows the project's authority, or writes its root to stdout. Made where there is none yet; its key is never shown. */
export async function runAuthority(options: AuthorityOptions, deps: AuthorityDeps): Promise<Exit> {
  const { pem, der, json } = options;
  checkForm(options, deps);
  const open = openSettings({ ...deps, flags: { ...(options.profile && { profile: options.profile }) } });
  const stored = await openProjectAuthority(open, deps);
  if (stored.isNew) deps.stderr.write(describeMade(stored, deps.stderr));
  if (pem || der) return writeRoot(stored, der, deps);
  const { paint, columns } = deps.stdout;
  deps.stdout.write(
    json ? authorityToJson(stored) : describeAuthority(stored, { paint, columns, nowMs: deps.now() }, open.home),
  );
  return EXIT.ok;
}

function writeRoot({ authority }: StoredAuthority, asDer: boolean, { stdout, stderr }: AuthorityDeps): Exit {
  stdout.write(asDer ? authority.root.raw : authority.rootPem);
  stderr.write(describeExport(stderr));
  return EXIT.ok;
}

/** Before anything is made: a refused command leaves no trace. */
function checkForm({ pem, der, json }: AuthorityOptions, { stdout }: Pick<Deps, 'stdout'>): void {
  if ([pem, der, json].filter(Boolean).length > 1) {
    throw new ToolError('usage', 'ERR_USAGE_AUTHORITY_FORM', '--pem, --der and --json do not go together', {
      hint: 'Choose one of them.',
    });
  }
  if (der && stdout.isTty) {
    throw new ToolError('usage', 'ERR_USAGE_BINARY_TERMINAL', 'DER is binary: a terminal cannot show it', {
      hint: 'Send it to a file: storewire authority --der > test-root.der',
    });
  }
}
