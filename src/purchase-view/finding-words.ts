import type { PurchaseFinding } from '../purchase/purchase.js';
import { escapeText } from '../terminal/escape.js';
import { letterOf } from './states.js';

const MOST_LETTERS = 8;

/** The message of a finding, escaped, with the letters of its events. */
export function messageOf({ message, events }: PurchaseFinding): string {
  const text = escapeText(message.charAt(0).toUpperCase() + message.slice(1));
  const letters = events.map(letterOf);
  if (letters.length === 0) return text;
  const shown = letters.length > MOST_LETTERS ? [...letters.slice(0, MOST_LETTERS), '…'] : letters;
  return `${text} (${shown.join(', ')})`;
}
