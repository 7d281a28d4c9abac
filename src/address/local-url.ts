/** `:3000/apple`, `3000/apple`, `3000`, `localhost:3000/apple`, `127.0.0.1/apple`, `[::1]:3000`. */
const SHORTHAND =
  /^(?:(?<host>localhost|127\.0\.0\.1|\[::1\])(?::(?<hostPort>\d{1,5}))?|:?(?<port>\d{1,5}))(?<rest>[/?]\S*)?$/i;

/**
 * Completes the shorthand of an address on this machine to a URL: `:3000/apple`, `3000/apple` and `localhost:3000/apple` are
 * `http://localhost:3000/apple`. Returns any other text unchanged.
 */
export function completeLocalUrl(text: string): string {
  const groups = SHORTHAND.exec(text)?.groups;
  if (groups === undefined) return text;
  const { host = 'localhost', hostPort, port = hostPort, rest = '' } = groups;
  return `http://${host.toLowerCase()}${port === undefined ? '' : `:${port}`}${rest}`;
}

/** True for text that was meant as an address: a URL, or the shorthand of a local one. */
export function isAddress(text: string): boolean {
  return /^https?:/i.test(text) || SHORTHAND.test(text);
}
