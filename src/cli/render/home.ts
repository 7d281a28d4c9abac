/** A path below the home folder with `~` in its place; every other text as it is. */
export function shortenHome(text: string, home: string | null): string {
  if (home === null || home.length < 2 || !text.startsWith(home)) return text;
  const rest = text.slice(home.length);
  return rest === '' || /^[/\\]/.test(rest) ? `~${rest}` : text;
}
