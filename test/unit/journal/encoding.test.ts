import { describe, expect, it } from 'vitest';
import { encodeReceipt, encodeRecord, parseHead, parseRecord, peekType } from '../../../src/journal/encoding.js';
import { bodyOf, delivery, literalOf, receipt } from './records.js';

const lineOf = ({ parts }: { readonly parts: readonly Uint8Array[] }): Buffer => Buffer.concat(parts);
const withoutNewline = (line: Buffer): Buffer => line.subarray(0, -1);

const RECEIPT = lineOf(encodeReceipt(receipt(1), literalOf(bodyOf(1))));
const DELIVERY = lineOf(encodeRecord(delivery(1, { detail: 'said ","body":"x\n' })));

describe('a line', () => {
  it.each([
    ['of a receipt', RECEIPT],
    ['of another record', DELIVERY],
  ])('%s is one JSON object and a newline, with its size', (_case, line) => {
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line.toString())).toMatchObject({ crc: expect.stringMatching(/^[0-9a-f]{8}$/) });
  });

  it('has its size in bytes', () => {
    expect(encodeReceipt(receipt(1), literalOf(bodyOf(1))).bytes).toBe(RECEIPT.length);
    expect(encodeRecord(delivery(1, { detail: 'é' })).bytes).toBe(
      lineOf(encodeRecord(delivery(1, { detail: 'é' }))).length,
    );
  });

  it('gives the record back, body included', () => {
    expect(parseRecord(withoutNewline(RECEIPT))).toEqual({ ...receipt(1), body: bodyOf(1).toString() });
    expect(parseRecord(withoutNewline(DELIVERY))).toEqual(delivery(1, { detail: 'said ","body":"x\n' }));
  });

  it('gives the head back without the body', () => {
    expect(parseHead(withoutNewline(RECEIPT))).toEqual(receipt(1));
    expect(parseHead(withoutNewline(DELIVERY))).toEqual(delivery(1, { detail: 'said ","body":"x\n' }));
  });

  it.each([
    ['an address', { address: 'x","body":"y' }],
    ['a mark', { marks: ['extra:,"body":"', 'key:\u2028\uD800'] }],
  ])('does not take text for the start of the body in %s', (_case, overrides) => {
    const line = withoutNewline(lineOf(encodeReceipt(receipt(1, overrides), literalOf(bodyOf(1)))));
    expect(parseHead(line)).toEqual(receipt(1, overrides));
    expect(parseRecord(line)).toEqual({ ...receipt(1, overrides), body: bodyOf(1).toString() });
  });

  it('begins with its type, whatever the order of the keys', () => {
    const { type, ...rest } = delivery(1);
    expect(peekType(lineOf(encodeRecord({ ...rest, type })))).toBe('delivery');
    expect(peekType(RECEIPT)).toBe('receipt');
  });

  it('is detected as damaged whichever byte is changed or missing', () => {
    for (const line of [RECEIPT, DELIVERY].map(withoutNewline)) {
      for (let at = 0; at < line.length; at++) {
        for (const value of [0x00, line[at]! ^ 0x01, 0x22, 0x0a].filter((byte) => byte !== line[at])) {
          const damaged = Buffer.from(line);
          damaged[at] = value;
          expect(parseHead(damaged), `byte ${at} is ${value}`).toBeNull();
          expect(parseRecord(damaged), `byte ${at} is ${value}`).toBeNull();
        }
        expect(
          parseHead(Buffer.concat([line.subarray(0, at), line.subarray(at + 1)])),
          `byte ${at} is gone`,
        ).toBeNull();
        expect(parseHead(line.subarray(0, at)), `ends at ${at}`).toBeNull();
      }
    }
  });

  it('is read without a checksum, as written by hand', () => {
    expect(parseHead(Buffer.from(JSON.stringify(delivery(1))))).toEqual(delivery(1));
    expect(parseHead(Buffer.from(JSON.stringify({ ...receipt(1), body: '{}' })))).toEqual(receipt(1));
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['a list', '[1]'],
    ['a number', '12345678901234567890'],
    ['zeros', '\0'.repeat(100)],
    ['an unknown type', '{"type":"other","id":"0000000000000001","atMs":1}'],
    ['no moment', '{"type":"delivery","id":"0000000000000001"}'],
    ['no id', '{"type":"delivery","atMs":1}'],
    ['a receipt with a strange id', JSON.stringify(receipt(1, { id: '../../x' }))],
    ['a receipt without facts', '{"type":"receipt","id":"0000000000000001","atMs":1,"targets":[]}'],
  ])('%s is no record', (_case, text) => {
    expect(parseHead(Buffer.from(text))).toBeNull();
    expect(parseRecord(Buffer.from(text))).toBeNull();
  });
});
