/**
 * True where `new URL(text, base)` does not throw. For `URL.canParse`, which in Node 20 and 22 refuses a host with a Latin-1 letter, such as
 * `bücher.example`, once V8 has optimised its caller.
 */
export function isValidUrl(text: string, base?: string | URL): boolean {
  try {
    return new URL(text, base).href !== '';
  } catch {
    return false;
  }
}
