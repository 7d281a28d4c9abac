import { stringifyJson } from '../jws/json.js';
import type { Parcel } from './forward/target.js';
import type { Arrival } from './take-in.js';

/** What is handed on of a body that has just come in. */
export function parcelOf({ id, incoming, judged }: Arrival): Parcel {
  return {
    id,
    body: judged.body,
    contentType: incoming.contentType,
    uuid: judged.facts?.uuid ?? null,
    type: judged.facts?.type ?? 'unknown',
    verdict: judged.verdict?.verdict ?? 'invalid',
    ...(incoming.via.length === 0 ? {} : { via: incoming.via }),
    documentJson: () => `${stringifyJson(judged.document)}\n`,
  };
}
