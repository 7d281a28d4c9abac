import { createHash } from 'node:crypto';
import type { PageAssets } from './page-assets.js';

/** The page as served: one file, with the policy that allows exactly its own script and style. */
export interface PageHtml {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

/** Builds the page. The hashes are computed from the text between the tags, so that no other script or style can run. */
export function buildPageHtml({ script, style }: PageAssets): PageHtml {
  const inlineScript = escapeEnd(script, 'script');
  const inlineStyle = escapeEnd(style, 'style');
  return {
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>storewire</title>
<style>${inlineStyle}</style>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript.</noscript>
<script>${inlineScript}</script>
</body>
</html>
`,
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src '${hashOf(inlineScript)}'`,
      `style-src '${hashOf(inlineStyle)}'`,
      "connect-src 'self'",
      "img-src 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The end tag of its own element would end the text: in a script or style it can only stand in a string, where `<\/` is the same. */
function escapeEnd(text: string, element: 'script' | 'style'): string {
  return text.replace(/\r\n?/g, '\n').replace(new RegExp(`</(?=${element})`, 'gi'), '<\\/');
}
