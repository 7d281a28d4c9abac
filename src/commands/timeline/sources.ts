import { createReporter, type Reporter } from '../../cli/reporter.js';
import { purchaseParts } from '../../document-view/purchase-json.js';
import { interrupted, ToolError } from '../../errors.js';
import { readInput } from '../../input/read.js';
import type { UnitBatch } from '../../input/unit.js';
import { parseOwnJson } from '../../jws/json.js';
import type { PayloadDocument } from '../../notification/document.js';
import type { VerifyOptions } from '../../notification/verify.js';
import type { Job } from '../../pipeline/job.js';
import { MAX_JOBS, reportUnread } from '../../pipeline/payloads.js';
import { runPipeline } from '../../pipeline/run.js';
import type { PurchaseDocument } from '../../purchase/purchase.js';
import { appExpectations } from '../../session/app.js';
import { TEST_AUTHORITY } from '../../session/authority.js';
import { findJournalFolder, withProjectRoot } from '../../session/journal.js';
import { openSentHistory } from '../../session/sent-history.js';
import { openServerSettings } from '../../session/server.js';
import { readTrustedRoots, rootWarnings } from '../../session/trust.js';
import { describeWarnings } from '../../session/warnings.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve-app.js';
import { describeProgress } from '../../terminal/progress.js';
import type { TrustedRoot } from '../../trust/roots.js';
import { readJournalDocuments } from './journal-source.js';
import type { TimelineDeps, TimelineOptions } from './options.js';

/** What was read for the timelines. */
export interface TimelineDocuments {
  readonly documents: readonly PurchaseDocument[];
  /** Error for the end of the run: a payload that could not be decoded; null where all could. */
  readonly error: ToolError | null;
  /** True where a document is verified under the project's test authority, which is not Apple. */
  readonly isSynthetic: boolean;
  /** Where they were read. */
  readonly place: Place;
}

type Place = 'the input' | 'the journal' | 'the history';

/** Takes documents one by one; keeps of each only what the fold reads. */
interface Collection {
  add(document: PayloadDocument): void;
  result(place: Place): TimelineDocuments;
}

/**
 * Reads the inputs (files, `-`, piped stdin), else the journal, or Apple's history with `--from-history`, and verifies every payload. Throws
 * what each source throws, and usage `ERR_TIMELINE_SOURCE` for flags of another source.
 */
export async function readTimelineDocuments(options: TimelineOptions, deps: TimelineDeps): Promise<TimelineDocuments> {
  const { inputs, fromHistory } = options;
  checkSource(options);
  const open = openServerSettings(options, options.environment?.toLowerCase(), deps);
  const notes = createReporter(options, deps);
  try {
    if (fromHistory) return await readSentDocuments(options, notes, deps);
    const isPiped = deps.stdin.isPiped ?? !deps.stdin.isTty;
    const roots = await openRoots(open, options, deps);
    if (inputs.length > 0) return await readInputDocuments(options, { open, roots, notes }, deps);
    if (isPiped) {
      const piped = await readPipedDocuments(options, { open, roots, notes }, deps);
      if (piped !== null) return piped;
    }
    const collection = collectDocuments(notes, deps);
    await readJournalDocuments(options, { open, roots, onDocument: collection.add }, deps);
    return collection.result('the journal');
  } finally {
    notes.clear();
  }
}

function checkSource({ inputs, fromHistory, since, until, timeout }: TimelineOptions): void {
  if (fromHistory && inputs.length > 0)
    throw sourceError('--from-history cannot be combined with files', 'Leave out one of them.');
  const flags = { '--since': since, '--until': until, '--timeout': timeout };
  const flag = Object.entries(flags).find(([, value]) => value !== undefined)?.[0];
  if (!fromHistory && flag !== undefined)
    throw sourceError(`${flag} needs --from-history`, 'Add it, or leave both out.');
}

function sourceError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TIMELINE_SOURCE', message, { hint });
}

async function openRoots(
  open: OpenSettings,
  { json }: TimelineOptions,
  deps: TimelineDeps,
): Promise<readonly TrustedRoot[]> {
  const roots = await readTrustedRoots(resolveApp(open).roots?.value ?? [], deps);
  if (!json) deps.stderr.write(describeWarnings([...open.warnings, ...rootWarnings(roots)], deps.stderr));
  return roots;
}

interface InputContext {
  readonly open: OpenSettings;
  readonly roots: readonly TrustedRoot[];
  readonly notes: Reporter;
}

/** Piped stdin that was not asked for with `-`: null where it is empty, as in many a script, and there is a journal to read instead. */
async function readPipedDocuments(
  options: TimelineOptions,
  context: InputContext,
  deps: TimelineDeps,
): Promise<TimelineDocuments | null> {
  try {
    return await readInputDocuments(options, context, deps);
  } catch (error) {
    const isEmpty = error instanceof ToolError && error.code === 'ERR_INPUT_EMPTY';
    if (!isEmpty || findJournalFolder(context.open, deps) === null) throw error;
    context.notes.say('Standard input is empty: reading the journal. To read only it, pass -.');
    return null;
  }
}

