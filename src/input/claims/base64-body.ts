/** Shorter text cannot hold a body. */
const MIN_CHARACTERS = 80;

const BASE64 = /^[A-Za-z0-9+/_\s-]+={0,2}\s*$/;

/** A body, or a token as all of it, plain or once more in base64. A payload part alone, which holds tokens, is none. */
const MARK =
  /signedPayload|^\s*"?(?:eyJ(?:hbGciOi|4NWMi|raWQi|0eXAi)|ZXlK)|c2lnbmVkUGF5bG9hZ|NpZ25lZFBheWxvYW|zaWduZWRQYXlsb2Fk/;

/** The text with a body or a token that base64 holds (API Gateway, Pub/Sub, Kafka consoles); null for other text. */
export function decodeBase64Body(text: string): string | null {
  if (text.length < MIN_CHARACTERS || !BASE64.test(text)) return null;
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  return MARK.test(decoded) ? Buffer.from(decoded, 'latin1').toString('utf8') : null;
}
