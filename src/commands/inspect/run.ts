import { relative } from 'node:path';
import { EXIT, type Exit } from '../../cli/exit.js';
import { planTargets } from '../../cli/forward-options.js';
import { createReporter } from '../../cli/reporter.js';
import { interrupted } from '../../errors.js';
import { followJournal } from '../../inspector/sources/journal-source.js';
import type { NotificationSource } from '../../inspector/sources/source.js';
import { appExpectations } from '../../session/app.js';
import { openInspector } from '../../session/inspector.js';
import { createContextsByRoot, findJournalFolder, withProjectRoot } from '../../session/journal.js';
import { findListener } from '../../session/running-listener.js';
import { definedFlags } from '../../session/settings-flags.js';
import { readTrustedRoots, rootWarnings } from '../../session/trust.js';
import { describeWarnings } from '../../session/warnings.js';
import { openSettings } from '../../settings/open.js';
import { resolveListen } from '../../settings/resolve.js';
import { resolveApp } from '../../settings/resolve-app.js';
import type { Row } from '../../terminal/layout.js';
import { beginStdin, openInput } from './inputs.js';
import type { InspectDeps, InspectFlags } from './options.js';
import { describeInspectReady, type InspectReady } from './view.js';

/** What the page shows. */
interface Shown extends Pick<InspectReady, 'shows' | 'isJournal'> {
  readonly source: NotificationSource;
  /** Reads the rest of an input. */
  readRest(onRead: () => void): Promise<void>;
}

/**
 * Serves the page until an interrupt, which exits 0. Throws usage `ERR_INSPECT_PORT`, and the errors of flags, settings and inputs.
 */
export async function runInspect(inputs: readonly string[], flags: InspectFlags, deps: InspectDeps): Promise<Exit> {
  const { stdout, stderr, signal } = deps;
  const { profile, root } = flags;
  const open = openSettings({ ...deps, flags: definedFlags({ profile, root }) });
  const app = resolveApp(open);
  const roots = await readTrustedRoots(app.roots?.value ?? [], deps);
  stderr.write(describeWarnings([...open.warnings, ...rootWarnings(roots)], stderr));
  const reporter = createReporter({ json: false }, deps);
  const targetFlags = { ...flags, answer: 'ack', onInvalid: 'reject' } as const;
  const { targets, warnings } = planTargets(targetFlags, { ...resolveListen(open), exec: null }, deps.env);
  for (const warning of warnings) reporter.say(warning);
  const findRunning = async () => {
    const folder = findJournalFolder(open, deps);
    const found = folder === null ? null : await findListener(folder, deps);
    return found?.state === 'running' ? found.listener : null;
  };
  const findFolder = (): string | null => findJournalFolder(open, deps);

  const openJournal = (): Shown => ({
    source: followJournal({
      findFolder,
      contextFor: (folder) => createContextsByRoot(folder, roots),
      sleep: deps.sleep,
    }),
    isJournal: true,
    shows: journalRow(findFolder(), deps.cwd),
    readRest: () => Promise.resolve(),
  });
  const openPayloads = async (stdin: InspectDeps['stdin']): Promise<Shown> => {
    const readRoots = () => withProjectRoot(roots, open, deps);
    const { source, readRest } = await openInput(inputs, readRoots, appExpectations(app), { ...deps, stdin });
    const value = inputs.length === 0 ? 'standard input' : inputs.map(nameInput).join(', ');
    const remark = source.total === 0 ? { remark: 'no payload so far' } : {};
    return { source, readRest, isJournal: false, shows: { value, ...remark } };
  };
  const shown = await chooseShown(inputs, { openJournal, openPayloads }, deps);
  if (signal.aborted) throw interrupted();

  const onError = (error: unknown): void => reporter.say(error instanceof Error ? error.message : String(error));
  const { forwardTimeout, forwardSynthetic } = flags;
  const inspector = await openInspector(
    {
      ...{ source: shown.source, targets, forwardTimeout, forwardSynthetic, open, onError },
      kind: shown.isJournal ? 'journal' : 'input',
      port: flags.port,
      say: reporter.say,
      findListener: findRunning,
    },
    deps,
  );
  try {
    const ready = { ...shown, url: inspector.url, targets, listener: await findRunning() };
    stdout.write(describeInspectReady(ready, { ...stdout, nowMs: deps.now() }));
    const reading = shown.readRest(inspector.notifyChanged).catch((error: unknown) => {
      // There is nothing to look at, and nothing to come.
      if (shown.source.total === 0) throw error;
      onError(error);
    });
    await Promise.race([untilStopped(deps), reading.then(() => untilStopped(deps))]);
  } finally {
    await inspector.stop();
  }
  return EXIT.ok;
}

interface Openers {
  openJournal(): Shown;
  openPayloads(stdin: InspectDeps['stdin']): Promise<Shown>;
}

/** What is given, else what is piped in, else the journal. */
async function chooseShown(
  inputs: readonly string[],
  { openJournal, openPayloads }: Openers,
  deps: InspectDeps,
): Promise<Shown> {
  const { stdin } = deps;
  if (inputs.length > 0) return openPayloads(stdin);
  const begun = (stdin.isPiped ?? !stdin.isTty) ? await beginStdin(deps) : null;
  return begun === null ? openJournal() : openPayloads(begun);
}

const MAX_NAME = 60;

function nameInput(input: string): string {
  if (input === '-') return 'standard input';
  return input.length > MAX_NAME ? `${input.slice(0, MAX_NAME)}…` : input;
}

function journalRow(folder: string | null, cwd: string): Pick<Row, 'value' | 'remark'> {
  if (folder === null)
    return { value: 'the journal of this project', remark: 'none yet: it appears with the first notification' };
  const short = relative(cwd, folder);
  return {
    value: `the journal in ${short.startsWith('..') ? folder : short}`,
    remark: 'personal data, kept for 30 days',
  };
}

function untilStopped({ signal, stdout }: Pick<InspectDeps, 'signal' | 'stdout'>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || stdout.closed.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    stdout.closed.addEventListener('abort', () => resolve(), { once: true });
  });
}
