import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJws, splitJws } from '../../../src/jws/compact.js';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const object = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string())),
);

describe('any text', () => {
  it('is opened without an exception, and a defect is described where a part is missing', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      object.map(encode),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const text = parts.join('.');
        const opened = openJws(text);
        expect(opened.text).toBe(text);
        const isComplete = opened.header !== null && opened.payload !== null && opened.signature !== null;
        if (isComplete) expect(opened).toMatchObject({ formatDefect: null, payloadDefect: null });
        else expect(opened.formatDefect ?? opened.payloadDefect).toEqual(expect.stringMatching(/./));
        expect('defect' in splitJws(text)).toBe(text.split('.').length !== 3 || /^\.|\.\./.test(text));
      }),
      { numRuns: 400 },
    );
  });
});

describe('a token that was built', () => {
  it('opens to its parts', () => {
    fc.assert(
      fc.property(object, object, fc.uint8Array({ minLength: 1 }), (header, payload, signature) => {
        const text = `${encode(header)}.${encode(payload)}.${Buffer.from(signature).toString('base64url')}`;
        const opened = openJws(text);
        expect(opened).toMatchObject({ formatDefect: null, payloadDefect: null });
        expect(JSON.stringify([opened.header, opened.payload])).toBe(JSON.stringify([header, payload]));
        expect(opened.signature).toEqual(Buffer.from(signature));
      }),
      { numRuns: 200 },
    );
  });
});
