import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';

/** Stage that a request had reached when it ended. */
export type Stage = 'connecting' | 'handshake' | 'waiting' | 'answering';

/** One HTTP response. `headers` has lower-case names; `body` is its first 64 KiB. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** A request without a complete response. */
export interface Failure {
  readonly stage: Stage;
  readonly error: Error;
  /** The first bytes received, decrypted; empty where there were none. */
  readonly firstBytes: Uint8Array;
  /** Status of the incomplete response; null where none was read. */
  readonly httpStatus: number | null;
}

/** Apple's result of a response or a failure. `detail` describes it and may quote the peer: escape it on display. */
export interface Judgement {
  readonly result: SendAttemptResult;
  readonly detail: string;
}

const MAX_QUOTE_LENGTH = 120;

/** Quotes text of the peer for a detail: in JSON quotes, at most 120 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTE_LENGTH ? `${text.slice(0, MAX_QUOTE_LENGTH)}…` : text);
}
