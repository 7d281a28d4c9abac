import { escapeText } from '../terminal/escape.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and attributes alike; invisible and control characters are shown as escapes. */
export function encodeHtml(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/**
 * A self-contained page: no script, nothing loaded, styles inline only (Content-Security-Policy), light and dark. `body` is HTML already;
 * `title` is text; `style` adds rules. Ends in a newline.
 */
export function toPage(title: string, body: readonly string[], style = ''): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${encodeHtml(title)}</title>`,
    `<style>${STYLE}${style}</style>`,
    '</head>',
    '<body>',
    ...body,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const STYLE = `
:root { color-scheme: light dark; --page: #fff; --text: #1f2328; --line: #d8dee4; --dim: #59636e; --bad: #b42318; --odd: #8a5a00; --good: #1a7f37; --card: #f6f8fa; --bad-soft: #fdeceb; --odd-soft: #fdf3dc; --good-soft: #e4f6e8; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0d1117; --text: #e6edf3; --line: #30363d; --dim: #9198a1; --bad: #ff7b72; --odd: #e3b341; --good: #56d364; --card: #161b22; --bad-soft: #2d1517; --odd-soft: #2b2210; --good-soft: #12261a; }
}
* { box-sizing: border-box; }
body { font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--text); background: var(--page); max-width: 64rem; margin: 2.5rem auto 4rem; padding: 0 1.25rem; }
h1 { font-size: 1.35rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: .95rem; margin: 0 0 .4rem; line-height: 1.7; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.place { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: baseline; }
.verdict { border: 1px solid var(--line); border-left: 6px solid var(--dim); border-radius: 8px; padding: 1rem 1.2rem; margin: 1.1rem 0; }
.verdict > strong { display: block; font-size: 1.3rem; line-height: 1.35; letter-spacing: -.01em; text-wrap: balance; }
.verdict .lead { font-size: 1.05rem; font-weight: 600; }
.verdict .limit { color: var(--dim); font-size: .93rem; }
.verdict.bad { border-left-color: var(--bad); background: var(--bad-soft); }
.verdict.odd { border-left-color: var(--odd); background: var(--odd-soft); }
.verdict.good { border-left-color: var(--good); background: var(--good-soft); }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: 0; list-style: none; }
.counts li, .pill { border-radius: 1rem; padding: .1rem .7rem; white-space: nowrap; background: var(--card); }
.pill { font-size: .85rem; padding: .05rem .6rem; }
.counts .bad, .pill.bad { background: var(--bad-soft); }
.counts .odd, .pill.odd { background: var(--odd-soft); }
.counts .good, .pill.good { background: var(--good-soft); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: baseline; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 500; font-size: .88rem; white-space: nowrap; }
td:last-child, th:last-child { width: 99%; padding-right: 0; overflow-wrap: anywhere; }
td:not(:last-child) { white-space: nowrap; }
td.wide { white-space: normal; min-width: 11rem; }
.bad { color: var(--bad); } .odd { color: var(--odd); } .good { color: var(--good); } .dim { color: var(--dim); }
.verdict.bad, .verdict.odd, .verdict.good { color: inherit; }
.card { border: 1px solid var(--line); border-radius: 8px; background: var(--card); padding: .9rem 1.1rem; margin: .8rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.1rem; margin: 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
details { margin: 2rem 0; }
summary { cursor: pointer; font-weight: 600; }
@media (max-width: 46rem) {
  body { margin-top: 1.25rem; }
  tr:first-child:has(th) { display: none; }
  tr { display: flex; flex-wrap: wrap; gap: .1rem .8rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td, td:not(:last-child) { border: 0; padding: 0; white-space: normal; min-width: 0; }
  td:last-child { width: 100%; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; }
}
@media print { details > * { display: block; } .card { break-inside: avoid; } }
`;
