import { EXIT, type Exit } from '../../cli/exit.js';
import { documentToJsonLine } from '../../document-view/json.js';
import { ToolError } from '../../errors.js';
import { isEntryId, readDocument } from '../../journal/query.js';
import { createContextsByRoot, findJournalFolder, noJournalError, openReader } from '../../session/journal.js';
import { readTrustedRoots } from '../../session/trust.js';
import { openSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve-app.js';
import { describeEntry } from './entry-view.js';
import type { JournalDeps, JournalShowOptions } from './options.js';

/** Shows one entry. Throws usage errors `ERR_JOURNAL_NONE`, `ERR_JOURNAL_ID` and those of `findEntry`. */
export async function runJournalShow(options: JournalShowOptions, deps: JournalDeps): Promise<Exit> {
  const { stdout, now } = deps;
  const { profile, root, json, verbose } = options;
  const id = options.id.toLowerCase();
  if (!isEntryId(id)) throw invalidId(options.id);
  const open = openSettings({ ...deps, flags: { ...(profile && { profile }), ...(root && { root }) } });
  const folder = findJournalFolder(open, deps);
  if (folder === null) throw noJournalError();
  const reader = await openReader(folder, { verbose }, deps);
  try {
    if (reader.isEmpty) throw noJournalError(reader);
    const entry = await reader.find(id);
    const roots = await readTrustedRoots(resolveApp(open).roots?.value ?? [], deps);
    const document = readDocument(entry, reader, createContextsByRoot(folder, roots));
    const standing = entry.type === 'receipt' ? reader.statuses.of(entry.receipt) : null;
    const view = { paint: stdout.paint, columns: stdout.columns, nowMs: now(), verbose, standing };
    stdout.write(json ? documentToJsonLine(document) : describeEntry(entry, document, view));
  } finally {
    await reader.close();
  }
  return EXIT.ok;
}

function invalidId(text: string): ToolError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new ToolError('usage', 'ERR_JOURNAL_ID', `${shown} is not a valid id: ids have 4 to 16 digits, 0-9 and a-f`, {
    hint: 'List the ids: storewire journal list. The newest entry is: last',
  });
}