async function readInputDocuments(
  { inputs }: TimelineOptions,
  { open, roots, notes }: InputContext,
  deps: TimelineDeps,
): Promise<TimelineDocuments> {
  const collection = collectDocuments(notes, deps);
  const batches = await startReading(inputs, deps);
  const nowMs = deps.now();
  const verify: VerifyOptions = { nowMs, online: false, ...appExpectations(resolveApp(open)) };
  const view = { columns: Number.POSITIVE_INFINITY, level: 0, nowMs } as const;
  const job: Job = { verify, ocspTimeoutMs: null, raw: false, output: 'purchase', view };
  // The project's test authority is trusted here, and named: what `trigger` makes is drawn as verified.
  const run = {
    roots: withProjectRoot(roots, open, deps),
    jobs: Math.min(MAX_JOBS, deps.cores),
    onProgress: () => undefined,
  };
  const stdout = { ...collectLines(collection), closed: deps.stdout.closed };
  const { counts, unreadable, bugs, stopped } = await runPipeline(batches, job, run, {
    ...deps,
    stdout,
  });
  if (stopped) throw interrupted();
  if (counts.total === 0) throw (await import('../../pipeline/no-payload.js')).noPayload(inputs, unreadable, deps);
  if (bugs.first !== null) throw new Error(bugs.first.stack);
  notes.clear();
  reportUnread(unreadable, deps.stderr);
  return collection.result('the input');
}

/** Waits for the first batch: in a pipe, `trigger` makes the authority of the project before it writes. */
async function startReading(inputs: readonly string[], deps: TimelineDeps): Promise<AsyncIterable<UnitBatch>> {
  const batches = readInput(inputs, deps)[Symbol.asyncIterator]();
  const first = await batches.next();
  if (deps.signal.aborted) throw interrupted();
  async function* all(): AsyncGenerator<UnitBatch> {
    for (let next = first; next.done !== true; next = await batches.next()) yield next.value;
  }
  return all();
}

/** Takes the output of a run, of which each write ends with a line. */
function collectLines(collection: Collection): Pick<TimelineDeps['stdout'], 'write' | 'drained'> {
  return {
    write(data) {
      for (const line of Buffer.from(data).toString('utf8').split('\n'))
        if (line !== '') collection.add(parseOwnJson(line) as unknown as PayloadDocument);
    },
    drained: () => Promise.resolve(),
  };
}

/** A whole id is passed on to Apple, which then returns that customer's notifications only. */
const WHOLE_TRANSACTION_ID = /^\d{15,}$/;

/** As long as Apple keeps the sandbox's history. */
const DEFAULT_SINCE = { agoMs: 30 * 86_400_000 };

async function readSentDocuments(
  { id = '', environment, ...options }: TimelineOptions,
  notes: Reporter,
  deps: TimelineDeps,
): Promise<TimelineDocuments> {
  const query = WHOLE_TRANSACTION_ID.test(id) ? { transactionId: id } : {};
  const place = environment === undefined ? {} : { environment: environment.toLowerCase() };
  const flags = { since: DEFAULT_SINCE, onlyFailures: false, ...options, ...query, ...place };
  const history = await openSentHistory(flags, notes, deps);
  const collection = collectDocuments(notes, deps);
  const deadlineMs = deps.now() + (options.timeout ?? Number.POSITIVE_INFINITY);
  for await (const page of history.pages(deadlineMs)) for (const item of page) collection.add(history.verify(item));
  return collection.result('the history');
}

function collectDocuments(notes: Reporter, { now, stderr }: TimelineDeps): Collection {
  const documents: PurchaseDocument[] = [];
  const startedMs = now();
  const malformed = { count: 0, first: null as string | null };
  let isSynthetic = false;
  return {
    add(document) {
      const { source, verification } = document;
      if (isMalformed(document)) {
        malformed.count += 1;
        malformed.first ??= source;
      }
      const isTest = verification?.verdict === 'valid' && verification.root === TEST_AUTHORITY;
      isSynthetic ||= isTest;
      documents.push(pickFolded(document, isTest));
      if (documents.length % PROGRESS_STEP !== 0) return;
      const progress = { payloads: documents.length, elapsedMs: now() - startedMs, bytesDone: 0, bytesTotal: null };
      notes.progress(describeProgress(progress, stderr.columns));
    },
    result: (place) => ({ documents, isSynthetic, place, error: malformedError(malformed, documents.length) }),
  };
}

/** A line of a terminal is rewritten after this many payloads. */
const PROGRESS_STEP = 500;

/** Without the arrival of a test notification: a scenario is sent at once, but signed over months of its own clock. */
function pickFolded(document: PayloadDocument, isTest: boolean): PurchaseDocument {
  const { received, ...parts } = purchaseParts(document);
  return received === undefined || isTest ? parts : { ...parts, received };
}

function isMalformed({ kind, verification, problems }: PayloadDocument): boolean {
  return kind === 'unknown' && (problems !== undefined || verification?.reason === 'MALFORMED_JWS');
}

interface Malformed {
  readonly count: number;
  /** Source of the first. */
  readonly first: string | null;
}

function malformedError({ count, first }: Malformed, total: number): ToolError | null {
  if (first === null) return null;
  const share = total === 1 ? 'the payload' : `${count} of ${total} payloads`;
  return new ToolError('usage', 'ERR_INPUT_MALFORMED', `${share} could not be decoded: ${first}`, {
    hint: 'Show the defect: storewire decode',
  });
}
