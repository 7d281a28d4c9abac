import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { describeFailure } from '../../../src/http/request.js';

const failure = (code: string): Error => Object.assign(new Error('what node says'), { code });

describe('describeFailure', () => {
  it.each([
    ['ENOTFOUND', 'ERR_HTTP_UNREACHABLE', 'could not be resolved (ENOTFOUND)'],
    ['EAI_AGAIN', 'ERR_HTTP_UNREACHABLE', 'could not be resolved (EAI_AGAIN)'],
    ['ECONNREFUSED', 'ERR_HTTP_UNREACHABLE', 'refused the connection'],
    ['ECONNRESET', 'ERR_HTTP_UNREACHABLE', 'closed the connection before the response was complete'],
    ['UND_ERR_SOCKET', 'ERR_HTTP_UNREACHABLE', 'closed the connection before the response was complete'],
    ['EHOSTUNREACH', 'ERR_HTTP_UNREACHABLE', 'cannot be reached from this network (EHOSTUNREACH)'],
    ['CERT_HAS_EXPIRED', 'ERR_HTTP_UNREACHABLE', 'could not be reached over TLS (CERT_HAS_EXPIRED)'],
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERR_HTTP_UNREACHABLE',
      'could not be reached over TLS (DEPTH_ZERO_SELF_SIGNED_CERT)',
    ],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'ERR_HTTP_UNREACHABLE',
      'could not be reached over TLS (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
    [
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ERR_HTTP_UNREACHABLE',
      'could not be reached over TLS (ERR_SSL_WRONG_VERSION_NUMBER)',
    ],
    ['HPE_INVALID_CONSTANT', 'ERR_HTTP_UNREACHABLE', 'sent a malformed HTTP response (HPE_INVALID_CONSTANT)'],
    ['UND_ERR_CONNECT_TIMEOUT', 'ERR_HTTP_TIMEOUT', 'did not accept a connection in time'],
    ['ETIMEDOUT', 'ERR_HTTP_TIMEOUT', 'did not accept a connection in time'],
    ['UND_ERR_HEADERS_OVERFLOW', 'ERR_HTTP_TOO_LARGE', 'sent response headers that are too large'],
    ['ESOMETHING', 'ERR_HTTP_UNREACHABLE', 'could not be reached (ESOMETHING)'],
  ])('%s', (code, toolCode, message) => {
    const cause = failure(code);
    expect(describeFailure(cause, 'a.example')).toMatchObject({
      name: 'ToolError',
      kind: 'remote',
      code: toolCode,
      message: `a.example ${message}`,
      cause,
    });
  });

  it('takes the code of the first address tried, or of the cause', () => {
    const several = new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')]);
    const wrapped = new TypeError('fetch failed', { cause: several });
    expect(describeFailure(several, 'a')).toMatchObject({ message: 'a refused the connection' });
    expect(describeFailure(wrapped, 'a')).toMatchObject({ message: 'a refused the connection' });
  });

  it('recognises a malformed HTTP response, for which undici gives no code', () => {
    const error = Object.assign(new Error('does not match'), { name: 'HTTPParserError', code: undefined });
    const message = 'a sent a malformed HTTP response';
    expect(describeFailure(error, 'a')).toMatchObject({ code: 'ERR_HTTP_UNREACHABLE', message });
  });

  it.each([
    ['an error without a code', new TypeError('x is not a function')],
    ['a request that undici refuses to make', failure('UND_ERR_INVALID_ARG')],
    ['an error of ours', new ToolError('remote', 'ERR_HTTP_TOO_LARGE', 'too large')],
    ['no error', 'text'],
  ])('returns %s unchanged', (_what, error) => {
    expect(describeFailure(error, 'a')).toBe(error);
  });
});
