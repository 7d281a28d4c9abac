/** Shorter text cannot hold a body. */
const MIN_CHARACTERS = 80;

/** First characters of base64 of `{"`, `{ `, `{` and a line end, `[{` and their like. */
const BASE64_OF_JSON = /^\s*(?:ey|ew|W3|W1|IH|Cn|DQ)/;

const BASE64 = /^[A-Za-z0-9+/_\s-]+={0,2}\s*$/;

/** The JSON text with a `signedPayload` that base64 holds (API Gateway, Pub/Sub, Kafka consoles); null for other text. */
export function decodeBase64Body(text: string): string | null {
  if (text.length < MIN_CHARACTERS || !BASE64_OF_JSON.test(text) || !BASE64.test(text)) return null;
  const decoded = Buffer.from(text, 'base64');
  return decoded.includes('signedPayload') ? decoded.toString('utf8') : null;
}
