import { ToolError } from '../../errors.js';

/** Input that cannot be sent, with the reason. `message` may quote the payload. */
export interface SkippedInput {
  readonly code: 'ERR_INPUT_NO_JWS' | 'ERR_INPUT_MALFORMED' | 'ERR_INPUT_KIND' | 'ERR_REPLAY_UNVERIFIED';
  readonly source: string;
  readonly message: string;
  readonly hint: string;
}

export type OnSkipped = (skipped: SkippedInput) => void;

/** Counts inputs that cannot be sent, and keeps the first. */
export interface SkippedInputs {
  add(skipped: SkippedInput): void;
  /** Error for the end of the run; null where everything could be sent. */
  error(): ToolError | null;
}

export function createSkippedInputs(): SkippedInputs {
  let count = 0;
  let first: SkippedInput | null = null;
  return {
    add(skipped) {
      count += 1;
      first ??= skipped;
    },
    error() {
      if (first === null) return null;
      const { code, source, message, hint } = first;
      const prefix = count === 1 ? '' : `${count} payloads could not be sent; the first: `;
      return new ToolError('usage', code, `${prefix}${source}: ${message}`, { hint });
    },
  };
}
