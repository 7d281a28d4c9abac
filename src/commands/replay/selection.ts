import { ToolError } from '../../errors.js';
import { isEntryId } from '../../journal/query.js';

/** What is asked to be sent, as the command line says it. */
export interface SelectionFlags {
  readonly all: boolean;
  readonly failed: boolean;
  readonly fromHistory: boolean;
  readonly onlyFailures: boolean;
  readonly environment?: string;
  readonly resume: boolean;
  /** Whether what is sent is narrowed down by type or time. */
  readonly isFiltered: boolean;
}

export type ReplaySelection =
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  /** Files, `-` or payloads; none for standard input. */
  | { readonly kind: 'inputs'; readonly inputs: readonly string[]; readonly resume: boolean }
  /** From the journal: everything, or only what some target has not accepted. */
  | { readonly kind: 'selection'; readonly failed: boolean }
  /** `again`: also what a target has accepted. */
  | { readonly kind: 'history'; readonly again: boolean; readonly resume: boolean }
  | { readonly kind: 'resume' };

/** What looks like the start of an id and is too short for one. */
const SHORT = /^[0-9a-f]{1,3}$/;

/**
 * Sorts out what is asked for; `isPiped` says that standard input is no terminal. Throws usage errors `ERR_USAGE_REPLAY_WHAT` where that is
 * not said or said twice, `ERR_USAGE_REPLAY_ID` for an id that is too short.
 */
export function parseSelection(args: readonly string[], flags: SelectionFlags, isPiped: boolean): ReplaySelection {
  const { all, failed, fromHistory, resume, isFiltered } = flags;
  checkHistoryFlags(flags);
  if (all && failed) throw unclear('--all and --failed do not go together', '--failed sends what is still owed.');
  if (fromHistory) return parseHistorySelection(args, flags);
  if (args.length > 0) return parseArguments(args, flags);
  if (resume && (all || failed || isFiltered)) {
    const hint = 'What was to be sent was written down: storewire replay --resume';
    throw unclear('--resume goes on with an earlier run, so nothing can be chosen', hint);
  }
  if (resume) return { kind: 'resume' };
  if (all || failed || isFiltered) return { kind: 'selection', failed };
  if (isPiped) return { kind: 'inputs', inputs: [], resume: false };
  throw unclear('it is not said what to send', `Give an id, last, --failed, --all, or a file. ${LIST}`);
}

const LIST = 'storewire journal list shows what there is.';

function parseHistorySelection(args: readonly string[], { all, failed, resume }: SelectionFlags): ReplaySelection {
  if (args.length > 0) throw unclear('--from-history takes no ids or files', 'Leave them out.');
  if (failed) throw unclear('--failed is about the journal', 'Of the history: --from-history --only-failures');
  return { kind: 'history', again: all, resume };
}

function parseArguments(args: readonly string[], { all, failed, resume, isFiltered }: SelectionFlags): ReplaySelection {
  if (all || failed) {
    throw unclear(`${all ? '--all' : '--failed'} is about the whole journal`, 'Leave it out, or the ids and files.');
  }
  const short = args.find((arg) => SHORT.test(arg));
  if (short !== undefined) throw tooShort(short);
  const ids = args.filter((arg) => isEntryId(arg.toLowerCase()));
  if (ids.length === 0) return { kind: 'inputs', inputs: args, resume };
  if (ids.length < args.length) {
    throw unclear('ids and files do not go together', `Run it twice. ${ids[0]} is taken as an id; a file: ./${ids[0]}`);
  }
  if (resume) throw unclear('--resume goes on with an earlier run, so no ids can be given', 'Leave them out.');
  if (isFiltered) throw unclear('--events and --since choose, and ids do so too', 'Leave out one or the other.');
  return { kind: 'ids', ids: ids.map((id) => id.toLowerCase()) };
}

function checkHistoryFlags({ fromHistory, onlyFailures, environment }: SelectionFlags): void {
  if (fromHistory) return;
  const flag = onlyFailures ? '--only-failures' : environment === undefined ? null : '--environment';
  if (flag !== null) throw unclear(`${flag} is about Apple's history`, 'Add --from-history, or leave it out.');
}

function unclear(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_REPLAY_WHAT', message, { hint });
}

function tooShort(id: string): ToolError {
  const message = `${id} is too short for an id: it takes at least 4 characters`;
  return new ToolError('usage', 'ERR_USAGE_REPLAY_ID', message, { hint: LIST });
}
