import { describe, expect, it } from 'vitest';
import { adviseOnIntermediary, identifyIntermediary, refusesEveryone } from '../../../src/intermediary/identify.js';
import type { ResponseEvidence } from '../../../src/intermediary/mark.js';

const URL_OF_ENDPOINT = 'http://127.0.0.1:3000/apple';

function response(status: number, body = '', headers: ResponseEvidence['headers'] = {}): ResponseEvidence {
  return { status, body, headers, visited: [URL_OF_ENDPOINT] };
}

const CLOUDFLARE = { server: 'cloudflare' };
const json = JSON.stringify;

describe('identifyIntermediary', () => {
  it.each<[string, string, ResponseEvidence]>([
    ['Supabase', 'login', response(401, json({ code: 401, message: 'Missing authorization header' }))],
    ['Supabase', 'login', response(401, json({ code: 401, message: 'Invalid JWT' }))],
    ['Kong', 'login', response(401, json({ message: 'No API key found in request' }))],
    [
      'no route here',
      'gateway',
      response(403, json({ message: 'Missing Authentication Token' }), {
        'x-amzn-errortype': 'MissingAuthenticationTokenException',
      }),
    ],
    ['no route here', 'gateway', response(403, json({ message: 'Missing Authentication Token' }))],
    [
      'an authoriser',
      'login',
      response(401, json({ message: 'Unauthorized' }), { 'x-amzn-errortype': 'UnauthorizedException' }),
    ],
    [
      'Lambda function URL',
      'login',
      response(403, json({ Message: 'Forbidden' }), { 'x-amzn-errortype': 'AccessDeniedException' }),
    ],
    [
      'Azure API Management',
      'login',
      response(401, json({ statusCode: 401, message: 'Access denied due to missing subscription key.' })),
    ],
    [
      'Google Cloud',
      'login',
      response(403, '<h2>Your client does not have permission to get URL <code>/f</code></h2>'),
    ],
    ['Appwrite', 'login', response(401, json({ code: 401, type: 'general_unauthorized_scope' }))],
    ['Nest', 'login', response(403, json({ statusCode: 403, message: 'Forbidden resource', error: 'Forbidden' }))],
    ['Django REST', 'login', response(401, json({ detail: 'Authentication credentials were not provided.' }))],
    ['FastAPI: a security', 'login', response(403, json({ detail: 'Not authenticated' }))],
    [
      'FastAPI: the model',
      'model',
      response(422, json({ detail: [{ type: 'missing', loc: ['body', 'signed_payload'] }] })),
    ],
    [
      'FastAPI: a required',
      'login',
      response(422, json({ detail: [{ type: 'missing', loc: ['header', 'x-token'] }] })),
    ],
    ['Laravel: the auth', 'login', response(401, json({ message: 'Unauthenticated.' }))],
    ["Laravel's CSRF", 'csrf', response(419, '<title>Page Expired</title>')],
    ["Rails' CSRF", 'csrf', response(422, '<h1>ActionController::InvalidAuthenticityToken</h1>')],
    ["Rails' host", 'host', response(403, '<h1>Blocked hosts: abc.ngrok.app</h1>')],
    ["Django's CSRF", 'csrf', response(403, '<h1>Forbidden</h1><p>CSRF verification failed. Request aborted.</p>')],
    ['a CSRF filter', 'csrf', response(403, 'ForbiddenError: invalid csrf token')],
    ["Vite's dev server", 'host', response(403, 'Blocked request. This host ("x.example") is not allowed.')],
    ['ERR_NGROK_3200', 'tunnel', response(404, '', { 'ngrok-error-code': 'ERR_NGROK_3200' })],
    ['ERR_NGROK_8012', 'tunnel', response(502, '', { 'ngrok-error-code': 'ERR_NGROK_8012' })],
    ['ngrok answers', 'tunnel', response(400, '', { 'ngrok-error-code': 'ERR_NGROK_9999' })],
    ["ngrok's warning page", 'bot', response(200, '', { 'ngrok-error-code': 'ERR_NGROK_6024' })],
    ['connection to the tunnel (1033)', 'tunnel', response(530, 'error code: 1033', CLOUDFLARE)],
    ['connection to the tunnel (1033)', 'tunnel', response(530, '<span class="cf-error-code">1033</span>', CLOUDFLARE)],
    ['firewall refuses the request (1020)', 'bot', response(403, 'error code: 1020', CLOUDFLARE)],
    ['(522)', 'tunnel', response(522, 'error code: 522', CLOUDFLARE)],
    ['(530)', 'tunnel', response(530, '', CLOUDFLARE)],
    ['cloudflared cannot reach', 'tunnel', response(502, 'Unable to reach the origin service.')],
    [
      'Heroku: no such app',
      'gateway',
      response(404, '<iframe src="//www.herokucdn.com/error-pages/no-such-app.html">'),
    ],
    ['Vercel: no such', 'gateway', response(404, '', { 'x-vercel-error': 'DEPLOYMENT_NOT_FOUND' })],
    ['HTTP Basic', 'login', response(401, '', { 'www-authenticate': 'Basic realm="x"' })],
    ['bearer token', 'login', response(401, '', { 'www-authenticate': 'Bearer' })],
    ['AWS WAF', 'bot', response(202, '', { 'x-amzn-waf-action': 'challenge' })],
    ['a dev tunnel', 'login', response(302, '', { location: 'https://tunnels.api.visualstudio.com/auth/x' })],
    [
      'Cloudflare Access',
      'login',
      response(302, '', { location: 'https://team.cloudflareaccess.com/cdn-cgi/access/login' }),
    ],
  ])('%s', (name, kind, evidence) => {
    const found = identifyIntermediary(evidence);
    expect(found).toMatchObject({ kind, isCertain: true });
    expect(found!.name).toContain(name);
  });

  it.each([
    ['Nest', response(401, json({ statusCode: 401, message: 'Unauthorized' }))],
    ['Spring', response(403, json({ timestamp: '2026-11-29', status: 403, error: 'Forbidden', path: '/apple' }))],
    ['API Gateway', response(401, json({ message: 'Unauthorized' }), { 'apigw-requestid': 'x=' })],
  ])('%s is a possibility only, since a handler may answer the same', (name, evidence) => {
    const found = identifyIntermediary(evidence);
    expect(found).toMatchObject({ isCertain: false });
    expect(found!.name).toContain(name);
  });

  it.each([
    ['a handler that refuses with 400', response(400, json({ error: 'signedPayload: the signature does not match' }))],
    ['a handler that refuses with 401', response(401, json({ error: 'INVALID_SIGNATURE' }))],
    ['a handler that refuses with 403', response(403, 'forbidden')],
    ['an empty 200', response(200)],
    ['a handler behind Cloudflare', response(400, json({ error: 'bad signature' }), CLOUDFLARE)],
    ['a handler behind API Gateway', response(400, json({ error: 'bad signature' }), { 'apigw-requestid': 'x=' })],
    ['an endpoint under /login', { ...response(400), visited: ['http://127.0.0.1/login/apple'] }],
  ])('%s is no intermediary', (_case, evidence) => expect(identifyIntermediary(evidence)).toBeNull());
});

