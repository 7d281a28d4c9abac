import { describe, expect, it } from 'vitest';
import type { Claim } from '../../../../src/input/claim.js';
import { parseClaims } from '../../../../src/input/claims/parse-claims.js';
import { readInput } from '../../../../src/input/read.js';
import { pipedInput } from '../../../support/run-cli.js';
import { fakeToken, wrap } from '../tokens.js';

const A = fakeToken('a');
const B = fakeToken('b');
const C = fakeToken('c');
const CUT = A.slice(0, 700);
const DAMAGED = `${A.slice(0, 300)}!${A.slice(300)}`;
const PERCENT = A.replaceAll('.', '%2E');
const BODY = JSON.stringify({ signedPayload: A });
const ESCAPED = JSON.stringify(BODY).slice(1, -1);

/** The claims in an input that is piped in. */
async function claimsIn(input: string): Promise<Claim[]> {
  return collect(readInput(['-'], depsOf(input)));
}

/** The claims in an argument. */
async function claimsOf(...given: string[]): Promise<Claim[]> {
  return collect(readInput(given, depsOf('')));
}

function depsOf(input: string) {
  const stderr = { write: () => undefined } as never;
  const signal = new AbortController().signal;
  return { stdin: pipedInput(input), stderr, cwd: import.meta.dirname, signal, suspend: () => Promise.resolve() };
}

async function collect(batches: AsyncIterable<Parameters<typeof parseClaims>[0]>): Promise<Claim[]> {
  const claims: Claim[] = [];
  for await (const batch of batches)
    claims.push(...batch.units.flatMap((unit) => parseClaims(structuredClone(batch), unit)));
  return claims;
}

const token = (text: string, repaired: readonly string[] = []) => ({ type: 'token', text, repaired });
const nested = (text: string) => ({ type: 'token', text, repaired: ['nested-json'] });
const short = (claims: readonly Claim[]) => claims.map(({ source, ...claim }) => claim);
const texts = (claims: readonly Claim[]) => claims.map((claim) => (claim.type === 'token' ? claim.text : claim.type));
const sources = (claims: readonly Claim[]) => claims.map(({ source }) => source);

