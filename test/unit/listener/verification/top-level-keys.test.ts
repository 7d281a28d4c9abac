import { expect, it } from 'vitest';
import { topLevelKeys } from '../../../../src/listener/verification/parse-body.js';

it.each([
  ['no key', '{ }', []],
  ['one key', '{"a":1}', ['a']],
  ['blanks around everything', ' \n{ "a" :\t1 , "b" : null }\r\n', ['a', 'b']],
  ['the same key twice', '{"a":1,"a":2}', ['a', 'a']],
  ['the same key, escaped', '{"a":1,"\\u0061":2}', ['a', 'a']],
  ['escaped quotes and backslashes', '{"a\\"b":1,"c\\\\":2,"d\\\\\\"":3}', ['a"b', 'c\\', 'd\\"']],
  ['the empty key', '{"":1,"x":2}', ['', 'x']],
  ['structure inside strings', '{"a":"},{\\"x\\":[","b":"\\\\"}', ['a', 'b']],
  ['keys further in', '{"a":{"x":{"y":1}},"b":[{"z":1},["s",{"t":2}]],"c":3}', ['a', 'b', 'c']],
  ['strings in a list', '{"a":["x","y"],"b":"z"}', ['a', 'b']],
  ['nothing but other values', '{"a":true,"b":-1.5e3,"c":{},"d":[]}', ['a', 'b', 'c', 'd']],
  ['a name of every object', '{"__proto__":1,"constructor":2}', ['__proto__', 'constructor']],
])('finds %s', (_name, text, keys) => {
  expect(JSON.parse(text)).toBeTypeOf('object');
  expect(topLevelKeys(text)).toEqual(keys);
});
