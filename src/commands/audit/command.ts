import { type Command, InvalidArgumentError, Option } from 'commander';
import { completes, words } from '../../cli/completion.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { collect, durationOption, parseEnvironment, withExamples } from '../../cli/options.js';
import { AUDIT_REPORTS, type AuditCommandOptions, runAudit } from './run.js';

const USUAL_TIMEOUT_MS = 5 * 60_000;

export function registerAudit(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runAudit = runAudit,
): void {
  const command = parent
    .command('audit')
    .description('Send forged notifications to your endpoint and report those it accepts')
    .argument('<url>', 'address of the endpoint')
    .option('--control', "the test authority's root is trusted there: look behind it", false)
    .option('--genuine <file...>', 'tokens of the App Store, to forge with')
    .option('--effect <command>', 'tells by exit 0 that an attempt took effect')
    .option('--bundle-id <id>', 'app of the endpoint')
    .option('--app-apple-id <id>', 'app Apple ID of the endpoint')
    .option('--environment <name>', 'sandbox (where not set) or production', parseEnvironment)
    .option('--root <file>', 'believe --genuine of this root, too (repeatable)', collect)
    .addOption(
      new Option('--timeout <duration>', 'deadline of the command')
        .argParser(durationOption)
        .default(USUAL_TIMEOUT_MS, '5m'),
    )
    .option('--yes', 'a host other than this machine is yours', false)
    .addOption(new Option('--report <kind>', 'json or junit (repeatable)').argParser(collectReport).default([]))
    .addOption(new Option('--report-file <file>', 'where each goes, in order').argParser(collect).default([]))
    .option('--profile <name>', 'settings profile')
    .option('--json', 'print one JSON document', false)
    .action(async (url: string, options: AuditCommandOptions) => finish(await run(url, options, deps)));
  completes(command, { '--report': words(...AUDIT_REPORTS) });
  withExamples(command, [
    ['storewire audit http://localhost:3000/apple', 'what could be forged there'],
    [
      'storewire audit http://localhost:3000/ --control --bundle-id com.example.app',
      'where storewire authority --pem is trusted: looks behind the root',
    ],
    [
      'storewire audit https://staging.example.com/ --yes --genuine transaction.jws',
      'with tokens of the App Store, such as every user of an app has',
    ],
    [
      "storewire audit http://localhost:3000/ --effect './took-effect.sh'",
      'where it answers before it checks; asks of $STOREWIRE_NOTIFICATION_UUID',
    ],
  ]);
}

function collectReport(text: string, before: readonly string[]): readonly string[] {
  const known = AUDIT_REPORTS.find((kind) => kind === text);
  if (known === undefined) throw new InvalidArgumentError('It is json or junit.');
  return [...before, known];
}
