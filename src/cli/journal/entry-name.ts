/** Names the entry that came last. */
export const LAST = 'last';

/** Fewer characters name too much; more there are not. */
const ID = /^[0-9a-f]{4,16}$/;

/** Whether a word is the id of an entry, enough of its first characters, or `last`. Lower case. */
export function isEntryName(word: string): boolean {
  return word === LAST || ID.test(word);
}
