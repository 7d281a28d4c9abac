/** Text of one look on one line. */
interface Run {
  readonly text: string;
  readonly column: number;
  readonly classes: string;
}

const CELL = { width: 8.4, height: 19 };
const FONT_SIZE = 14;
const MARGIN = 18;
const BAR_HEIGHT = 34;

/** The SGR codes that the tool uses, by the class of the picture. */
const STARTS: Readonly<Record<string, string>> = { 1: 'b', 2: 'd', 31: 'r', 32: 'g', 33: 'y', 35: 'p', 36: 'c' };
const ENDS: Readonly<Record<string, readonly string[]>> = {
  22: ['b', 'd'],
  39: ['r', 'g', 'y', 'p', 'c'],
  0: ['b', 'd', 'r', 'g', 'y', 'p', 'c'],
};

const STYLE = `
  text { font: ${FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #24292f; white-space: pre }
  .window { fill: #ffffff; stroke: #d0d7de } .bar { fill: #f6f8fa } .dot { fill: #d0d7de } .title { fill: #57606a }
  .b { font-weight: 700 } .d { fill: #6e7781 } .r { fill: #cf222e } .g { fill: #1a7f37 } .y { fill: #9a6700 } .c { fill: #1b7c83 } .p { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .window { fill: #0d1117; stroke: #30363d } .bar { fill: #161b22 } .dot { fill: #30363d } .title { fill: #8b949e }
    .d { fill: #8b949e } .r { fill: #ff7b72 } .g { fill: #3fb950 } .y { fill: #d29922 } .c { fill: #39c5cf } .p { fill: #d2a8ff }
  }`;

/** A terminal window with these lines, in which escape sequences may set looks. The text stays text. */
export function drawTerminal(title: string, lines: readonly string[], columns: number): string {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = Math.ceil(BAR_HEIGHT + lines.length * CELL.height + 2 * MARGIN);
  const body = lines.flatMap((line, index) => {
    const y = BAR_HEIGHT + MARGIN + (index + 0.75) * CELL.height;
    return splitRuns(line).map((run) => drawRun(run, y));
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="9"/>`,
    `<path class="bar" d="M1 ${BAR_HEIGHT}V9.5a8.5 8.5 0 0 1 8.5-8.5H${width - 9.5}a8.5 8.5 0 0 1 8.5 8.5V${BAR_HEIGHT}Z"/>`,
    ...[0, 1, 2].map((dot) => `<circle class="dot" cx="${20 + dot * 18}" cy="${BAR_HEIGHT / 2}" r="5.5"/>`),
    ...body,
    '</svg>',
  ].join('\n')}\n`;
}

/** Each run has its place and width: whatever font a browser finds, the columns stay in line. */
function drawRun({ text, column, classes }: Run, y: number): string {
  const x = round(MARGIN + column * CELL.width);
  const look = classes === '' ? '' : ` class="${classes}"`;
  return `<text x="${x}" y="${round(y)}"${look} textLength="${round([...text].length * CELL.width)}" lengthAdjust="spacingAndGlyphs">${escapeXml(text)}</text>`;
}

/** The text of a line by look; blanks at the ends of a run are left out. */
function splitRuns(line: string): readonly Run[] {
  const runs: Run[] = [];
  const active = new Set<string>();
  let column = 0;
  for (const [, code, text] of line.matchAll(/\u001b\[(\d*)m|([^\u001b]+)/g)) {
    if (text === undefined) {
      const start = STARTS[code ?? ''];
      if (start !== undefined) active.add(start);
      for (const end of ENDS[code || '0'] ?? []) active.delete(end);
      continue;
    }
    // Wide gaps divide a run: a font of another width must not shift what is behind them.
    for (const part of text.matchAll(/\S+(?: \S+)*/g)) {
      const before = [...text.slice(0, part.index)].length;
      runs.push({ text: part[0], column: column + before, classes: [...active].join(' ') });
    }
    column += [...text].length;
  }
  return runs;
}

/** Marks what a user types; `p` is the prompt. */
export function promptLine(command: string): string {
  return `$ \u001b[1m${command}\u001b[22m`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
