import type { Deps, OutputStream } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';
import { findJournalFolder } from '../../session/journal.js';
import { findListener, type RunningListener } from '../../session/running-listener.js';
import { describeWarnings } from '../../session/warnings.js';
import type { OpenSettings } from '../../settings/open.js';
import { type OutputMode, parseDestination } from './request.js';

const HINT = 'Pass --to URL, or start one in another terminal: storewire listen --trust-authority';

/**
 * The running `listen` of the project, for a run without a destination; says on stderr which one it is. Throws (usage) `ERR_TRIGGER_WHERE`
 * if none is running, and the errors of `findJournalFolder`.
 */
export async function findDestination(
  open: OpenSettings,
  deps: Pick<Deps, 'stderr' | 'cwd' | 'userId' | 'isRunning'>,
): Promise<Extract<OutputMode, { kind: 'to' }>> {
  const folder = findJournalFolder(open, deps);
  const found = folder === null ? null : await findListener(folder, deps);
  if (found === null) {
    throw noDestination('no storewire listen is running in this project');
  }
  const { listener } = found;
  if (found.state === 'gone') {
    throw noDestination(`the last storewire listen (process ${listener.processId}) is no longer running`);
  }
  deps.stderr.write(describeFound(listener, deps.stderr));
  return { kind: 'to', destination: parseDestination(listener.url) };
}

function noDestination(why: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_WHERE', `no destination given, and ${why}`, { hint: HINT });
}

/** The URL follows as the target of the run. */
function describeFound({ processId, trustsTrigger }: RunningListener, stderr: OutputStream): string {
  const line = `Sending to the storewire listen of this project (process ${processId}).\n`;
  return trustsTrigger ? line : line + describeWarnings([{ message: UNTRUSTED }], stderr);
}

const UNTRUSTED =
  'it does not trust the test authority and rejects what trigger signs: restart it with --trust-authority';
