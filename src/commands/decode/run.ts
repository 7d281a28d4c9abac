import { EXIT, type Exit } from '../../cli/exit.js';
import { BUNDLE_ID_FLAG } from '../../cli/filter-flags.js';
import type { Flag } from '../../cli/flags.js';
import {
  jobFilter,
  jobViewOf,
  outputOf,
  PAYLOAD_FLAGS,
  type PayloadDeps,
  type PayloadFlags,
  runPayloads,
  unreadableError,
} from '../../pipeline/payloads.js';

export interface DecodeOptions extends PayloadFlags {
  readonly inputs: readonly string[];
  readonly bundleId?: string;
}

export const DECODE_FLAGS: readonly Flag[] = [...PAYLOAD_FLAGS, BUNDLE_ID_FLAG];

export async function runDecode(options: DecodeOptions, deps: PayloadDeps): Promise<Exit> {
  const job = {
    verify: null,
    ocspTimeoutMs: null,
    raw: options.raw,
    ...jobFilter(options),
    output: outputOf(options),
    view: jobViewOf(deps),
  };
  const result = await runPayloads(options.inputs, job, [], options, deps);
  const error = unreadableError(result, options);
  if (error !== null) throw error;
  return result.bugs.count > 0 ? EXIT.bug : EXIT.ok;
}
