/**
 * {@link encodeURIComponent} for any text: half a surrogate pair, which JSON can hold, becomes U+FFFD instead of a thrown URIError.
 */
export function encodeUriPart(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
