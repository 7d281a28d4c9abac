import { relative } from 'node:path';
import { followJournal } from '../../inspector/sources/journal-source.js';
import type { NotificationSource } from '../../inspector/sources/source.js';
import { appExpectations } from '../../session/app.js';
import { createContextsByRoot, findJournalFolder, withProjectRoot } from '../../session/journal.js';
import type { OpenSettings } from '../../settings/open.js';
import type { AppSettings } from '../../settings/resolve-app.js';
import type { Row } from '../../terminal/layout.js';
import type { TrustedRoot } from '../../trust/roots.js';
import { beginStdin, openInput } from './inputs.js';
import type { InspectDeps } from './options.js';
import type { InspectReady } from './view.js';

/** Source of the page's notifications. */
export interface ShownSource extends Pick<InspectReady, 'shows' | 'isJournal'> {
  readonly source: NotificationSource;
  /** Reads the rest of an input. */
  readRest(onRead: () => void): Promise<void>;
}

/** Settings that decide how notifications are verified. */
export interface VerificationSettings {
  readonly open: OpenSettings;
  readonly app: AppSettings;
  readonly roots: readonly TrustedRoot[];
}

/** Opens what is given, else what is piped in, else the journal. Throws the errors of inputs. */
export async function openShown(
  inputs: readonly string[],
  settings: VerificationSettings,
  deps: InspectDeps,
): Promise<ShownSource> {
  const { stdin } = deps;
  if (inputs.length > 0) return openPayloads(inputs, settings, deps);
  const begun = (stdin.isPiped ?? !stdin.isTty) ? await beginStdin(deps) : null;
  return begun === null ? openJournal(settings, deps) : openPayloads([], settings, { ...deps, stdin: begun });
}

function openJournal({ open, roots }: VerificationSettings, deps: InspectDeps): ShownSource {
  const findFolder = (): string | null => findJournalFolder(open, deps);
  const source = followJournal({
    findFolder,
    contextFor: (folder) => createContextsByRoot(folder, roots),
    sleep: deps.sleep,
  });
  return { source, isJournal: true, shows: journalRow(findFolder(), deps.cwd), readRest: () => Promise.resolve() };
}

async function openPayloads(
  inputs: readonly string[],
  { open, app, roots }: VerificationSettings,
  deps: InspectDeps,
): Promise<ShownSource> {
  const readRoots = () => withProjectRoot(roots, open, deps);
  const { source, readRest } = await openInput(inputs, readRoots, appExpectations(app), deps);
  const value = inputs.length === 0 ? 'standard input' : inputs.map(nameInput).join(', ');
  const remark = source.total === 0 ? { remark: 'no payload so far' } : {};
  return { source, readRest, isJournal: false, shows: { value, ...remark } };
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