describe('refusesEveryone', () => {
  const refusal = response(401, '{"error":"no","requestId":"4f1c6f7e0a9b"}');
  const other = response(401, '{"error":"no","requestId":"0a9b4f1c6f7e"}');
  it.each([
    ['the same to GET and an empty POST', { get: other, emptyPost: other }, 'all'],
    ['the same to an empty POST', { get: response(405), emptyPost: other }, 'post'],
    ['another body to an empty POST', { get: other, emptyPost: response(401, '{"error":"empty"}') }, null],
    ['no response to an empty POST', { get: other, emptyPost: null }, null],
  ] as const)('%s', (_case, rest, expected) => {
    expect(refusesEveryone({ notification: refusal, ...rest })).toBe(expected);
  });

  it.each([400, 422, 404, 500])('%i is no refusal of a guard', (status) => {
    const same = response(status, 'x');
    expect(refusesEveryone({ notification: same, emptyPost: same, get: same })).toBeNull();
  });
});

describe('adviseOnIntermediary', () => {
  const guard = { kind: 'csrf', fix: "except: ['{path}']" } as const;
  it('names the path of a local URL', () => {
    expect(adviseOnIntermediary(guard, new URL(URL_OF_ENDPOINT))).toBe("except: ['/apple']");
  });
  it('keeps the path of a public one', () => {
    const shown = adviseOnIntermediary({ kind: 'login', fix: null }, new URL('https://example.com/s3cret'));
    expect(shown).not.toContain('s3cret');
    expect(shown).toContain('the path of the endpoint');
  });
});
