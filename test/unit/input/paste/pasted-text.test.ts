import { describe, expect, it } from 'vitest';
import { isWholePaste, PastedText } from '../../../../src/input/paste/pasted-text.js';

const TOKEN = `eyJ${'a'.repeat(40)}.${'b'.repeat(200)}.${'c'.repeat(86)}`;
const WRAPPED = TOKEN.replace(/.{60}/g, '$&\n');

describe('pasted text', () => {
  it.each([
    ['characters outside the BMP as one', ['é', '🙂'], 'é🙂', 2],
    ['line ends', ['a\r\nb\r', '\r\nc'], 'a\nb\n\nc', 3],
    ['CRLF in two parts', ['a\r', '\n'], 'a\n', 1],
    ['a byte order mark', ['\ufeffa'], '\ufeffa', 2],
    ['nothing', [], '', 0],
  ])('joins %s', (_case, parts, text, characters) => {
    const pasted = new PastedText();
    for (const part of parts) pasted.add(part);
    expect([String(pasted), pasted.characters]).toEqual([text, characters]);
  });

  it.each([
    ['a letter', 'ab', 'a', 1],
    ['a character of four bytes', 'a🙂', 'a', 1],
    ['CRLF', 'a\r\n', 'a', 1],
    ['CR', 'a\r', 'a', 1],
    ['the only one', 'é', '', 0],
    ['nothing', '', '', 0],
  ])('takes back %s', (_case, before, text, characters) => {
    const pasted = new PastedText();
    pasted.add(before);
    pasted.erase();
    expect([String(pasted), pasted.characters]).toEqual([text, characters]);
  });

  it('starts again', () => {
    const pasted = new PastedText();
    pasted.add('ab');
    pasted.clear();
    pasted.add('c');
    expect([String(pasted), pasted.characters]).toEqual(['c', 1]);
  });
});

describe('a whole paste', () => {
  it.each([
    ['a token', `${TOKEN}\n`],
    ['a token after Bearer', `Bearer ${TOKEN}\n`],
    ['a quoted token', `"${TOKEN}"\n`],
    ['a token with %2E', `${TOKEN.replaceAll('.', '%2E')}\n`],
    ['a body in percent-encoding', `%7B%22signedPayload%22%3A%22${TOKEN}%22%7D`],
    ['a wrapped token', `${WRAPPED}\n`],
    ['a wrapped and quoted token', `> ${WRAPPED.replaceAll('\n', '\n> ')}\n`],
    ['a token in a log line', `[2025-01-01 10:00] INFO token=${TOKEN} ok\n`],
    ['a token in a later line', `first\n${TOKEN}\n`],
    ['a body', `{"signedPayload":"${TOKEN}"}\n`],
    ['a pretty body after a byte order mark', `\ufeff{\n  "signedPayload": "${TOKEN}"\n}\n\n`],
    ['an array', `[\n  "${TOKEN}",\n  "${TOKEN}"\n]\n`],
    ['a body a line', `{"a":1}\n{"a":2}\n`],
    ['an escaped body', `"{\\"signedPayload\\":\\"${TOKEN}\\"}"\n`],
  ])('is %s', (_case, text) => expect(isWholePaste(text)).toBe(true));

  it.each([
    ['nothing', '\n'],
    ['words', 'hello\n'],
    ['a token cut short by one character', `${TOKEN.slice(0, -1)}\n`],
    ['two parts of a token', `${TOKEN.split('.').slice(0, 2).join('.')}\n`],
    ['the first lines of a wrapped token', `${WRAPPED.split('\n').slice(0, 3).join('\n')}\n`],
    ['an unfinished body with a whole token', `{\n  "signedPayload": "${TOKEN}",\n`],
    ['an unfinished array with a whole object', `[\n  {"signedPayload":"${TOKEN}"}\n`],
    ['an unfinished body that ends in a bracket', `{"a":{}\n{}\n`],
  ])('is not %s', (_case, text) => expect(isWholePaste(text)).toBe(false));
});
