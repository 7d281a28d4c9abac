import type { JsonObject } from '../jws/json.js';
import type { Kind } from '../notification/document.js';

/** A recognised format that is no token of the App Store. The texts are this tool's own; `facts` quote the input and need escaping. */
export interface DetectedFormat {
  readonly id: FormatId;
  /** A noun phrase: `an app receipt (PKCS#7)`. */
  readonly title: string;
  /** One sentence: its purpose, and why it is no App Store payload. */
  readonly explanation: string;
  /** The next step. */
  readonly hint: string;
  /** Readable details of the input, in order. Never a secret. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** Only with id `decoded-payload`. */
  readonly decoded?: { readonly kind: Kind; readonly payload: JsonObject };
}

export type FormatId =
  | 'app-receipt'
  | 'ios6-receipt'
  | 'verify-receipt-request'
  | 'verify-receipt-response'
  | 'decoded-payload'
  | 'payload-part'
  | 'header-part'
  | 'sign-in-with-apple-notification'
  | 'sign-in-with-apple-token'
  | 'sign-in-with-apple-client-secret'
  | 'server-api-token'
  | 'connect-api-token'
  | 'offer-token'
  | 'offer-signature'
  | 'developer-token'
  | 'foreign-token'
  | 'api-error'
  | 'renamed-field'
  | 'connect-webhook'
  | 'google-notification'
  | 'revenuecat-event'
  | 'other-webhook'
  | 'double-encoded'
  | 'external-purchase-token'
  | 'test-notification-token'
  | 'transaction-id'
  | 'storekit-configuration'
  | 'empty-response'
  | 'masked-token'
  | 'shortened-token'
  | 'altered-token'
  | 'wrapped-token'
  | 'encrypted-token'
  | 'paseto'
  | 'attestation'
  | 'bytes'
  | 'base64-json'
  | 'object-as-text'
  | 'empty-value'
  | 'base64-body'
  | 'hex'
  | 'gzip'
  | 'certificate'
  | 'html'
  | 'xml';

/** A {@link DetectedFormat} without what most have not. */
export function detected(
  id: FormatId,
  title: string,
  explanation: string,
  hint: string,
  facts: readonly (readonly [label: string, value: string | null])[] = [],
): DetectedFormat {
  const known = facts.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
  return { id, title, explanation, hint, facts: known };
}

/** ISO 8601 in UTC to the second; the number itself where no date can hold it. `seconds` is a JWT's NumericDate. */
export function momentOfSeconds(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z');
}

/** A finding inside something else: JSON with a receipt in a field, a log line with an event. */
export function within(found: DetectedFormat, container: 'JSON' | 'text', field: string | null): DetectedFormat {
  const facts = field === null ? found.facts : [{ label: 'field', value: field }, ...found.facts];
  return { ...found, title: `${container} with ${found.title} in it`, facts };
}
