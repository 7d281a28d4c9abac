const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/** Cells that escaped text takes on a terminal. No paint in it: colour is put on after measuring. */
export function widthOf(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** `text` and as many blanks as bring it to `width` cells; longer text stays as it is. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The start of `text` in at most `width` cells, `…` behind where something is missing. */
export function keepStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const [start = ''] = cutWord(text, Math.max(1, width - 1));
  return `${start.trimEnd()}…`;
}

/** The end of `text` in at most `width` cells, `…` in front where something is missing: for paths and sources. */
export function keepEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const kept = [...text];
  while (kept.length > 0 && widthOf(kept.join('')) > width - 1) kept.shift();
  return `…${kept.join('')}`;
}

/**
 * Text in lines of at most `width` cells, broken at blanks, and inside a word only where it is wider than a line by itself.
 * At least one line. An infinite width breaks nothing.
 */
export function wrapText(text: string, width: number): readonly string[] {
  return wrap(text, width, (word) => cutWord(word, width));
}

/** {@link wrapText} that breaks at blanks only: a word wider than a line has a longer line to itself. */
export function wrapWords(text: string, width: number): readonly string[] {
  return wrap(text, width, (word) => [word]);
}

function wrap(text: string, width: number, cut: (word: string) => readonly string[]): readonly string[] {
  if (widthOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap(cut)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || widthOf(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function cutWord(word: string, width: number): readonly string[] {
  if (widthOf(word) <= width) return [word];
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (part !== '' && widthOf(part + character) > width) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

/**
 * 0 for combining marks, 2 for what terminals draw over two cells: East Asian wide and full-width blocks, and emoji. The patterns stand
 * here and not at the top of the file: making them takes as long as showing a payload, and most text is plain ASCII.
 */
function cellsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  const isWide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
  return isWide.test(character) ? 2 : 1;
}
