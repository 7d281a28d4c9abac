import { describe, expect, it } from 'vitest';
import { createKeypressReader, type KeyEvent } from '../../../../src/input/paste/keypress.js';

/** Events of these chunks in short: text as itself with neighbours joined, everything else as `<type>`. */
function read(...chunks: readonly (string | Uint8Array)[]): string {
  const readKeys = createKeypressReader();
  return chunks.flatMap((chunk) => readKeys(Buffer.from(chunk)).map(shorten)).join('');
}

function shorten(event: KeyEvent): string {
  return event.type === 'text' ? event.text : `<${event.type}>`;
}

const eachByte = (text: string): Uint8Array[] => Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte));

describe('keys', () => {
  it.each([
    ['letters', ['eyJ.a-_'], 'eyJ.a-_'],
    ['Enter', ['a\r'], 'a\r<enter>'],
    ['Enter of a terminal that sends LF', ['a\n'], 'a\n<enter>'],
    ['Enter on its own', ['a', '\r'], 'a\r<enter>'],
    ['line ends within a chunk', ['a\rb\r\nc'], 'a\rb\r\nc'],
    ['a tab', ['a\tb'], 'a\tb'],
    ['Ctrl-C', ['\x03'], '<interrupt>'],
    ['Ctrl-C after text', ['ab\x03'], 'ab<interrupt>'],
    ['Ctrl-C twice', ['\x03\x03'], '<interrupt>'],
    ['Ctrl-C amid text', ['a\x03b'], 'ab'],
    ['Ctrl-D', ['a\x04'], 'a<end>'],
    ['Ctrl-D amid text', ['a\x04b\r'], 'ab\r<enter>'],
    ['Ctrl-Z', ['a\x1a'], 'a<suspend>'],
    ['Ctrl-Z amid text', ['a\x1ab'], 'ab'],
    ['Backspace', ['ab\x7fc'], 'ab<erase>c'],
    ['Backspace as Ctrl-H', ['ab\b'], 'ab<erase>'],
    ['Ctrl-U', ['ab\x15c'], 'ab<erase-all>c'],
    ['other control characters', ['a\0\x01\x0b\x0c\x1c\x1fb'], 'ab'],
    ['arrow keys', ['a\x1b[Ab\x1bOBc\x1b[1;5Cd'], 'abcd'],
    ['an arrow key in three chunks', ['\x1b', '[', 'Aa'], 'a'],
    ['an SS3 key in three chunks', ['\x1b', 'O', 'Aa'], 'a'],
    ['function keys', ['\x1b[15~a\x1b[200;2~'], 'a'],
    ['the Escape key, then text', ['\x1b', 'eyJ'], 'eyJ'],
    ['the Escape key, then Ctrl-C', ['\x1b', '\x03'], '<interrupt>'],
    ['the Escape key, then a paste', ['\x1b', '\x1b[200~a'], '<paste-start>a'],
    ['a closing bracket alone', ['a\x1b[201~b'], 'ab'],
    ['nothing', [''], ''],
  ])('reads %s', (_case, chunks, events) => expect(read(...chunks)).toBe(events));

  it.each([
    ['a paste', ['\x1b[200~ab\x1b[201~'], '<paste-start>ab<paste-end>'],
    ['keys around it', ['x\x1b[200~ab\x1b[201~y'], 'x<paste-start>ab<paste-end>y'],
    ['its line ends, without Enter', ['\x1b[200~a\r', 'b\r', '\x1b[201~'], '<paste-start>a\rb\r<paste-end>'],
    ['an empty one', ['\x1b[200~\x1b[201~'], '<paste-start><paste-end>'],
    [
      'control characters in it',
      ['\x1b[200~a\x03\x04\x1a\x7f\x1b[Ab', '\x1b[201~'],
      '<paste-start>a\x03\x04\x1a\x7f\x1b[Ab<paste-end>',
    ],
    ['one at the end of a chunk', ['\x1b[200~ab\x03', '\x1b[201~'], '<paste-start>ab\x03<paste-end>'],
    [
      'what looks like the bracket',
      ['\x1b[200~\x1b[201a\x1b[20', 'x\x1b[201~'],
      '<paste-start>\x1b[201a\x1b[20x<paste-end>',
    ],
    ['Ctrl-C where the closing bracket was lost', ['\x1b[200~ab', '\x03'], '<paste-start>ab<interrupt>'],
    ['Ctrl-Z there, which leaves the paste', ['\x1b[200~ab', '\x1a', '\r'], '<paste-start>ab<suspend>\r<enter>'],
  ])('reads within brackets %s', (_case, chunks, events) => expect(read(...chunks)).toBe(events));

  it('reads the same wherever two chunks meet', () => {
    const bytes = Buffer.from('k\x1b[A\x1b[200~é\r🙂\x1b[201x\x1b[201~l\x1bOAm');
    const whole = read(bytes);
    expect(whole).toBe('k<paste-start>é\r🙂\x1b[201x<paste-end>lm');
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect([cut, read(bytes.subarray(0, cut), bytes.subarray(cut))]).toEqual([cut, whole]);
    }
  });

  it('reads the same byte by byte', () => {
    expect(read(...eachByte('\x1b[200~é 🙂\x1b[20x\x1b[201~z'))).toBe('<paste-start>é 🙂\x1b[20x<paste-end>z');
  });
});
