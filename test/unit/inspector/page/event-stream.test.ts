import { describe, expect, it } from 'vitest';
import { EventStreamParser, reconnectDelayMs } from '../../../../src/inspector/page/model/event-stream.js';

const STREAM = ': hello\n\nid: a-1\nevent: row\ndata: {"x":1}\n\nid:a-2\r\ndata:one\r\ndata: two\r\n\r\nretry: 5\n\n';
const EVENTS = [
  { id: 'a-1', data: '{"x":1}' },
  { id: 'a-2', data: 'one\ntwo' },
];

describe('EventStreamParser', () => {
  it('reads events and drops comments', () => expect(new EventStreamParser().push(STREAM)).toEqual(EVENTS));

  it.each(Array.from({ length: STREAM.length }, (_, at) => at))('reads the same cut at %i', (at) => {
    const parser = new EventStreamParser();
    expect([...parser.push(STREAM.slice(0, at)), ...parser.push(STREAM.slice(at))]).toEqual(EVENTS);
  });

  it('keeps an unfinished event for later', () => {
    const parser = new EventStreamParser();
    expect(parser.push('data: 1\n')).toEqual([]);
    expect(parser.push('\n')).toEqual([{ id: null, data: '1' }]);
  });
});

describe('reconnectDelayMs', () => {
  it('doubles up to eight seconds', () =>
    expect([0, 1, 2, 3, 4, 5, 5_000].map(reconnectDelayMs)).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]));
});
