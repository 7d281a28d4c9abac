import type { ForwardedNotification } from '../forwarding/target.js';
import { stringifyJson } from '../jws/json.js';
import type { ReceivedRequest } from './http/responses.js';
import type { VerifiedBody } from './verification/result.js';

/** One request with its verification result. */
export interface IncomingNotification {
  readonly id: string;
  readonly incoming: ReceivedRequest;
  readonly result: VerifiedBody;
}

/** The notification to forward, from memory. */
export function toForwarded({ id, incoming, result }: IncomingNotification, variant?: string): ForwardedNotification {
  return {
    id,
    body: result.body,
    contentType: incoming.contentType,
    uuid: result.facts?.uuid ?? null,
    ...(variant === undefined ? {} : { variant }),
    type: result.facts?.type ?? 'unknown',
    verdict: result.verdict?.verdict ?? 'invalid',
    ...(incoming.via.length === 0 ? {} : { via: incoming.via }),
    documentJson: () => `${stringifyJson(result.document)}\n`,
  };
}
