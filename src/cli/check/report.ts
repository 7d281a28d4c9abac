import type { CheckVerdict } from '../../endpoint/step.js';
import type { CheckedStep } from '../../endpoint/verdict.js';
import { describeAddress } from '../../http/describe-address.js';
import { serviceOf } from '../../listener/forward/services.js';

/** What a run found, as every view shows it. URLs are shown ones: see {@link showUrl}. */
export interface CheckReport {
  /** The URL that was looked at, the first of several; null where none was. */
  readonly url: string | null;
  readonly verdict: CheckVerdict;
  readonly steps: readonly CheckedStep[];
}

/**
 * A notification URL as a report may show it, which may lie in public: a service's is a key and shown by its host; of any other
 * neither credentials nor a query, which are keys where they are used at all.
 */
export function showUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (serviceOf(url) !== null) return describeAddress(url);
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** A URL in a text, as far as it is shown: a cut one ends in `…`. */
const WRITTEN_URL = /[a-z][a-z0-9+.-]*:\/\/[^\s…]+/gi;

/** A text of a step as a report may show it: the URLs in it, of the endpoint or named by it, are shown ones. */
export function showUrlsIn(text: string): string {
  return text.replace(WRITTEN_URL, showUrl);
}
