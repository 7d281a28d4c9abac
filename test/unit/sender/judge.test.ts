import { describe, expect, it } from 'vitest';
import { isSuccessStatus, judgeAnswer } from '../../../src/sender/deliver.js';
import { describeTlsDefect, judgeDeadline, judgeFailure } from '../../../src/sender/judge-failure.js';
import { type Answer, quote, type Stage } from '../../../src/sender/outcome.js';
import { planRedirect } from '../../../src/sender/redirect.js';

const failure = (code: string, syscall?: string): Error =>
  Object.assign(new Error('what node says'), { code, ...(syscall === undefined ? {} : { syscall }) });

const judge = (stage: Stage, error: Error, firstBytes = '', httpStatus: number | null = null) =>
  judgeFailure({ stage, error, firstBytes: Buffer.from(firstBytes), httpStatus }).result;

describe('judgeFailure', () => {
  it.each([
    ['connecting', 'ENOTFOUND', 'getaddrinfo', 'SOCKET_ISSUE'],
    ['connecting', 'EAI_AGAIN', 'getaddrinfo', 'SOCKET_ISSUE'],
    ['connecting', 'ECONNREFUSED', 'connect', 'SOCKET_ISSUE'],
    ['connecting', 'EHOSTUNREACH', 'connect', 'SOCKET_ISSUE'],
    ['connecting', 'EPERM', 'connect', 'SOCKET_ISSUE'],
    ['connecting', 'ECONNRESET', 'connect', 'SOCKET_ISSUE'],
    ['connecting', 'ETIMEDOUT', 'connect', 'TIMED_OUT'],
    ['connecting', 'EMFILE', 'connect', 'OTHER'],
    ['handshake', 'ECONNRESET', 'read', 'SOCKET_ISSUE'],
    ['handshake', 'ECONNRESET', undefined, 'TLS_ISSUE'],
    ['handshake', 'EPIPE', 'write', 'TLS_ISSUE'],
    ['handshake', 'ENETUNREACH', 'read', 'SOCKET_ISSUE'],
    ['handshake', 'ETIMEDOUT', 'read', 'TIMED_OUT'],
    ['handshake', 'CERT_HAS_EXPIRED', undefined, 'TLS_ISSUE'],
    ['handshake', 'PATH_LENGTH_EXCEEDED', undefined, 'TLS_ISSUE'],
    ['handshake', 'EPROTO', 'write', 'TLS_ISSUE'],
    ['waiting', 'ECONNRESET', 'read', 'SOCKET_ISSUE'],
    ['waiting', 'ECONNRESET', undefined, 'NO_RESPONSE'],
    ['waiting', 'EPIPE', 'write', 'NO_RESPONSE'],
    ['waiting', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', undefined, 'TLS_ISSUE'],
    ['waiting', 'ESOMETHING', undefined, 'OTHER'],
    ['answering', 'ECONNRESET', 'read', 'PREMATURE_CLOSE'],
    ['answering', 'ECONNRESET', undefined, 'PREMATURE_CLOSE'],
    ['answering', 'EPIPE', 'write', 'PREMATURE_CLOSE'],
    ['answering', 'ETIMEDOUT', 'read', 'TIMED_OUT'],
  ] as const)('%s, %s of %s: %s', (stage, code, syscall, result) => {
    expect(judge(stage, failure(code, syscall))).toBe(result);
  });

  it.each([
    ['another protocol', 'HPE_INVALID_CONSTANT', 'SSH-2.0-x\r\n', null, 'NO_RESPONSE'],
    ['a TLS alert', 'HPE_INVALID_CONSTANT', '\x15\x03\x01\x00\x02\x02', null, 'NO_RESPONSE'],
    ['HTTP in lower case', 'HPE_INVALID_CONSTANT', 'http/1.1 200 OK', null, 'NO_RESPONSE'],
    ['the start of HTTP, then something else', 'HPE_INVALID_CONSTANT', 'HTTX/1.1', null, 'NO_RESPONSE'],
    ['a bad version', 'HPE_INVALID_VERSION', 'HTTP/7.3 200 OK', null, 'INVALID_RESPONSE'],
    ['a bad chunk', 'HPE_INVALID_CHUNK_SIZE', 'HTTP/1.1 200 OK', 200, 'INVALID_RESPONSE'],
    ['an end in the headers', 'HPE_INVALID_EOF_STATE', 'HTTP/1.1 200 OK', null, 'PREMATURE_CLOSE'],
    ['an end in the first word', 'HPE_INVALID_EOF_STATE', 'HT', null, 'PREMATURE_CLOSE'],
    ['an end in another protocol', 'HPE_INVALID_EOF_STATE', 'SS', null, 'NO_RESPONSE'],
  ])('%s: %s', (_case, code, firstBytes, httpStatus, result) => {
    expect(judge('answering', failure(code), firstBytes, httpStatus)).toBe(result);
  });

  it('takes the first of several addresses', () => {
    const several = new AggregateError([failure('ECONNREFUSED'), failure('ETIMEDOUT')]);
    expect(judge('connecting', several)).toBe('SOCKET_ISSUE');
  });

  it('describes the failure', () => {
    const { detail } = judgeFailure({
      stage: 'answering',
      error: failure('ECONNRESET', 'read'),
      firstBytes: Buffer.from('HTTP/1.1 200 OK'),
      httpStatus: 200,
    });
    expect(detail).toBe('the connection was reset before the response (200) was complete');
  });
});

describe('judgeDeadline', () => {
  it.each([
    ['connecting', 'the connection was not established within 2.5 s'],
    ['handshake', 'the TLS handshake was not complete within 2.5 s'],
    ['waiting', 'the request was sent, but no response began within 2.5 s'],
    ['answering', 'a response began, but was not complete within 2.5 s'],
  ] as const)('%s', (stage, detail) => {
    expect(judgeDeadline(stage, 2_500)).toEqual({ result: 'TIMED_OUT', detail });
  });
});

describe('describeTlsDefect', () => {
  const openssl = (words: string) =>
    `write EPROTO 80EC:error:0A00010B:SSL routines:ssl3_get_record:${words}:a.c:350:\n`;
  it.each([
    ['CERT_HAS_EXPIRED', 'certificate has expired', 'the certificate, or one above it, has expired (CERT_HAS_EXPIRED)'],
    ['EPROTO', openssl('wrong version number'), 'the server does not speak TLS on this port (wrong version number)'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', '', 'the server does not speak TLS on this port (ERR_SSL_WRONG_VERSION_NUMBER)'],
    ['EPROTO', openssl('something new'), 'TLS failed (something new)'],
    ['', 'no code at all', 'TLS failed (no code at all)'],
  ])('%s %j', (code, message, detail) => expect(describeTlsDefect(code, message)).toBe(detail));
});

const answer = (status: number, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers,
  body: new Uint8Array(),
});

describe('judgeAnswer', () => {
  it.each([
    [199, false],
    [200, true],
    [204, true],
    [206, true],
    [207, false],
    [304, false],
    [500, false],
  ])('%i', (status, isSuccess) => {
    expect(isSuccessStatus(status)).toBe(isSuccess);
    expect(judgeAnswer(answer(status)).result).toBe(isSuccess ? 'SUCCESS' : 'UNSUCCESSFUL_HTTP_RESPONSE_CODE');
  });

  it.each([
    ['application/json', 'SUCCESS'],
    ['text/html; charset=utf-8', 'SUCCESS'],
    ['text/html;CHARSET="UTF-8"', 'SUCCESS'],
    ['text/html; charset=', 'SUCCESS'],
    ['text/html; charset=Shift_JIS', 'SUCCESS'],
    ['text/html; charset=utf-32', 'SUCCESS'],
    ['text/html; x="; charset=utf-99"', 'SUCCESS'],
    ['text/html; x=y; charset=utf-99', 'UNSUPPORTED_CHARSET'],
    ["text/html; charset='utf-8'", 'UNSUPPORTED_CHARSET'],
    ['text/html; charset=utf-8, text/html', 'UNSUPPORTED_CHARSET'],
    ['not a media type', 'SUCCESS'],
  ])('%s: %s', (type, result) => expect(judgeAnswer(answer(200, { 'content-type': type })).result).toBe(result));
});

describe('planRedirect', () => {
  const first = new URL('https://a.example/in');
  const plan = (status: number, location: string, visited = [first]) => {
    const found = planRedirect(answer(status, { location }), visited);
    return found.next === 'follow' ? found.url.href : found.next === 'stop' ? found.judgement.result : 'none';
  };

  it.each([
    [301, '/out', 'https://a.example/out'],
    [302, 'out?x#y', 'https://a.example/out?x'],
    [307, 'https://b.example/', 'https://b.example/'],
    [301, 'http://a.example/in', 'http://a.example/in'],
    [301, 'http://b.example/in', 'none'],
    [301, 'http://127.0.0.1.b.example/', 'none'],
    [303, '/out', 'none'],
    [300, '/out', 'none'],
    [200, '/out', 'none'],
    [301, '#x', 'CIRCULAR_REDIRECT'],
    [301, 'https://a.example:443/in', 'CIRCULAR_REDIRECT'],
    [301, 'mailto:x@a.example', 'OTHER'],
    [301, 'http://[', 'INVALID_RESPONSE'],
  ])('%i to %s: %s', (status, location, outcome) => expect(plan(status, location)).toBe(outcome));

  it.each(['http://127.0.0.1:81/', 'http://[::1]/', 'http://localhost/'])('308 from this machine to %s', (location) => {
    expect(plan(308, location, [new URL('https://localhost/in')])).toBe(location);
    expect(plan(308, location)).toBe('UNSUCCESSFUL_HTTP_RESPONSE_CODE');
  });

  it('stops at the sixth', () => {
    const visited = [first, ...[1, 2, 3, 4].map((step) => new URL(`https://a.example/${step}`))];
    expect(plan(301, '/5', visited)).toBe('https://a.example/5');
    expect(plan(301, '/6', [...visited, new URL('https://a.example/5')])).toBe('CIRCULAR_REDIRECT');
  });
});

describe('quote', () => {
  it('bounds what a peer may say and keeps it on one line', () => {
    expect(quote('a\r\nb')).toBe('"a\\r\\nb"');
    expect(quote('x'.repeat(500))).toBe(`"${'x'.repeat(120)}…"`);
  });
});
