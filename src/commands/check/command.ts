import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseHttpUrl } from '../../address/parse.js';
import { completes, listOf, words } from '../../cli/completion.js';
import { ENVIRONMENTS_OR_BOTH } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import { EXIT, EXIT_OF_ERROR, type Exit, worstOf } from '../../cli/exit.js';
import { collect, durationOption, parseEnvironments, withExamples } from '../../cli/options.js';
import { GROUPS, type Group } from '../../endpoint-check/step.js';
import { planReports, REPORT_KINDS, type ReportKind } from '../../reports/report-files.js';
import type { CheckDeps } from './apple.js';
import type { CheckOptions, CheckReport } from './model.js';
import { openCheckOutput } from './output.js';
import { makeReport } from './run.js';

/** A TEST is followed for two minutes by itself; the rest takes seconds. */
const CHECK_TIMEOUT_MS = 180_000;

export function registerCheck(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runCheck = runCheck,
): void {
  const timeout = new Option('--timeout <duration>', 'deadline of the command').argParser(durationOption);
  const command = parent
    .command('check')
    .description('Check the setup of an endpoint: URL, DNS, TLS, HTTP, settings, TEST')
    .argument('[url]', 'endpoint; without it those that App Store Connect has', parseUrl)
    .option('--environment <name>', 'sandbox, production or both', parseEnvironments)
    .option('--only <group>', `these groups alone, none skipped (${GROUPS.join(', ')})`, collectGroups, [])
    .option('--skip <group>', 'leave these groups out', collectGroups, [])
    .option('--strict', 'warnings count as failures, and TEST may not be skipped', false)
    .addOption(timeout.default(CHECK_TIMEOUT_MS, '3m'))
    .option('--report <kind>', `${REPORT_KINDS.join(', ')} (repeatable)`, collectReports, [])
    .option('--report-file <file>', 'where the report goes; stdout without it', collect, [])
    .option('--bundle-id <id>', 'bundle id of the app')
    .option('--profile <name>', 'settings profile')
    .option('--yes', "send tokens to base addresses that are not Apple's", false)
    .option('--json', 'print one JSON document', false)
    .action(async (url: string | undefined, options: CheckOptions) => finish(await run(url ?? null, options, deps)));
  completes(command, {
    '--environment': ENVIRONMENTS_OR_BOTH,
    '--only': listOf(words(...GROUPS)),
    '--skip': listOf(words(...GROUPS)),
    '--report': words(...REPORT_KINDS),
  });
  withExamples(command, [
    ['storewire check https://example.com/apple', 'what Apple would make of it'],
    ['storewire check --environment sandbox', 'the URL set there, with a TEST'],
    ['storewire check --only tls https://example.com/apple', 'one group alone'],
    ['storewire check --environment sandbox --report junit --report-file check.xml', 'in CI'],
  ]);
}

/**
 * Looks at an endpoint from all sides. Exit 0 where all is well, or well enough without --strict; 1 where something is wrong; 3 where
 * credentials are missing or refused, 4 where Apple could not be asked, 5 where no answer came in time.
 */
export async function runCheck(url: string | null, options: CheckOptions, deps: CheckDeps): Promise<Exit> {
  const outlet = openCheckOutput(planReports(options), options, deps);
  const report = await makeReport(url, options, outlet.tell, deps);
  outlet.end(report);
  return exitOf(report, options);
}

function exitOf({ steps, verdict }: CheckReport, { strict }: CheckOptions): Exit {
  const isNo = steps.some(({ status }) => status === 'fail' || (strict && status === 'warn'));
  const errors = steps.flatMap(({ error }) => (error === undefined ? [] : [EXIT_OF_ERROR[error.kind]]));
  const code = worstOf([...(isNo ? [EXIT.no] : []), ...errors]);
  return code === EXIT.ok && verdict === 'undetermined' ? EXIT.pending : code;
}

/** Returned as typed: Apple's URL rules are checked on that text by the `url` steps. */
function parseUrl(text: string): string {
  parseHttpUrl(
    text,
    'the endpoint',
    'ERR_USAGE_URL',
    'For example: https://example.com/apple or http://localhost:4280/',
  );
  return text;
}

/** Repeated, or with commas. */
function collectGroups(text: string, before: readonly Group[]): readonly Group[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  return [...before, ...names.map(parseGroup)];
}

function parseGroup(name: string): Group {
  const found = GROUPS.find((group) => group === name);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`The groups are ${GROUPS.join(', ')}.`);
}

function collectReports(text: string, before: readonly ReportKind[]): readonly ReportKind[] {
  const found = REPORT_KINDS.find((kind) => kind === text.toLowerCase());
  if (found !== undefined) return [...before, found];
  throw new InvalidArgumentError(`It is ${REPORT_KINDS.slice(0, -1).join(', ')} or ${REPORT_KINDS.at(-1)}.`);
}
