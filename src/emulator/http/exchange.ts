import type { IncomingHttpHeaders } from 'node:http';

/** A request, read whole. Nothing in it is to be trusted. */
export interface Incoming {
  readonly method: string;
  /** Path and query; the host in it is a placeholder. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** What is answered, and what the log is told beyond it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Apple's code of an error. */
  readonly errorCode?: number | string;
  /** Why, where the answer itself does not say it. */
  readonly cause?: string;
}

/** An answer in JSON. */
export function jsonAnswer(status: number, value: unknown, extra: Omit<Answer, 'status' | 'body'> = {}): Answer {
  const headers = { 'content-type': 'application/json', ...extra.headers };
  return { ...extra, status, headers, body: JSON.stringify(value) };
}

export function textAnswer(status: number, body: string, extra: Omit<Answer, 'status' | 'body'> = {}): Answer {
  return { ...extra, status, headers: { 'content-type': 'text/plain; charset=utf-8', ...extra.headers }, body };
}

/** The token of `Authorization: Bearer …`; null where there is none. */
export function bearerToken({ headers }: Incoming): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}
