import { type Command, Option } from 'commander';
import { completes, words } from '../../cli/completion.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { InvalidArgumentError } from '../../cli/flags.js';
import { collect, durationOption, parseEnvironment, withExamples } from '../../cli/options.js';
import { AUDIT_REPORT_KINDS } from '../../reports/report-files.js';
import { type AuditCommandOptions, runAudit } from './run.js';

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
    .argument('<url>', 'URL of your endpoint, or :3000/path')
    .option('--control', 'Also test the checks after root trust (endpoint trusts the test root)', false)
    .option('--genuine <file...>', 'Also forge with these App Store tokens')
    .option('--effect <command>', 'Run this after each attempt; exit 0 means that it took effect')
    .option('--bundle-id <id>', 'Use this bundle id in forgeries')
    .option('--app-apple-id <id>', 'Use this app Apple ID in forgeries')
    .option('--environment <name>', 'Use sandbox (default) or production', parseEnvironment)
    .option('--root <file>', 'Also accept --genuine tokens under this root (repeatable)', collect)
    .addOption(
      new Option('--timeout <duration>', 'Stop after this time')
        .argParser(durationOption)
        .default(USUAL_TIMEOUT_MS, '5m'),
    )
    .option('--yes', 'Confirm that a remote host is yours', false)
    .addOption(
      new Option('--report <kind>', `Write a report: ${AUDIT_REPORT_KINDS.join(', ')} (repeatable)`)
        .argParser(collectReport)
        .default([]),
    )
    .addOption(
      new Option('--report-file <file>', 'Write the report to this file (default: stdout)')
        .argParser(collect)
        .default([]),
    )
    .option('--profile <name>', 'Use this settings profile')
    .option('--json', 'Print one JSON document', false)
    .option(
      '-v, --verbose',
      'Show impact and fix of each finding, every request, and the effective settings (stderr)',
      false,
    )
    .action(async (url: string, options: AuditCommandOptions) => finish(await run(url, options, deps)));
  completes(command, { '--report': words(...AUDIT_REPORT_KINDS) });
  withExamples(command, [
    ['storewire audit :3000/apple', 'find the forgeries that it accepts'],
    [
      'storewire audit http://localhost:3000/ --control --bundle-id com.example.app',
      'the endpoint trusts the root of storewire authority --pem',
    ],
    [
      'storewire audit https://staging.example.com/ --yes --genuine transaction.jws',
      'with an App Store token, such as every user of an app has',
    ],
    ['storewire audit http://localhost:3000/ --report html --report-file audit.html', 'a page to pass on'],
    [
      "storewire audit http://localhost:3000/ --effect './took-effect.sh'",
      'for an endpoint that answers first; reads $STOREWIRE_NOTIFICATION_UUID',
    ],
  ]);
}

function collectReport(text: string, before: AuditCommandOptions['report']): AuditCommandOptions['report'] {
  const known = AUDIT_REPORT_KINDS.find((kind) => kind === text.toLowerCase());
  if (known === undefined) throw new InvalidArgumentError(`Choose from ${AUDIT_REPORT_KINDS.join(', ')}.`);
  return [...before, known];
}
