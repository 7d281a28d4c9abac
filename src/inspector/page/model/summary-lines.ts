/** A line of the summary, cut where its columns begin: a label and a value, a heading, or plain text. */
export type SummaryLine =
  | { readonly kind: 'field'; readonly label: string; readonly gap: string; readonly value: string }
  | { readonly kind: 'heading' | 'text'; readonly text: string };

/** Cuts the words of `decode` into lines. No character is added or dropped: the page only paints them. */
export function cutSummary(summary: string): readonly SummaryLine[] {
  return summary
    .replace(/\n+$/, '')
    .split('\n')
    .map((line, index, lines) => {
      const [, label, gap, value] = /^( {2}\S+(?: \S+)*)( {2,})(\S.*)$/.exec(line) ?? [];
      if (label !== undefined && gap !== undefined && value !== undefined) return { kind: 'field', label, gap, value };
      const isHeading =
        index === 0 || (/^\S/.test(line) && lines[index + 1]?.startsWith('  ') && lines[index - 1] === '');
      return { kind: isHeading ? 'heading' : 'text', text: line };
    });
}
