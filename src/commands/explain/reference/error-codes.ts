import { EXIT, EXIT_OF_ERROR, type Exit } from '../../../cli/exit.js';
import { API_ERRORS } from '../../../server-api/errors.js';
import { toolCodeOf } from '../../../server-api/refusal.js';
import { CONNECT_API, NETWORK, SERVER_API } from './error-codes/apple.js';
import { COMMAND_LINE, INPUT, OUTPUT } from './error-codes/command-line.js';
import { ENDPOINT, JOURNAL, LISTENER } from './error-codes/local.js';
import type { CodeKind, CodeRow } from './error-codes/row.js';
import { KEYS, SETTINGS } from './error-codes/settings.js';
import { SIMULATION } from './error-codes/simulation.js';

/** One error code of storewire. */
export interface ErrorCode {
  readonly code: string;
  readonly area: string;
  /** Exit codes of a command that ends with it, in ascending order. */
  readonly exits: readonly Exit[];
  /** What failed: one sentence. */
  readonly meaning: string;
  /** The next step: one or two sentences. */
  readonly next: string;
}

/** Each documented error of the Server API has a code of its own. `no` is a result in `test` and `status`, and a failure elsewhere. */
const DOCUMENTED: readonly CodeRow[] = API_ERRORS.map(({ code, name, kind, meaning, next }) => [
  toolCodeOf(name),
  kind === 'no' ? ['no', 'usage'] : kind,
  `Apple reports that ${meaning} (${code}).`,
  next,
]);

const AREAS: readonly (readonly [area: string, rows: readonly CodeRow[]])[] = [
  ['Command line', COMMAND_LINE],
  ['Input', INPUT],
  ['Output and reports', OUTPUT],
  ['Settings', SETTINGS],
  ['Keys and init', KEYS],
  ['Network', NETWORK],
  ['App Store Server API and history', [...SERVER_API, ...DOCUMENTED]],
  ['App Store Connect API and notification URLs', CONNECT_API],
  ['Listener and tunnels', LISTENER],
  ['Journal and replay', JOURNAL],
  ['trigger, emulator and test authority', SIMULATION],
  ['check and audit', ENDPOINT],
];

/** Every error code, by area. A new code is one row in a file of `error-codes/`. */
export const ERROR_CODES: readonly ErrorCode[] = AREAS.flatMap(([area, rows]) =>
  rows.map(([code, kinds, meaning, next]) => ({ code, area, exits: exitsOf([kinds].flat()), meaning, next })),
);

export const ERROR_CODE_AREAS: readonly string[] = AREAS.map(([area]) => area);

function exitsOf(kinds: readonly CodeKind[]): readonly Exit[] {
  const exits = kinds.map((kind) => (kind === 'no' || kind === 'bug' ? EXIT[kind] : EXIT_OF_ERROR[kind]));
  return [...new Set(exits)].sort((a, b) => a - b);
}
