import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';

/** How far one request came before it ended. */
export type Stage = 'connecting' | 'handshake' | 'waiting' | 'answering';

/** One HTTP answer. `headers` has lower-case names; `body` is its first 64 KiB. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** One request without a complete answer. */
export interface Failure {
  readonly stage: Stage;
  readonly error: Error;
  /** The first bytes that came back, decrypted; empty where none did. */
  readonly firstBytes: Uint8Array;
  /** Status of the answer that broke off; null where none was read. */
  readonly httpStatus: number | null;
}

/** What an answer or a failure amounts to. `detail` says what happened in words and may quote the peer: escape it on display. */
export interface Judgement {
  readonly result: SendAttemptResult;
  readonly detail: string;
}

const LONGEST_QUOTE = 120;

/** Text of the peer as it goes into a detail: in JSON quotes, its length bounded. */
export function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}
