import { describe, expect, it } from 'vitest';
import { droppedToJson, listenerEventToJson } from '../../../src/commands/listen/view/json.js';
import type { ListenerEvent } from '../../../src/listener/events.js';
import type { PayloadDocument } from '../../../src/notification/document.js';
import { AT_MS, delivery, forged, ID, refused, refusedRequest, verified, verifiedBody } from './listen-events.js';

const document: PayloadDocument = {
  kind: 'notification',
  source: 'listener',
  notification: { notificationType: 'DID_RENEW', big: 12345678901234567890n, evil: '\u202e' },
  tokens: [],
  received: { id: ID, atMs: AT_MS, answered: 200, repeatOf: null },
};

function parse(event: ListenerEvent): Record<string, unknown> {
  const line = listenerEventToJson(event);
  expect(line).toMatch(/^\{"event":"[a-z]+","atMs":\d+,[^\n]*\}\n$/);
  return JSON.parse(line);
}

describe('an event as JSON', () => {
  it('of a verified one carries the document and no bytes', () => {
    const event = parse(verified({ document, targets: ['app'] }));
    expect(Object.keys(event)).toEqual([
      ...['event', 'atMs', 'id', 'answered', 'repeatOf', 'targets', 'withheld', 'refusal', 'synthetic', 'marks'],
      'document',
    ]);
    expect(event.document).toMatchObject({ kind: 'notification', received: { id: ID } });
  });

  it('escapes control characters, and keeps long numbers', () => {
    const line = listenerEventToJson(verified({ document }));
    expect(line).toContain('\\u202e');
    expect(line).toContain('12345678901234567890');
  });

  it('without a token has its refusal', () => {
    const why = { status: 400, code: 'NOT_JSON', message: 'The body is not JSON.' } as const;
    const event = parse(refused(verifiedBody({ refusal: why, verdict: null, facts: null })));
    expect(event).toMatchObject({ answered: 400, refusal: why, document: null });
  });

  it('of a forged one has both', () => {
    expect(parse(refused(forged(), { document }))).toMatchObject({
      refusal: { code: 'SIGNATURE_MISMATCH' },
      document: { kind: 'notification' },
    });
  });

  it.each<ListenerEvent>([
    { event: 'ready', atMs: AT_MS, url: 'http://x/', publicUrl: null, targets: [], journal: '/j', owed: 0 },
    { event: 'received', atMs: AT_MS, id: ID, bytes: 18_800, address: null },
    delivery(),
    refusedRequest(),
    { event: 'notice', atMs: AT_MS, code: 'TUNNEL_ENDED', message: 'gone\u001b[2J' },
  ])('$event keeps its fields', (event) => expect(parse(event)).toEqual(event));

  it('reports dropped events', () => {
    expect(JSON.parse(droppedToJson(3, AT_MS))).toMatchObject({ event: 'notice', code: 'OUTPUT_LEFT_OUT' });
  });
});
