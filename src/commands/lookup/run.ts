import { writeError } from '../../cli/error-output.js';
import { EXIT, EXIT_OF_ERROR, type Exit, worstOf } from '../../cli/exit.js';
import { createReporter, type Reporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import {
  openServer,
  openServerSettings,
  type Server,
  type ServerDeps,
  type ServerFlags,
} from '../../session/server.js';
import { type AppSettings, resolveApp, resolveEnvironment } from '../../settings/resolve-app.js';
import type { Environment, Setting } from '../../settings/setting.js';
import { escapeText } from '../../terminal/escape.js';
import { toJsonLine } from '../../terminal/json.js';
import { layMessage } from '../../terminal/layout.js';
import { describeProgress } from '../../terminal/progress.js';
import { wrapWords } from '../../terminal/width.js';
import { foldCustomer } from './customer.js';
import { type CustomerPurchases, documentsOf, type Gap, type ReadOptions, readPurchases } from './read-purchases.js';
import { type LookupSubject, parseLookupSubject } from './subject.js';
import { refuseSandboxOrder, unknownLookupId } from './unknown-id.js';
import { describeCustomer } from './view.js';

export interface LookupOptions extends ServerFlags {
  readonly id: string;
  readonly environment?: string;
  /** Ask the emulator of the project, with its key and root. */
  readonly viaEmulator: boolean;
  readonly verbose: boolean;
  /** Milliseconds; none by default. */
  readonly timeout?: number;
}

/**
 * Runs `lookup`. Exit 0 if the id is known and every token valid, 1 if Apple does not know the id or a token is not valid, 3 to 5 if a part
 * could not be read. Throws the errors of the API before the purchase is found, usage `ERR_LOOKUP_ID` and `ERR_LOOKUP_ORDER_SANDBOX`.
 */
export async function runLookup(options: LookupOptions, given: ServerDeps): Promise<Exit> {
  const subject = parseLookupSubject(options.id);
  const { timeout = Number.POSITIVE_INFINITY, viaEmulator } = options;
  const deadlineMs = given.now() + timeout;
  const notes = createReporter(options, given);
  const deps = viaEmulator ? await emulatorDeps(given, notes) : given;
  const open = openServerSettings(options, options.environment, deps);
  const environments = environmentsFor(subject, resolveEnvironment(open), viaEmulator);
  refuseSandboxOrder(subject, environments, options);
  // The address of the emulator was printed before.
  const server = await openServer(open, environments, { ...options, json: options.json || viaEmulator }, deps);
  if (subject.remark !== null) notes.say(subject.remark);
  const run: Run = { server, subject, options, deps, deadlineMs, notes };
  try {
    const found = await askEnvironments(environments, run);
    if (found === null) return reportUnknown(environments, resolveApp(open), run);
    return reportFound(found, run);
  } finally {
    notes.clear();
  }
}

/** The emulator's settings instead of the user's. Throws usage `ERR_EMULATOR_NOT_RUNNING`. */
async function emulatorDeps(given: ServerDeps, notes: Reporter): Promise<ServerDeps> {
  const { throughEmulator } = await import('../../session/through-emulator.js');
  const deps = await throughEmulator(given);
  notes.say(`Using the emulator at ${deps.env.STOREWIRE_SERVER_API_SANDBOX_URL} instead of Apple.`);
  return deps;
}

interface Run {
  readonly server: Server;
  readonly subject: LookupSubject;
  readonly options: LookupOptions;
  readonly deps: ServerDeps;
  readonly deadlineMs: number;
  readonly notes: Reporter;
}

/**
 * Without an environment Apple's procedure is to ask production first, then the sandbox. Orders are in production only. The environment of
 * the settings is not that of an emulator, which plays both. Source: Apple, "Get Transaction Info", "Look Up Order ID".
 */
function environmentsFor(
  { kind }: LookupSubject,
  environment: Setting<Environment>,
  viaEmulator: boolean,
): readonly Environment[] {
  const isChosen = environment !== null && (!viaEmulator || environment.source.kind === 'flag');
  if (isChosen) return [environment.value];
  return kind === 'order' ? ['production'] : ['production', 'sandbox'];
}

/** The first environment that knows the id; null if none does. */
async function askEnvironments(environments: readonly Environment[], run: Run): Promise<CustomerPurchases | null> {
  let refused: ToolError | null = null;
  for (const environment of environments) {
    try {
      const found = await readPurchases(run.subject, readOptions(environment, run));
      if (found !== null) return found;
    } catch (error) {
      const isLast = environment === environments.at(-1);
      if (isLast || !(error instanceof ToolError) || error.code !== 'ERR_API_UNAUTHENTICATED') throw error;
      refused = error;
      run.notes.say(`${error.message}, as it does before the first release of the app. Asking the sandbox.`);
    }
  }
  // Not known to the sandbox, and production did not answer: nobody knows.
  if (refused !== null) throw refused;
  return null;
}

function readOptions(environment: Environment, { server, options, deps, deadlineMs, notes }: Run): ReadOptions {
  const startedMs = deps.now();
  return {
    server,
    environment,
    deadlineMs,
    deps,
    onWait: notes.waiting,
    onDocument: async (document) => {
      if (!options.json) return;
      notes.answer(toJsonLine(document));
      await deps.stdout.drained();
    },
    onPage: (payloads) => {
      const progress = { payloads, elapsedMs: deps.now() - startedMs, bytesDone: 0, bytesTotal: null };
      notes.progress(describeProgress(progress, deps.stderr.columns));
    },
  };
}

function reportFound(found: CustomerPurchases, { options, deps, notes }: Run): Exit {
  const { paint, columns } = deps.stdout;
  const nowMs = deps.now();
  if (!options.json) notes.answer(describeCustomer(foldCustomer(found, nowMs), options, { paint, columns, nowMs }));
  notes.clear();
  for (const gap of found.gaps) writeError(gapError(gap), options, deps.stderr);
  const verdicts = documentsOf(found).map(({ verification }) => EXIT_OF_VERDICT[verification.verdict]);
  return worstOf([...verdicts, ...found.gaps.map(({ error }) => exitOfGap(error))]);
}

const EXIT_OF_VERDICT = { valid: EXIT.ok, invalid: EXIT.no, undetermined: EXIT.remote } as const;

/** The purchase was found, so what Apple refuses about the rest is its failure and no wrong usage. */
function exitOfGap({ kind }: ToolError): Exit {
  return kind === 'usage' ? EXIT.remote : EXIT_OF_ERROR[kind];
}

function gapError({ lists, error }: Gap): ToolError {
  const { kind, code, message, hint } = error;
  const options = hint === undefined ? {} : { hint };
  return new ToolError(kind, code, `${lists.join(' and ')} not read to the end: ${message}`, options);
}

/** The answer is no: one line on stdout; with --json an error, as there is no document. */
function reportUnknown(
  environments: readonly Environment[],
  { bundleId }: Pick<AppSettings, 'bundleId'>,
  run: Run,
): Exit {
  const { subject, options, deps } = run;
  const error = unknownLookupId(subject, environments, bundleId, options);
  if (options.json) {
    writeError(error, options, deps.stderr);
    return EXIT.no;
  }
  const { stdout, stderr } = deps;
  stdout.write(`${wrapWords(capitalise(escapeText(error.message)), stdout.columns).join('\n')}\n`);
  stderr.write(`${layMessage('hint:', stderr.paint.dim, escapeText(error.hint), stderr.columns).join('\n')}\n`);
  return EXIT.no;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