/** Damage and its repairs: the same in an argument, and in a file or pipe without other content. */
const REPAIRS: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing', A, []],
  ['a line end behind it', `${A}\n`, []],
  ['white space around it', `\n  ${A}  \n\n`, []],
  ['lines', wrap(A, 76), ['line-wraps']],
  ['lines, the last with a line end', `${wrap(A, 100)}\n`, ['line-wraps']],
  ['lines with indentation', `    ${wrap(A, 76, '\n    ')}`, ['line-wraps']],
  ['lines with blanks behind', wrap(A, 76, '  \t\n'), ['line-wraps']],
  ['lines of a quoted mail', `> ${wrap(A, 76, '\n> ')}`, ['line-wraps']],
  ['lines of a mail in a mail', `> > ${wrap(A, 76, '\n> > ')}`, ['line-wraps']],
  ['lines with empty ones between', wrap(A, 200, '\n\n'), ['line-wraps']],
  ['lines of a shell', wrap(A, 76, '\\\n'), ['line-wraps']],
  ['lines that end in CRLF', wrap(A, 76, '\r\n'), ['line-wraps', 'crlf']],
  ['a CRLF behind it', `${A}\r\n`, ['crlf']],
  ['blanks where lines ended', wrap(A, 200, ' '), ['line-wraps']],
  ['quotes', `"${A}"`, ['quotes']],
  ['single quotes', `'${A}'`, ['quotes']],
  ['backticks', `\`${A}\``, ['quotes']],
  ['typographic quotes', `“${A}”`, ['quotes']],
  ['a quote in front', `"${A}`, ['quotes']],
  ['a quote behind', `${A}"`, ['quotes']],
  ['quotes and a comma', `"${A}",`, ['quotes']],
  ['quotes around lines', `"${wrap(A, 76)}"`, ['line-wraps', 'quotes']],
  ['escaped quotes', `\\"${A}\\"`, ['quotes', 'json-escapes']],
  ['a line end as an escape', `"${A}\\n"`, ['quotes', 'json-escapes']],
  ['lines as escapes', wrap(A, 76, '\\n'), ['line-wraps', 'json-escapes']],
  ['encoded dots', PERCENT, ['percent-encoding']],
  [
    'encoded dots in lower case',
    PERCENT.toLowerCase().includes('%2e') ? A.replaceAll('.', '%2e') : '',
    ['percent-encoding'],
  ],
  ['encoded dots and lines', wrap(PERCENT, 77), ['line-wraps', 'percent-encoding']],
  ['encoded line ends', wrap(A, 76, '%0D%0A'), ['line-wraps', 'percent-encoding']],
  ['a byte order mark', `\uFEFF${A}`, ['bom']],
  ['a byte order mark and lines', `\uFEFF${wrap(A, 76, '\r\n')}\r\n`, ['line-wraps', 'bom', 'crlf']],
  ['Bearer', `Bearer ${A}`, ['bearer']],
  ['bearer in lower case', `bearer ${A}`, ['bearer']],
  ['the header it was in', `Authorization: Bearer ${A}`, ['bearer']],
  ['Bearer, quoted', `"Bearer ${A}"`, ['quotes', 'bearer']],
  ['a body', BODY, []],
  ['a body, pretty-printed', JSON.stringify({ signedPayload: A }, null, 2), []],
  ['a body with CRLF', JSON.stringify({ signedPayload: A }, null, 2).replaceAll('\n', '\r\n'), []],
  ['a body with a byte order mark', `\uFEFF${BODY}`, ['bom']],
  ['a body in lines', `{"signedPayload":"${wrap(A, 76)}"}`, ['line-wraps']],
  [
    'a body in lines, pretty-printed',
    `{\n  "signedPayload": "${wrap(A, 76, '\r\n')}"\r\n}\r\n`,
    ['line-wraps', 'crlf'],
  ],
  ['a body in quotes', `'${BODY}'`, ['quotes']],
  ['a body in a string', JSON.stringify(BODY), ['quotes', 'json-escapes']],
  ['a body in a string in a string', JSON.stringify(JSON.stringify(BODY)), ['quotes', 'json-escapes']],
  ['a body with escaped quotes', ESCAPED, ['json-escapes']],
  [
    'a pretty-printed body with escapes',
    JSON.stringify(JSON.stringify({ signedPayload: A }, null, 2)).slice(1, -1),
    ['json-escapes'],
  ],
  ['an encoded body', encodeURIComponent(BODY), ['percent-encoding']],
  ['an encoded body, dots too', encodeURIComponent(BODY).replaceAll('.', '%2E'), ['percent-encoding']],
  ['a form', `signedPayload=${PERCENT}`, ['percent-encoding']],
  ['a field of JSON', `"signedPayload": "${A}",`, []],
  ['a command line', `curl -d '${BODY}' https://example.com/`, []],
];

describe('a payload that was copied', () => {
  it.each(REPAIRS)('given with %s', async (_name, input, repaired) => {
    expect(await claimsOf(input)).toEqual([{ ...token(A, repaired), source: 'argument' }]);
  });

  it.each(REPAIRS)('piped in with %s', async (_name, input, repaired) => {
    expect(await claimsIn(input)).toEqual([{ ...token(A, repaired), source: 'stdin' }]);
  });

  it('is put together wherever a line of it ended', async () => {
    for (let at = 1; at < A.length; at += 3) {
      expect(await claimsOf(`${A.slice(0, at)}\n${A.slice(at)}`)).toEqual([
        { ...token(A, ['line-wraps']), source: 'argument' },
      ]);
    }
  });
});

