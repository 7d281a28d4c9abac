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
 * `title` is text. Ends in a newline.
 */
export function toPage(title: string, body: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${encodeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    ...body,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const STYLE = `
:root { color-scheme: light dark; --line: #d0d7de; --dim: #59636e; --bad: #b42318; --odd: #8a5a00; --good: #1a7f37; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --dim: #9198a1; --bad: #ff7b72; --odd: #e3b341; --good: #56d364; --card: #161b22; }
}
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .4rem 0; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.verdict { border: 1px solid var(--line); border-left: 6px solid var(--dim); border-radius: 6px; background: var(--card); padding: .8rem 1rem; margin: 1rem 0; }
.verdict strong { font-size: 1.15rem; }
.verdict.bad { border-left-color: var(--bad); }
.verdict.odd { border-left-color: var(--odd); }
.verdict.good { border-left-color: var(--good); }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; list-style: none; }
.counts li { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .7rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 500; }
.bad { color: var(--bad); } .odd { color: var(--odd); } .good { color: var(--good); } .dim { color: var(--dim); }
.verdict.bad, .verdict.odd, .verdict.good { color: inherit; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .3rem 0 1rem; }
dt { color: var(--dim); } dd { margin: 0; }
details { margin: 1rem 0; }
summary { cursor: pointer; }
`;
