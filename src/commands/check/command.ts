import { type Command, Option } from 'commander';
import { ENDPOINT_URL_HINT } from '../../address/endpoint-url.js';
import { completeLocalUrl } from '../../address/local-url.js';
import { parseHttpUrl } from '../../address/parse.js';
import { completes, listOf, words } from '../../cli/completion.js';
import { ENVIRONMENTS_OR_BOTH } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import { EXIT, EXIT_OF_ERROR, type Exit, worstOf } from '../../cli/exit.js';
import { InvalidArgumentError } from '../../cli/flags.js';
import { collect, durationOption, parseEnvironments, withExamples } from '../../cli/options.js';
import { GROUPS, type Group } from '../../endpoint-check/step.js';
import { planReports, REPORT_KINDS } from '../../reports/report-files.js';
import type { CheckDeps } from './apple.js';
import type { CheckOptions, CheckReport } from './model.js';
import { openCheckOutput } from './output.js';
import { makeReport } from './run.js';

/** A TEST is polled for up to two minutes; the other groups take seconds. */
const CHECK_TIMEOUT_MS = 180_000;

export function registerCheck(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runCheck = runCheck,
): void {
  const timeout = new Option('--timeout <duration>', 'Stop after this time').argParser(durationOption);
  const command = parent
    .command('check')
    .description('Check the setup of an endpoint: URL, DNS, TLS, HTTP, settings, TEST')
    .argument('[url]', 'URL of the endpoint, or :3000/path (default: those set in App Store Connect)', parseUrl)
    .option('--environment <name>', 'Check sandbox, production or both', parseEnvironments)
    .option('--only <group>', `Run only these groups and require them (${GROUPS.join(', ')})`, collectGroups, [])
    .option('--skip <group>', 'Skip these groups', collectGroups, [])
    .option('--strict', 'Treat warnings as failures, and require the TEST', false)
    .addOption(timeout.default(CHECK_TIMEOUT_MS, '3m'))
    .option('--report <kind>', `Write a report: ${REPORT_KINDS.join(', ')} (repeatable)`, collectReports, [])
    .option('--report-file <file>', 'Write the report to this file (default: stdout)', collect, [])
    .option('--bundle-id <id>', 'Use this bundle id')
    .option('--profile <name>', 'Use this settings profile')
    .option('--yes', "Send tokens to base addresses that are not Apple's", false)
    .option('--json', 'Print one JSON document', false)
    .action(async (url: string | undefined, options: CheckOptions) => finish(await run(url ?? null, options, deps)));
  completes(command, {
    '--environment': ENVIRONMENTS_OR_BOTH,
    '--only': listOf(words(...GROUPS)),
    '--skip': listOf(words(...GROUPS)),
    '--report': words(...REPORT_KINDS),
  });
  withExamples(command, [
    ['storewire check https://example.com/apple', 'check one endpoint'],
    ['storewire check --environment sandbox', 'check the URL in App Store Connect, with a TEST'],
    ['storewire check --only tls https://example.com/apple', 'check TLS only'],
    ['storewire check --environment sandbox --report junit --report-file check.xml', 'for CI'],
  ]);
}

/**
 * Runs `check`. Exit 0 for pass (or warn without --strict), 1 for a failure, 3 for missing or refused credentials, 4 if Apple failed or was
 * unreachable, 5 if no verdict was reached in time.
 */
export async function runCheck(url: string | null, options: CheckOptions, deps: CheckDeps): Promise<Exit> {
  const output = openCheckOutput(planReports(options), options, deps);
  const report = await makeReport(url, options, output.addSteps, deps);
  output.end(report);
  return exitOf(report, options);
}

function exitOf({ steps, verdict }: CheckReport, { strict }: CheckOptions): Exit {
  const isNo = steps.some(({ status }) => status === 'fail' || (strict && status === 'warn'));
  const errors = steps.flatMap(({ error }) => (error === undefined ? [] : [EXIT_OF_ERROR[error.kind]]));
  const code = worstOf([...(isNo ? [EXIT.no] : []), ...errors]);
  return code === EXIT.ok && verdict === 'undetermined' ? EXIT.pending : code;
}

/** A full URL is returned as typed: Apple's URL rules are checked on that text by the `url` steps. The shorthand of a local one is completed. */
function parseUrl(given: string): string {
  const text = completeLocalUrl(given);
  parseHttpUrl(text, 'the endpoint URL', 'ERR_USAGE_URL', ENDPOINT_URL_HINT);
  return text;
}

/** Group names, separated by commas; the flag is repeatable. */
function collectGroups(text: string, before: readonly Group[]): readonly Group[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  return [...before, ...names.map(parseGroup)];
}

function parseGroup(name: string): Group {
  const found = GROUPS.find((group) => group === name);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`Choose from ${GROUPS.join(', ')}.`);
}

function collectReports(text: string, before: CheckOptions['report']): CheckOptions['report'] {
  const found = REPORT_KINDS.find((kind) => kind === text.toLowerCase());
  if (found !== undefined) return [...before, found];
  throw new InvalidArgumentError(`Choose from ${REPORT_KINDS.join(', ')}.`);
}
