import { isLoopback } from '../../http/dispatcher.js';

/** A URL that a tunnel program printed. `isSure`: take it; otherwise a better one may follow. */
export interface Sighting {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly isSure: boolean;
}

/** Looks for the public URL in one line that a tunnel program printed. */
export type LineReader = (line: string) => Sighting | null;

const URL_IN_TEXT = /https?:\/\/[^\s"'<>|\\^`{}\p{Cc}]+/giu;
const TRAILING = /[).,;:!\]]+$/;

/** Every URL in a line, as far as it can be parsed. */
function urlsIn(line: string): readonly URL[] {
  return (line.match(URL_IN_TEXT) ?? []).flatMap((text) => {
    const trimmed = text.replace(TRAILING, '');
    return URL.canParse(trimmed) ? [new URL(trimmed)] : [];
  });
}

/**
 * Reads the first https URL of one of these domains or below, none of these hosts: a program also prints where its service, its manual
 * and its shop are.
 */
export function readDomain(domains: readonly string[], but: readonly string[] = []): LineReader {
  return (line) => {
    const url = urlsIn(line).find(
      ({ protocol, hostname }) =>
        protocol === 'https:' && domains.some((domain) => hostname.endsWith(`.${domain}`)) && !but.includes(hostname),
    );
    return url === undefined ? null : { origin: url.origin, isSure: true };
  };
}

/** Reads the first https URL in a line that says these words. */
export function readAfter(words: RegExp): LineReader {
  return (line) => {
    const url = words.test(line) ? urlsIn(line).find(({ protocol }) => protocol === 'https:') : undefined;
    return url === undefined ? null : { origin: url.origin, isSure: true };
  };
}

/** The first of several readers that finds one. */
export function readAny(readers: readonly LineReader[]): LineReader {
  return (line) => readers.map((read) => read(line)).find((sighting) => sighting !== null) ?? null;
}

/**
 * Reads whatever a program of the user's prints: an https URL is taken at once, an http one for want of a better. The address it was
 * told to lead to is none, and what is on this machine is for want of a better, whatever its scheme.
 */
export function readAnyUrl(local: { readonly port: number }): LineReader {
  return (line) => {
    const urls = urlsIn(line).filter((url) => !(isLoopback(url.hostname) && url.port === String(local.port)));
    const best = urls.find(isPublicHttps) ?? urls[0];
    return best === undefined ? null : { origin: best.origin, isSure: isPublicHttps(best) };
  };
}

function isPublicHttps({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' && !isLoopback(hostname);
}