describe('parsed JSON', () => {
  const attempts = [{ attemptDate: 1, sendAttemptResult: 'SUCCESS' }];
  const received = { id: 'r1', atMs: 5, answered: 200, repeatOf: null };
  const deliveries = [{ target: 'app', attempt: 1, httpStatus: 200, ms: 3, outcome: 'accepted' }];
  const own = (tokens: unknown, more: object = {}) => ({ kind: 'notification', source: 'x', tokens, ...more });
  const v1 = { notification_type: 'DID_RENEW', unified_receipt: { latest_receipt: 'MIIT' }, password: 'p' };

  it.each<[string, unknown, readonly unknown[]]>([
    ['a body', { signedPayload: A }, [token(A)]],
    ['a body in another letter case', { SIGNEDPAYLOAD: A, signedpayload: B }, [token(A), token(B)]],
    ['a body with something else in it', { signedPayload: 'nothing' }, [token('nothing')]],
    ['a body with a number in it', { signedPayload: 5 }, [token('5')]],
    ['a body with an object in it', { signedPayload: { a: A } }, [token(`{"a":"${A}"}`)]],
    ['a body with null in it', { signedPayload: null }, [token('null')]],
    ['a body with inner damage, which is not repaired', { signedPayload: `"${A}"` }, [token(`"${A}"`)]],
    ['an array of tokens', [A, B], [token(A), token(B)]],
    ['an array of anything', [A, 'nothing', 5, null], [token(A), token('nothing')]],
    ['an array of arrays', [[A], [B]], [token(A), token(B)]],
    ['an array of bodies', [{ signedPayload: A }, { signedPayload: B }], [token(A), token(B)]],
    [
      'a page of history',
      {
        notificationHistory: [
          { signedPayload: A, sendAttempts: attempts },
          { signedPayload: B, sendAttempts: [] },
        ],
        hasMore: true,
      },
      [
        { ...token(A), context: { sendAttempts: attempts } },
        { ...token(B), context: { sendAttempts: [] } },
      ],
    ],
    [
      'attempts of another shape',
      { signedPayload: A, sendAttempts: [5, ...attempts, { attemptDate: 'x' }] },
      [{ ...token(A), context: { sendAttempts: attempts } }],
    ],
    [
      'pages of history',
      [{ notificationHistory: [{ signedPayload: A }] }, { notificationHistory: [{ signedPayload: B }] }],
      [token(A), token(B)],
    ],
    [
      'the status of a test',
      { signedPayload: A, sendAttempts: attempts },
      [{ ...token(A), context: { sendAttempts: attempts } }],
    ],
    [
      "Apple's status of a subscription",
      own([{ path: 'signedPayload', jws: A }], { subscriptionStatus: 5 }),
      [{ ...token(A), context: { subscriptionStatus: 5 } }],
    ],
    ['a status of another shape', own([{ jws: A }], { subscriptionStatus: '5' }), [token(A)]],
    ['transactions', { signedTransactions: [A, 'nothing'], hasMore: false }, [token(A), token('nothing')]],
    [
      'subscription statuses',
      { data: [{ lastTransactions: [{ status: 1, signedTransactionInfo: A, signedRenewalInfo: 'nothing' }] }] },
      [token(A), token('nothing')],
    ],
    ['an app transaction', { signedAppTransactionInfo: A }, [token(A)]],
    ['a field without a token', { signedTransactionInfo: A, signedRenewalInfo: null }, [token(A)]],
    ['a token under any name', { a: [{ b: A }], c: 'eyJ.no token', d: B }, [token(A), token(B)]],
    ['a token and a body within strings', { message: `t=${A}`, body: BODY }, [nested(A), nested(A)]],
    ['tokens with something around them', { a: `${A}!`, b: `"${B}"` }, [nested(A), nested(B)]],
    ['a bearer token in a header', { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln' }, []],
    ['a version 1 body', v1, [{ type: 'v1', body: v1, repaired: [] }]],
    [
      'version 1 bodies',
      [v1, v1],
      [
        { type: 'v1', body: v1, repaired: [] },
        { type: 'v1', body: v1, repaired: [] },
      ],
    ],
    ['version 1 fields beside a payload', { ...v1, signedPayload: A }, [token(A)]],
    [
      'our document',
      own([
        { path: 'signedPayload', header: {}, jws: A },
        { path: 'data.signedTransactionInfo', jws: B },
      ]),
      [token(A)],
    ],
    [
      'our document, the outer token not first',
      own([
        { path: 'data.signedTransactionInfo', jws: B },
        { path: 'signedPayload', jws: A },
      ]),
      [token(A)],
    ],
    [
      'our document with all that is known',
      own([{ path: 'signedPayload', jws: A }], { received, deliveries, sendAttempts: attempts }),
      [{ ...token(A), context: { sendAttempts: attempts, received, deliveries } }],
    ],
    [
      'our answer to test',
      {
        results: [
          { environment: 'Sandbox', sendAttempts: attempts, document: own([{ path: 'signedPayload', jws: A }]) },
        ],
      },
      [{ ...token(A), context: { sendAttempts: attempts } }],
    ],
    ['our answer while pending', { results: [{ environment: 'Sandbox', sendAttempts: [], document: null }] }, []],
    [
      'an event of ours',
      { event: 'verified', id: 'r1', document: own([{ path: 'signedPayload', jws: A }]) },
      [token(A)],
    ],
    ['kind and tokens of another tool', { kind: 'List', tokens: [{ jws: A }] }, [token(A)]],
    ['what Apple answers when asked for a test', { testNotificationToken: 'x' }, []],
    ['an error of the API', { errorCode: 5000000, errorMessage: 'An unknown error occurred.' }, []],
    ['no payload', { a: 1, b: [true, null, 'x'] }, []],
  ])('holds %s', async (_name, value, expected) => {
    expect(short(await claimsIn(JSON.stringify(value)))).toEqual(expected);
    expect(short(await claimsIn(JSON.stringify(value, null, 2)))).toEqual(expected);
  });

  it('keeps our document where it has no JWS, without the verdict, which cannot be checked', async () => {
    const document = own([{ path: 'signedPayload', header: { alg: 'ES256' }, checkedAtMs: 1 }], {
      notification: { notificationType: 'TEST' },
      transaction: 5,
      received,
      verification: { verdict: 'valid' },
    });
    expect(await claimsIn(JSON.stringify(document))).toEqual([
      {
        type: 'document',
        source: 'stdin',
        repaired: [],
        document: {
          kind: 'notification',
          source: 'x',
          notification: { notificationType: 'TEST' },
          tokens: [{ path: 'signedPayload', header: { alg: 'ES256' } }],
          received,
        },
      },
    ]);
  });

  it('keeps integers beyond 2^53', async () => {
    const [claim] = await claimsIn('{"notification_type":"REFUND","web_order_line_item_id":9007199254740993}');
    expect(claim).toMatchObject({ type: 'v1', body: { web_order_line_item_id: 9007199254740993n } });
  });

  it('that only looks like JSON is searched', async () => {
    expect(texts(await claimsIn(`{"a":"\\x","signedPayload":"${A}"}`))).toEqual([A]);
  });
});

describe('text', () => {
  it.each<[string, string, readonly string[]]>([
    ['a log line', `2025-01-01 10:00 INFO [12] token=${A} done`, [A]],
    ['a log line with a body', `POST /hook body=${BODY} 200`, [A]],
    ['a log line with an escaped body', `body="${ESCAPED}" 200`, [A]],
    ['a log line with an encoded body', `body=${encodeURIComponent(BODY)}&x=1`, [A]],
    ['a log line with encoded dots', `token=${PERCENT}&x=1`, [A]],
    ['a log line with single quotes', `{'signedPayload': '${A}'}`, [A]],
    ['two tokens in a line', `${A} ${B}`, [A, B]],
    ['two tokens with a comma', `x ${A},${B};`, [A, B]],
    ['a sentence', `The token is ${A}.`, [A]],
    ['a file name behind it', `${A}.json`, [A]],
    ['a cut token', `INFO ${CUT}`, [CUT]],
    ['a shortened token', `INFO ${CUT}... [truncated]`, [CUT]],
    ['a cut body', `{"signedPayload":"${CUT}`, [CUT]],
    ['a body without a token', 'INFO\n{"signedPayload":"', ['{"signedPayload":"']],
    ['base64 of other JSON', `INFO cookie=${Buffer.from('{"user":1}').toString('base64url')} ok`, []],
    ['the middle of a word', `INFO x${A}`, []],
    ['nothing of the kind', 'INFO server started\nINFO server stopped', []],
    ['numbers and a date', '2025-01-01\n12.34.56', []],
  ])('with %s', async (_name, input, expected) => {
    const claims = await claimsIn(`${input}\nthe next line\n`);
    expect(texts(claims)).toEqual(expected);
    expect(claims.every(({ repaired }) => !repaired.includes('quotes') && !repaired.includes('bearer'))).toBe(true);
  });

  it.each<[string, string, string]>([
    ['cut', CUT, CUT],
    ['cut in its header', A.slice(0, 5), A.slice(0, 5)],
    ['damaged in its header', `${A.slice(0, 20)}!${A.slice(20)}`, `${A.slice(0, 20)}!${A.slice(20)}`],
    ['damaged in its payload', DAMAGED, DAMAGED],
    ['damaged and in lines', wrap(DAMAGED, 76), DAMAGED],
    ['cut and quoted', `"${CUT}"`, CUT],
    ['cut, with an ellipsis', `${CUT}…`, `${CUT}…`],
    ['with a fourth part', `${A}.x.y`, `${A}.x.y`],
    ['of some other JSON', 'eyJ1c2VyIjoxfQ', 'eyJ1c2VyIjoxfQ'],
  ])('that begins like a token is one: %s', async (_name, input, text) => {
    expect(texts(await claimsOf(input))).toEqual([text]);
  });

  it('is found behind a colour', async () => {
    const claims = await claimsIn(`12:00 INFO \u001b[38;5;196m${A}\u001b[0m\nthe next line\n`);
    expect(texts(claims)).toEqual([A]);
  });

  it.each([CUT, A.slice(0, 5), `"${CUT}"`])(
    'that begins like a token is one where it is all there is: %#',
    async (input) => {
      expect(texts(await claimsIn(input))).toEqual([input.replaceAll('"', '')]);
    },
  );

  it.each([
    ['a receipt of the time before JWS', `${'ewoicHVyY2hhc2UtaW5mbyIgPSAi'.repeat(3)}fQo=`],
    ['three parts', 'a.b.c'],
  ])('that is no path was meant as a payload: %s', async (_name, input) => {
    expect(short(await claimsOf(input))).toEqual([token(input)]);
  });

  it('that is one long word of base64 was meant as a payload', async () => {
    const word = 'ewoicHVyY2hhc2UtaW5mbyIgPSAi'.repeat(3);
    expect(texts(await claimsIn(`${word}\n`))).toEqual([word]);
    expect(texts(await claimsIn(`${word}\n${word}\n`))).toEqual([]);
    expect(texts(await claimsIn(`${'x'.repeat(39)}\n`))).toEqual([]);
  });

  it('says how large a token is that is too large', async () => {
    const huge = `${CUT}${'a'.repeat(1_048_576)}`;
    const oversize = [{ type: 'oversize', bytes: huge.length, repaired: [] }];
    expect(short(await claimsIn(huge))).toEqual(oversize);
    expect(short(await claimsIn(JSON.stringify({ signedPayload: huge })))).toEqual(oversize);
    expect(short(await claimsIn(`x ${huge} y\nnext`))).toEqual(oversize);
  });

  it('loses no body in a stream because what it holds is too large and begins like no token', async () => {
    const huge = 'A'.repeat(5_000_000);
    const line = JSON.stringify({ signedPayload: huge });
    expect(texts(await claimsIn(`${BODY}\n${line}\n${BODY}\n`))).toEqual([A, 'oversize', A]);
    expect(texts(await claimsIn(JSON.stringify({ other: huge, SignedPayload: huge }, null, 2)))).toEqual(['oversize']);
  });
});

describe('where a claim stood', () => {
  it.each<[string, string, readonly string[]]>([
    ['the only unit', `\n\n${A}\n`, ['stdin']],
    ['lines', `${A}\n\n${B}\n{}\n${BODY}`, ['stdin:1', 'stdin:3', 'stdin:5']],
    ['a pretty-printed value', `{}\n{\n"a":\n"${A}"\n}\n${B}`, ['stdin:2', 'stdin:6']],
    ['two on a line', `x\n${A} ${B}\n`, ['stdin:2', 'stdin:2#2']],
    ['two values on a line', `${BODY}${BODY}\n`, ['stdin:1', 'stdin:1#2']],
    ['an array', JSON.stringify([A, B, C], null, 1), ['stdin', 'stdin#2', 'stdin#3']],
    [
      'a token over several lines',
      `x\n${wrap(A, 100)}\n${B}`,
      ['stdin:2', `stdin:${2 + wrap(A, 100).split('\n').length}`],
    ],
  ])('%s', async (_name, input, expected) => expect(sources(await claimsIn(input))).toEqual(expected));

  it('numbers the payloads of all arguments through', async () => {
    expect(sources(await claimsOf(A, `${B}\n${C}`, '{"a":1}', BODY))).toEqual([
      'argument',
      'argument#2',
      'argument#3',
      'argument#4',
    ]);
  });
});

describe('tokens in any container', () => {
  const ids = Array.from({ length: 40 }, (_, index) => fakeToken(`t${index}`, 40 * index));

  it.each<[string, string]>([
    ['lines', ids.join('\n')],
    ['lines, wrapped', ids.map((id) => wrap(id, 61)).join('\n')],
    ['lines, quoted', ids.map((id) => `"${id}"`).join(',\r\n')],
    ['blanks', ids.join(' ')],
    ['nothing between them', ids.join('')],
    ['log lines', ids.map((id, index) => `INFO ${index} token=${id} "done"`).join('\n')],
    ['NDJSON', ids.map((id) => JSON.stringify({ signedPayload: id })).join('\n')],
    ['NDJSON in strings', ids.map((id) => JSON.stringify(JSON.stringify({ signedPayload: id }))).join('\n')],
    ['values in a row', ids.map((id) => JSON.stringify({ signedPayload: id })).join('')],
    ['an array', JSON.stringify(ids)],
    [
      'a pretty-printed array',
      JSON.stringify(
        ids.map((signedPayload) => ({ signedPayload })),
        null,
        2,
      ),
    ],
    [
      'history',
      JSON.stringify({ notificationHistory: ids.map((signedPayload) => ({ sendAttempts: [], signedPayload })) }),
    ],
    ['pretty-printed values', ids.map((signedPayload) => JSON.stringify({ signedPayload }, null, 2)).join('\n')],
    [
      'a mixture',
      ids
        .map((id, index) => [id, JSON.stringify({ signedPayload: id }), `x ${id} y`, wrap(id, 80)][index % 4])
        .join('\n'),
    ],
  ])('come out in order, each once: %s', async (_name, input) => {
    expect(texts(await claimsIn(input))).toEqual(ids);
    expect(texts(await claimsOf(input))).toEqual(ids);
  });
});
