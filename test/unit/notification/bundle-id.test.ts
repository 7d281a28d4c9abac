import { describe, expect, it } from 'vitest';
import { explainDifference, teamPrefixOf } from '../../../src/notification/bundle-id.js';

describe('teamPrefixOf', () => {
  it.each([
    ['ABCDE12345.com.example.app', { teamId: 'ABCDE12345', bundleId: 'com.example.app' }],
    ['com.example.app', null],
    ['ABCDE1234.com.example.app', null],
    ['ABCDE123456.com.example.app', null],
    ['abcde12345.com.example.app', null],
    ['ABCDE12345.app', null],
    ['ABCDE12345', null],
  ])('%s', (text, parts) => expect(teamPrefixOf(text)).toEqual(parts));
});

describe('explainDifference', () => {
  it.each([
    ['com.example.App', 'com.example.app', /letter case only/],
    ['ABCDE12345.com.example.app', 'com.example.app', /the expected one begins with .* team id, ABCDE12345/],
    ['com.example.app', 'ABCDE12345.com.example.app', /this one begins with .* team id, ABCDE12345/],
    ['com.example.app', 'com.example.other', null],
    ['ABCDE12345.com.example.app', 'com.example.other', null],
  ])('of %s and %s', (expected, found, words) => {
    if (words === null) expect(explainDifference(expected, found)).toBeNull();
    else expect(explainDifference(expected, found)).toMatch(words);
  });
});
