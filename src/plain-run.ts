import type { Deps } from './cli/deps.js';
import type { Exit } from './cli/exit.js';
import { type Flag, readPlainly } from './cli/flags.js';
import { applyGlobalFlags, type MutableDeps, NO_GLOBAL_FLAGS } from './cli/global-flags.js';
import { DECODE_FLAGS, type DecodeOptions, runDecode } from './commands/decode/run.js';
import type { VerifyCommandOptions } from './commands/verify/run.js';

interface PlainCommand {
  readonly flags: readonly Flag[];
  readonly run: (options: never, deps: Deps) => Promise<Exit>;
}

/** Commands of one payload, whose start is most of their time. Their flags are the ones that commander is given. */
const PLAIN_COMMANDS: Readonly<Record<string, () => Promise<PlainCommand>>> = {
  decode: async () => ({ flags: DECODE_FLAGS, run: (options: DecodeOptions, deps) => runDecode(options, deps) }),
  verify: async () => {
    const [{ VERIFY_FLAGS: flags }, { runVerify }] = await Promise.all([
      import('./commands/verify/flags.js'),
      import('./commands/verify/run.js'),
    ]);
    return { flags, run: (options: VerifyCommandOptions, deps) => runVerify(options, deps) };
  },
};

/**
 * The run of a command line that needs no parser: `decode` or `verify` with operands and its own flags, each written in full. Null for
 * every other line, and for one in which anything is wrong.
 */
export async function planPlainRun([name = '', ...words]: readonly string[]): Promise<
  ((given: Deps) => Promise<Exit>) | null
> {
  if (!Object.hasOwn(PLAIN_COMMANDS, name)) return null;
  const { flags, run } = await PLAIN_COMMANDS[name]!();
  const line = readPlainly(words, flags);
  if (line === null) return null;
  const options = { inputs: line.operands, ...line.values };
  return async (given) => {
    const deps: MutableDeps = { ...given };
    await applyGlobalFlags(NO_GLOBAL_FLAGS, deps);
    return run(options as never, deps);
  };
}
