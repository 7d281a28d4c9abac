/** A fragment as a title: its first letter in upper case, unless it begins with a name such as `iPhone`. */
export function capitalise(text: string): string {
  return /^[a-z]+\b/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** A fragment as a sentence that ends in a full stop. */
export function toSentence(text: string): string {
  return text.endsWith('.') ? capitalise(text) : `${capitalise(text)}.`;
}
