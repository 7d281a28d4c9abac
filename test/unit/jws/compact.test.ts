import { describe, expect, it } from 'vitest';
import { parseBase64Url, splitJws } from '../../../src/jws/compact.js';

describe('splitJws', () => {
  it('cuts at the dots', () => {
    expect(splitJws('a.b.c')).toEqual({ jws: { header: 'a', payload: 'b', signature: 'c' } });
    expect(splitJws('a.b.')).toEqual({ jws: { header: 'a', payload: 'b', signature: '' } });
  });

  it.each([
    ['', 'it is empty: a JWS is three parts joined by dots'],
    ['null', 'it is null: a JWS is three parts joined by dots'],
    ['5', 'it is a number: a JWS is three parts joined by dots'],
    ['{"a":1}', 'it is an object: a JWS is three parts joined by dots'],
    ['hello', 'it has no dots: a JWS is three parts joined by dots'],
    ['eyJhbGci', 'it ends inside the header, after 8 characters: 1 of 3 parts'],
    ['eyJh.eyJi', 'it ends inside the payload, after 9 characters: 2 of 3 parts'],
    ['a.b.c.d', 'it has 4 parts joined by dots, a JWS has 3'],
    ['.b.c', 'its header is empty'],
    ['a..c', 'its payload is empty'],
  ])('describes the defect of %j', (text, defect) => {
    expect(splitJws(text)).toEqual({ defect });
  });
});

describe('parseBase64Url', () => {
  it.each([
    ['', ''],
    ['YQ', 'a'],
    ['YWI', 'ab'],
    ['YWJj', 'abc'],
    ['_-8', '\u00ff\u00ef'],
  ])('reads %j', (text, bytes) => {
    expect((parseBase64Url(text) as Buffer).toString('latin1')).toBe(bytes);
  });

  it.each([
    ['YWJj=', 'character 5 is not base64url (=)'],
    ['YW+j', 'character 3 is not base64url (+)'],
    ['YW/j', 'character 3 is not base64url (/)'],
    ['YW j', 'character 3 is not base64url (U+0020)'],
    ['YW\u202ej', 'character 3 is not base64url (U+202E)'],
    ['YWJjY', 'it is truncated: its length is not a base64url length'],
    ['YR', 'it is truncated or not canonical base64url: unused bits are set'],
    ['YWJ', 'it is truncated or not canonical base64url: unused bits are set'],
  ])('refuses %j', (text, defect) => {
    expect(parseBase64Url(text)).toBe(defect);
  });
});
