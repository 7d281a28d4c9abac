import { escapeText } from '../terminal/escape.js';

/** Text for SVG and HTML, in content and attributes: invisible and control characters are shown as escapes. Escaping twice changes nothing but `&`. */
export function encodeMarkup(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
