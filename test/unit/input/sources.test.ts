import { describe, expect, it } from 'vitest';
import { looksLikePayload } from '../../../src/input/sources.js';
import { fakeToken } from './tokens.js';

const TOKEN = fakeToken('a');

describe('an argument that is no file', () => {
  it.each([
    TOKEN,
    TOKEN.slice(0, 6),
    `"${TOKEN}"`,
    `\\"${TOKEN}`,
    `Bearer ${TOKEN}`,
    'authorization: bearer x',
    `signedPayload=${TOKEN}`,
    `%22${TOKEN}`,
    '%7B%22signedPayload%22%3A1%7D',
    '{"a":1}',
    ' \n[1]',
    '{}',
    'two\nlines',
    'a.b.c',
    'AAAA.BBBB.',
    `${'Ab0+'.repeat(10)}=`,
    'Ab0_'.repeat(10),
    '-----BEGIN CERTIFICATE-----',
  ])('is a payload: %#', (argument) => expect(looksLikePayload(argument)).toBe(true));

  it.each([
    'payload',
    'payload.jws',
    'my.payload.json',
    'Makefile',
    './a.b.c',
    '../eyes',
    '/tmp/a.b.c',
    '~/a.b.c',
    'C:\\a.b.c',
    '"payload.jws"',
    'two words',
    'some/long/path/Of/Folders123/that/has/forty/characters',
    '[slug].json',
    '{a}.txt',
    'a.b.c.d',
    'a'.repeat(60),
  ])('is a path: %s', (argument) => expect(looksLikePayload(argument)).toBe(false));
});
