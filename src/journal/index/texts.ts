/** The distinct texts of a file, by number. A journal has few types, bundle ids, products and targets. */
export interface TextTable {
  /** Number of a text, which is added if it is new: {@link NO_TEXT} for none, {@link OTHER_TEXT} where the table is full. */
  add(text: string | null | undefined): number;
  /** Null for {@link NO_TEXT}; undefined for {@link OTHER_TEXT}, where only the record has the text. */
  textOf(number: number): string | null | undefined;
  /** In the order of their numbers, from 1. */
  all(): readonly string[];
}

export const NO_TEXT = 0;

export const OTHER_TEXT = 0xffff;

/** Any client can send distinct texts: they must not fill the memory. */
const MAX_TEXTS = 4096;

const MAX_CHARACTERS = 256;

export function createTextTable(texts: readonly string[] = []): TextTable {
  const list = [...texts];
  const numbers = new Map(list.map((text, at) => [text, at + 1]));
  return {
    add(text) {
      if (text === null || text === undefined) return NO_TEXT;
      const known = numbers.get(text);
      if (known !== undefined) return known;
      if (list.length >= MAX_TEXTS || text.length > MAX_CHARACTERS) return OTHER_TEXT;
      numbers.set(text, list.push(text));
      return list.length;
    },
    textOf: (number) => (number === NO_TEXT ? null : list[number - 1]),
    all: () => list,
  };
}
