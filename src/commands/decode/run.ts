import { EXIT, type Exit } from '../../cli/exit.js';
import {
  jobViewOf,
  outputOf,
  type PayloadDeps,
  type PayloadFlags,
  runPayloads,
  unreadableError,
} from '../../pipeline/payloads.js';

export interface DecodeOptions extends PayloadFlags {
  readonly inputs: readonly string[];
}

export async function runDecode(options: DecodeOptions, deps: PayloadDeps): Promise<Exit> {
  const job = {
    verify: null,
    ocspTimeoutMs: null,
    raw: options.raw,
    output: outputOf(options),
    view: jobViewOf(deps),
  };
  const result = await runPayloads(options.inputs, job, [], options, deps);
  const error = unreadableError(result, options);
  if (error !== null) throw error;
  return result.bugs.count > 0 ? EXIT.bug : EXIT.ok;
}
