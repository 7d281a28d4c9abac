import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClaims } from '../../../src/input/claims/parse-claims.js';
import { createInputSplitter } from '../../../src/input/split/splitter.js';
import { fakeToken, wrap } from './tokens.js';

const TOKENS = ['a', 'b', 'c', 'd'].map((id) => fakeToken(id, 120));

const body = (token: string) => JSON.stringify({ signedPayload: token });
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Every form that a payload is accepted in, one or more lines each. */
const ENVELOPES: readonly ((token: string) => string)[] = [
  (token) => token,
  (token) => ` \t${token} `,
  (token) => `"${token}"`,
  (token) => `Bearer ${token}`,
  (token) => wrap(token, 76),
  (token) => wrap(token, 64, '\r\n'),
  (token) => body(token),
  (token) => JSON.stringify({ signedPayload: token }, null, 2),
  (token) => JSON.stringify([{ id: 1 }, { signedPayload: token }], null, 1),
  (token) => JSON.stringify({ log: `${body(token)}\n`, stream: 'stdout' }),
  (token) => JSON.stringify({ Records: [{ body: body(token) }] }),
  (token) => JSON.stringify({ message: { data: base64(body(token)) } }),
  (token) => base64(body(token)),
  (token) => `1\t${base64(body(token))}\t2026`,
  (token) => encodeURIComponent(body(token)),
  (token) => `signedPayload=${token}&x=1`,
  (token) => `2026-11-02T09:00:00Z INFO got ${body(token)} in 3 ms`,
  (token) => `"POST / HTTP/1.1" 200 "{\\x22signedPayload\\x22:\\x22${token}\\x22}"`,
  (token) => JSON.stringify(JSON.stringify({ signedPayload: token })),
];

const NOISE = [
  '2026-11-02T09:00:00Z INFO [worker-3] GET /items?page=3 200 in 12 ms',
  '[2026-11-02 09:00:00] WARN: retry (attempt 2)',
  '{"level":"info","msg":"request completed","ids":[1,2]}',
  '\tat com.example.Handler.run(Handler.java:31)',
  '',
];

const noise = fc
  .tuple(fc.nat({ max: 4 }), fc.oneof(fc.nat({ max: 3 }), fc.constant(90)))
  .map(([first, count]) =>
    Array.from({ length: count }, (_, at) => `${NOISE[(first + at) % NOISE.length]}\n`).join(''),
  );

const payload = fc.record({
  token: fc.constantFrom(...TOKENS),
  envelope: fc.constantFrom(...ENVELOPES),
  before: noise,
  end: fc.constantFrom('\n', '\r\n', '\n\n', ' \n\t\n'),
});

/** The text of each claim, for bytes that arrive in chunks of these sizes, repeated. */
function read(bytes: Buffer, sizes: readonly number[]): readonly string[] {
  const splitter = createInputSplitter();
  const claims: string[] = [];
  const take = (least: number): void => {
    const chunk = splitter.take(least);
    if (chunk === null) return;
    const units = chunk.units.map((unit) => ({ ...unit, origin: 'in', whole: chunk.isOnly }));
    for (const unit of units)
      for (const claim of parseClaims({ ...chunk, units }, unit))
        claims.push(`${claim.source} ${claim.type === 'token' ? claim.text : claim.type}`);
  };
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    splitter.push(bytes.subarray(at, at + size));
    take(1);
    at += size;
  }
  splitter.finish();
  take(0);
  return claims;
}

const textOf = (claim: string): string => claim.slice(claim.indexOf(' ') + 1);

describe('a sequence of payloads in any accepted form, with any lines of a log between', () => {
  it('is read in full, in order, and the same in chunks of any size', () => {
    fc.assert(
      fc.property(
        fc.array(payload, { minLength: 1, maxLength: 8 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 9000 })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.boolean(),
        (payloads, sizes, isMarked) => {
          const text = payloads.map(({ token, envelope, before, end }) => `${before}${envelope(token)}${end}`).join('');
          const bytes = Buffer.from(`${isMarked ? '\uFEFF' : ''}${text}`);
          const whole = read(bytes, [bytes.length]);
          expect(whole.map(textOf)).toEqual(payloads.map(({ token }) => token));
          expect(read(bytes, sizes)).toEqual(whole);
        },
      ),
      { numRuns: 150 },
    );
  });
});
