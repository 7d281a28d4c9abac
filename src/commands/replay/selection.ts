import { ToolError } from '../../errors.js';
import { isEntryId } from '../../journal/query.js';

/** Flags that select notifications. */
export interface SelectionFlags {
  readonly all: boolean;
  readonly failed: boolean;
  readonly fromHistory: boolean;
  readonly onlyFailures: boolean;
  readonly environment?: string;
  readonly resume: boolean;
  /** True with `--events`, `--since` or a filter on ids. */
  readonly isFiltered: boolean;
}

export type ReplaySelection =
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  /** Files, `-` or payloads; none for stdin. */
  | { readonly kind: 'inputs'; readonly inputs: readonly string[]; readonly resume: boolean }
  /** From the journal: everything, or only pending deliveries. */
  | { readonly kind: 'selection'; readonly failed: boolean }
  /** `again` also sends to targets that have accepted the notification. */
  | { readonly kind: 'history'; readonly again: boolean; readonly resume: boolean }
  | { readonly kind: 'resume' };

/** An id prefix that is too short. */
const SHORT_ID = /^[0-9a-f]{1,3}$/;

/**
 * Parses arguments and flags to one selection; `isPiped` means that stdin is no terminal. Throws usage errors `ERR_USAGE_REPLAY_WHAT` for
 * a missing or contradictory selection, `ERR_USAGE_REPLAY_ID` for an id that is too short.
 */
export function parseSelection(args: readonly string[], flags: SelectionFlags, isPiped: boolean): ReplaySelection {
  const { all, failed, fromHistory, resume, isFiltered } = flags;
  checkHistoryFlags(flags);
  if (all && failed)
    throw selectionError(
      '--all and --failed cannot be combined',
      '--failed sends pending deliveries, --all everything.',
    );
  if (fromHistory) return parseHistorySelection(args, flags);
  if (args.length > 0) return parseArguments(args, flags);
  if (resume && (all || failed || isFiltered)) {
    const hint = 'The run has its own selection: storewire replay --resume';
    throw selectionError('--resume cannot be combined with a selection', hint);
  }
  if (resume) return { kind: 'resume' };
  if (all || failed || isFiltered) return { kind: 'selection', failed };
  if (isPiped) return { kind: 'inputs', inputs: [], resume: false };
  throw selectionError(
    'nothing to send: no id, file or selection given',
    `Pass an id, last, --failed, --all, or a file. ${LIST}`,
  );
}

const LIST = 'List the ids: storewire journal list';

function parseHistorySelection(args: readonly string[], { all, failed, resume }: SelectionFlags): ReplaySelection {
  if (args.length > 0) throw selectionError('--from-history cannot be combined with ids or files', 'Leave them out.');
  if (failed)
    throw selectionError(
      '--failed selects from the journal, not from the history',
      'For the history: --from-history --only-failures',
    );
  return { kind: 'history', again: all, resume };
}

function parseArguments(args: readonly string[], { all, failed, resume, isFiltered }: SelectionFlags): ReplaySelection {
  if (all || failed) {
    throw selectionError(
      `${all ? '--all' : '--failed'} cannot be combined with ids or files`,
      'Leave out one of them.',
    );
  }
  const short = args.find((arg) => SHORT_ID.test(arg));
  if (short !== undefined) throw tooShort(short);
  const ids = args.filter((arg) => isEntryId(arg.toLowerCase()));
  if (ids.length === 0) return { kind: 'inputs', inputs: args, resume };
  if (ids.length < args.length) {
    throw selectionError(
      'ids and files cannot be combined',
      `Run it twice. ${ids[0]} is an id; for a file of that name: ./${ids[0]}`,
    );
  }
  if (resume)
    throw selectionError('--resume cannot be combined with ids', 'The run has its own ids: storewire replay --resume');
  if (isFiltered) throw selectionError('filters cannot be combined with ids', 'Leave out one of them.');
  return { kind: 'ids', ids: ids.map((id) => id.toLowerCase()) };
}

function checkHistoryFlags({ fromHistory, onlyFailures, environment }: SelectionFlags): void {
  if (fromHistory) return;
  const flag = onlyFailures ? '--only-failures' : environment === undefined ? null : '--environment';
  if (flag !== null) throw selectionError(`${flag} needs --from-history`, 'Add --from-history, or leave it out.');
}

function selectionError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_REPLAY_WHAT', message, { hint });
}

function tooShort(id: string): ToolError {
  const message = `${id} is too short for an id, which needs at least 4 characters`;
  return new ToolError('usage', 'ERR_USAGE_REPLAY_ID', message, { hint: LIST });
}
