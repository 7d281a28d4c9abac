/** Whether an argument that no file is called by is a payload, and not a file that is missing. Whether it is a good one is not asked. */
export function looksLikePayload(argument: string): boolean {
  const text = withoutWrapping(argument);
  if (BEGINS_A_PAYLOAD.test(text) || text.includes('\n') || hasToken(text)) return true;
  if (/^[{[]/.test(text)) return !FILE_NAME.test(text);
  return isPayloadWord(text);
}

/** Key material is told by name once it is looked at. */
const BEGINS_A_PAYLOAD = /^(?:eyJ|-----BEGIN|(?:authorization:\s*)?bearer\s)/i;
const FILE_NAME = /\.(?:[a-z]{1,5}|7z|bz2|mp[34]|p8|p12)$/i;
const DATA_FILE =
  /\.(?:json|jsonl|ndjson|jws|jwt|txt|log|gz|zip|pem|der|cer|crt|csv|md|ya?ml|html?|p8|[cm]?[jt]s|out|data|tmp|bak)$/i;
const PATH_START = /^(?:\.{0,2}[\\/]|~|[a-z]:[\\/])/i;

function withoutWrapping(argument: string): string {
  return argument.trim().replace(/^(?:\\*["'`])+/, '');
}

/** A token anywhere in it, long enough to be no accident; `eyJ` may also be part of a name. */
function hasToken(text: string): boolean {
  return /(?:^|[^\w.-]|%[0-9a-f]{2})eyJ[\w-]{10}/i.test(text) || /^%7B|"signedPayload"|signedPayload[=:]/i.test(text);
}

/** One word that no path looks like: three parts joined by dots, or a long stretch of base64, as the receipts before JWS were. */
function isPayloadWord(text: string): boolean {
  if (PATH_START.test(text) || DATA_FILE.test(text)) return false;
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) || isBase64(text);
}

const SHORTEST_BASE64 = 40;
/** Folder names make base64 too; that many characters of them without a mark that only base64 has, they rarely make. */
const SHORTEST_WITH_SLASH = 120;

function isBase64(text: string): boolean {
  if (text.length < SHORTEST_BASE64 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  const isMarked = /[+=]/.test(text) || !text.includes('/') || text.length >= SHORTEST_WITH_SLASH;
  return isMixed && isMarked;
}
